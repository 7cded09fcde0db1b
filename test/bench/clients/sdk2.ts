import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type BenchClient, type Target, textOf } from './benchClient.ts';

/** The official client 2.x over the global `fetch`, in the same revision of the protocol as Sluice. */
export class Sdk2Client implements BenchClient {
  readonly #client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  readonly #url: URL;

  constructor({ url }: Target) {
    this.#url = new URL(url);
  }

  async connect(): Promise<void> {
    await this.#client.connect(new StreamableHTTPClientTransport(this.#url));
    await this.#client.listTools();
  }

  async call(bytes: number): Promise<string> {
    return textOf(await this.#client.callTool({ name: 'sized', arguments: { bytes } }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
