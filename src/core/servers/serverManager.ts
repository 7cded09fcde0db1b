import { isSameServer } from '../config/proxyFor.ts';
import type { ServerConfig } from '../config/serverConfig.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import { McpServer } from './mcpServer.ts';
import type { ServerCallbacks } from './serverCallbacks.ts';

export interface ServerManagerOptions {
  readonly callbacks: (server: string) => ServerCallbacks;
  readonly clock?: Clock;
  readonly clientInfo?: Implementation;
  /** As a connection's own. */
  readonly recordBytes?: number;
}

/** The servers of the settings, by name. A changed entry touches its own server and no other. */
export class ServerManager {
  readonly #options: ServerManagerOptions;
  readonly #connections = new Map<string, McpServer>();
  /** Replaced ones, until the calls that were in flight have finished. */
  readonly #retiring = new Set<McpServer>();

  constructor(options: ServerManagerOptions) {
    this.#options = options;
  }

  /** Makes the servers be these: equal ones are left alone, changed ones replaced, missing ones ended. */
  apply(configs: readonly ServerConfig[]): void {
    const wanted = new Map(configs.map((config) => [config.name, config]));
    for (const [name, connection] of this.#connections) {
      const next = wanted.get(name);
      if (next !== undefined && isSameServer(connection.config, next)) {
        connection.adopt(next);
        continue;
      }
      this.#connections.delete(name);
      this.#retire(connection);
    }
    for (const [name, config] of wanted) {
      if (this.#connections.has(name)) continue;
      const { callbacks, clock = systemClock, clientInfo, recordBytes } = this.#options;
      const identity = clientInfo === undefined ? {} : { clientInfo };
      this.#connections.set(
        name,
        new McpServer({ config, callbacks: callbacks(name), clock, recordBytes, ...identity }),
      );
    }
  }

  get(name: string): McpServer | undefined {
    return this.#connections.get(name);
  }

  /** In the order in which they were given. */
  all(): readonly McpServer[] {
    return [...this.#connections.values()];
  }

  /** At once: calls in flight fail with `closed`. */
  async close(): Promise<void> {
    await Promise.all([...this.all(), ...this.#retiring].map((connection) => connection.close()));
    this.#connections.clear();
  }

  #retire(connection: McpServer): void {
    this.#retiring.add(connection);
    void connection.retire().finally(() => this.#retiring.delete(connection));
  }
}
