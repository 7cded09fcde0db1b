import { Pool } from 'undici';
import { bareRequest, bareText } from './bareRequest.ts';
import type { BenchClient, Target } from './benchClient.ts';

/**
 * The least that keeps a connection alive: undici, one socket for calls in sequence, the stream read to its end, one
 * JSON.parse. It never comes back from a server that leaves the stream open.
 */
export class KeepAliveClient implements BenchClient {
  readonly #pool: Pool;
  readonly #path: string;
  #calls = 0;

  constructor({ url, ca, sockets }: Target) {
    const { origin, pathname } = new URL(url);
    this.#path = pathname;
    this.#pool = new Pool(origin, {
      connections: sockets,
      allowH2: false,
      ...(ca !== undefined && { connect: { ca: ca.pem } }),
    });
  }

  async connect(): Promise<void> {
    await this.call(0);
  }

  async call(bytes: number): Promise<string> {
    this.#calls += 1;
    const { body } = await this.#pool.request(bareRequest(this.#path, this.#calls, bytes));
    return bareText(await body.text());
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
