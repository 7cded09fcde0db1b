import type { PoolConfig, ServerConfig } from '../config/serverConfig.ts';
import { ServerConnection } from '../connections/serverConnection.ts';
import { readTlsIdentity } from '../connections/tlsIdentity.ts';
import { createConnector } from '../http/connector.ts';
import type { Finding } from '../http/learning/originFacts.ts';
import { originOf } from '../http/origin.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import type { ServerInfo } from '../mcp/serverInfo.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Probe, Sample } from './diagnosis.ts';
import { OpenedSockets } from './openedSockets.ts';
import { type WireExchange, WireLog } from './wireLog.ts';

export interface ProbeLineOptions {
  readonly config: ServerConfig;
  readonly probe: Probe;
  readonly reuse: Extract<PoolConfig['reuse'], 'always' | 'never'>;
  /** Milliseconds that the rest of a response is read. */
  readonly drain: number;
  /** The revision, where it is known already. */
  readonly protocolVersion?: string;
  readonly clientInfo: Implementation;
  readonly clock: Clock;
}

/** Bytes of a response's rest that are read, so that what a server still sends can be told. */
const DRAIN_BYTES = 1_048_576;
/** Longer than any diagnosis. */
const NEVER_IDLE = 3_600_000;

/**
 * A way to the server that belongs to one diagnosis: the user's calls do not disturb it, nor it them, and nothing that
 * was learnt from them is known here. It has one connection at a time, and everything on it is watched.
 */
export class ProbeLine {
  readonly log = new WireLog();
  readonly sockets = new OpenedSockets();
  readonly #options: ProbeLineOptions;
  readonly #connection: ServerConnection;

  constructor(options: ProbeLineOptions) {
    this.#options = options;
    const { config, reuse, drain, protocolVersion, clientInfo, clock } = options;
    const origin = originOf(new URL(config.url));
    const { http2, proxy } = config;
    const connector = readTlsIdentity(config).then((tls) =>
      this.sockets.watch(createConnector({ origin, tls, http2, proxy, clock })),
    );
    // Whoever probes hears of it.
    connector.catch(() => undefined);
    this.#connection = new ServerConnection({
      config: {
        ...config,
        pool: {
          ...config.pool,
          maxConnections: 1,
          warmConnections: 0,
          reuse,
          idleTimeout: NEVER_IDLE,
        },
        drain: { timeout: drain, maxBytes: DRAIN_BYTES },
      },
      callbacks: {
        traceLevel: () => 'trace',
        onTrace: (event) => this.log.add(event),
        onState: () => undefined,
        onActivity: () => undefined,
        recallProtocol: () => protocolVersion,
      },
      clientInfo,
      clock,
      carrier: { connector: async (signal) => (await connector)(signal) },
    });
  }

  /** All that is done once and would otherwise be in the first probe. @throws SluiceError */
  async connect(signal: AbortSignal): Promise<ServerInfo> {
    const info = await this.#connection.connect({ signal });
    if (this.#options.probe.kind === 'tool') await this.#connection.listTools({ signal });
    return info;
  }

  /**
   * One probe, to the end of its response.
   * @param rest milliseconds that its connection was left in peace
   * @throws SluiceError
   */
  async probe(rest: number, signal: AbortSignal): Promise<Sample> {
    const { probe } = this.#options;
    const { timing, wire, drained } =
      probe.kind === 'ping'
        ? await this.#connection.ping({ signal })
        : await this.#connection.callTool(probe.tool, probe.arguments, {
            signal,
            // Without a listener no progress is asked for.
            onProgress: () => undefined,
          });
    return { rest: wire.use > 1 ? rest : undefined, timing, wire, drain: await drained };
  }

  /** What the last probe's response looked like. */
  /** The server's, as it may be shown. */
  get url(): string {
    return this.#connection.url;
  }

  get lastAnswer(): WireExchange | undefined {
    return this.log.exchanges.findLast(({ method, status }) => method === 'POST' && status !== 0);
  }

  findings(): readonly Finding[] {
    return this.#connection.snapshot().findings;
  }

  /** Ends the session and closes the sockets. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
