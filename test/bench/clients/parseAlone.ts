import { createParser } from 'eventsource-parser';
import { request } from 'undici';
import { bareRequest } from './bareRequest.ts';
import { type BenchClient, type Target, textOf } from './benchClient.ts';

/**
 * What no client can do without: the stream is in memory, in one piece; a call decodes and parses it, and then its
 * JSON. Piece by piece, as it came from the socket, takes longer.
 */
export class ParseAlone implements BenchClient {
  readonly #url: URL;
  readonly #ca: Target['ca'];
  #fetched: { readonly bytes: number; readonly stream: Uint8Array } | undefined;

  constructor({ url, ca }: Target) {
    this.#url = new URL(url);
    this.#ca = ca;
  }

  async connect(): Promise<void> {
    if (this.#ca !== undefined) throw new Error('parsing alone has nothing to do with TLS');
  }

  async call(bytes: number): Promise<string> {
    if (this.#fetched?.bytes !== bytes) this.#fetched = { bytes, stream: await this.#fetch(bytes) };
    let text: string | undefined;
    const parser = createParser({
      onEvent: ({ data }) => {
        text = textOf((JSON.parse(data) as { result: object }).result);
      },
    });
    parser.feed(new TextDecoder().decode(this.#fetched.stream));
    if (text === undefined) throw new Error('the stream ended before its event');
    return text;
  }

  async close(): Promise<void> {}

  async #fetch(bytes: number): Promise<Uint8Array> {
    const { path, ...options } = bareRequest(this.#url.pathname, 1, bytes);
    const { body } = await request(new URL(path, this.#url), options);
    return body.bytes();
  }
}
