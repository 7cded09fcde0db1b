import { buildConnector, Client } from 'undici';
import { bareRequest, bareText } from './bareRequest.ts';
import type { BenchClient, Target } from './benchClient.ts';

/** A connection for each call, closed at the response. Over TLS it resumes the session of the one before. */
export class FreshClient implements BenchClient {
  readonly #connect: buildConnector.connector;
  readonly #origin: string;
  readonly #path: string;
  #calls = 0;

  constructor({ url, ca }: Target) {
    const { origin, pathname } = new URL(url);
    this.#origin = origin;
    this.#path = pathname;
    this.#connect = buildConnector({ allowH2: false, ...(ca !== undefined && { ca: ca.pem }) });
  }

  async connect(): Promise<void> {
    await this.call(0);
  }

  async call(bytes: number): Promise<string> {
    this.#calls += 1;
    const client = new Client(this.#origin, { connect: this.#connect, allowH2: false });
    const { body } = await client.request(bareRequest(this.#path, this.#calls, bytes));
    body.setEncoding('utf8');
    let stream = '';
    for await (const text of body) {
      stream += text;
      if (stream.endsWith('\n\n')) break;
    }
    void client.destroy();
    return bareText(stream);
  }

  async close(): Promise<void> {}
}
