import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type BenchClient, type Target, textOf } from './benchClient.ts';

/** The official client 1.x over the global `fetch`. It speaks the legacy revisions alone: with a session and a GET stream. */
export class Sdk1Client implements BenchClient {
  readonly #client = new Client({ name: 'bench', version: '1.0.0' });
  readonly #transport: StreamableHTTPClientTransport;

  constructor({ url }: Target) {
    this.#transport = new StreamableHTTPClientTransport(new URL(url));
  }

  async connect(): Promise<void> {
    // SDK 1's own types do not hold under exactOptionalPropertyTypes.
    await this.#client.connect(this.#transport as Parameters<Client['connect']>[0]);
    await this.#client.listTools();
  }

  async call(bytes: number): Promise<string> {
    const result = await this.#client.callTool({ name: 'sized', arguments: { bytes } });
    return textOf({ content: result.content });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
