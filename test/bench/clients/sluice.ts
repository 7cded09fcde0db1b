import { McpServer } from '../../../src/core/index.ts';
import { formatTraceEvent } from '../../../src/ui/trace/formatTrace.ts';
import { serverConfig } from '../../integration/core/connectTo.ts';
import { type BenchClient, type Target, textOf } from './benchClient.ts';

/** Sluice through its public door. Traced: every event is built and made a line of text, when the log channel does so. */
export class SluiceClient implements BenchClient {
  readonly #connection: McpServer;
  #characters = 0;

  constructor({ url, ca }: Target, { traced }: { traced: boolean }) {
    this.#connection = new McpServer({
      config: serverConfig(url, ca === undefined ? {} : { tls: { ca: ca.file } }),
      callbacks: {
        traceLevel: () => (traced ? 'trace' : 'off'),
        onTrace: (event) => {
          this.#characters += formatTraceEvent(event).length;
        },
        traceDelay: 10,
        onState: () => {},
        onActivity: () => {},
      },
    });
  }

  async connect(): Promise<void> {
    await this.#connection.listTools();
  }

  typing(): void {
    this.#connection.warmUp();
  }

  async call(bytes: number): Promise<string> {
    return textOf((await this.#connection.callTool('sized', { bytes })).result);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
