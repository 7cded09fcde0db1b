import * as vscode from 'vscode';
import {
  DEFAULT_DRAIN,
  DEFAULT_HTTP2,
  DEFAULT_POOL,
  DEFAULT_REQUEST_TIMEOUT,
  type ServerSettings,
} from '../../core/config/serverConfig.ts';
import type * as Demo from '../../demo/index.ts';

type Running = Awaited<ReturnType<typeof Demo.startDemoServer>>;

/** The embedded demo server: a bundle of its own, loaded and listening only between start and stop. */
export class DemoServer {
  readonly #changed = new vscode.EventEmitter<void>();
  #starting: Promise<Running> | undefined;
  #settings: ServerSettings | undefined;

  readonly onDidChange = this.#changed.event;

  /** The demo as one more configured server, while it runs. It is held in memory: settings.json stays as it is. */
  get settings(): ServerSettings | undefined {
    return this.#settings;
  }

  /**
   * Starts the demo where it does not run yet.
   * @param name how to call it where it is started now
   */
  async start(name: string): Promise<ServerSettings> {
    if (this.#starting === undefined) {
      this.#starting = import('../../demo/index.ts').then(({ startDemoServer }) => startDemoServer());
      this.#starting.catch(() => {
        this.#starting = undefined;
      });
    }
    const { url } = await this.#starting;
    if (this.#settings === undefined) {
      this.#settings = {
        name,
        url,
        headers: {},
        protocol: 'auto',
        requestTimeout: DEFAULT_REQUEST_TIMEOUT,
        pool: DEFAULT_POOL,
        drain: DEFAULT_DRAIN,
        http2: DEFAULT_HTTP2,
        tls: {},
        enabled: true,
      };
      this.#changed.fire();
    }
    return this.#settings;
  }

  async stop(): Promise<void> {
    const starting = this.#starting;
    this.#starting = undefined;
    this.#settings = undefined;
    this.#changed.fire();
    await (await starting)?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    this.#changed.dispose();
  }
}
