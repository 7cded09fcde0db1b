import { once } from 'node:events';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Message, Response } from './jsonrpc.ts';
import { CAPABILITIES_META, MODERN_VERSION, PROTOCOL_VERSION_META } from './modern.ts';

/** What came back, with times in milliseconds since the request was handed to the socket. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it was cut into chunks. */
  readonly pieces: readonly Buffer[];
  readonly body: string;
  readonly headMs: number;
  /** Of the body's first piece; NaN where there was none. */
  readonly firstPieceMs: number;
  readonly endMs: number;
}

/** A request on its way: each promise rejects when the connection breaks before. */
export interface RawExchange {
  /** The body so far. */
  readonly text: () => string;
  /** Resolves once the body holds `part`. */
  readonly until: (part: string) => Promise<void>;
  readonly end: Promise<RawAnswer>;
  /** Hangs up. */
  readonly abort: () => void;
}

export interface RawClientOptions {
  /** How many connections it keeps; 1 by default, so that every call after the first reuses it. */
  readonly connections?: number;
  /** PEM of the authority to trust. */
  readonly ca?: string;
}

/** node's own HTTP client and nothing else: to test the lab and the peers without any code of Sluice. */
export class RawClient {
  readonly #url: URL;
  readonly #agent: HttpAgent;
  #ids = 0;

  constructor(url: string, { connections = 1, ca }: RawClientOptions = {}) {
    this.#url = new URL(url);
    const options = { keepAlive: true, maxSockets: connections, ...(ca !== undefined && { ca }) };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** A request of revision 2026-07-28, with the headers that mirror it. */
  modern(method: string, params: Message['params'] = {}, headers: Record<string, string> = {}): RawExchange {
    const _meta = { [PROTOCOL_VERSION_META]: MODERN_VERSION, [CAPABILITIES_META]: {}, ...params._meta };
    return this.post({ ...params, _meta }, method, {
      'MCP-Protocol-Version': MODERN_VERSION,
      'Mcp-Method': method,
      ...(params.name !== undefined && { 'Mcp-Name': params.name }),
      ...headers,
    });
  }

  call(name: string, args: Record<string, unknown> = {}): RawExchange {
    return this.modern('tools/call', { name, arguments: args });
  }

  post(params: Message['params'], method: string, headers: Record<string, string> = {}): RawExchange {
    this.#ids += 1;
    return this.send({ jsonrpc: '2.0', id: this.#ids, method, ...(params && { params }) }, headers);
  }

  send(message: Message, headers: Record<string, string> = {}): RawExchange {
    const body = JSON.stringify(message);
    const accept = { Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json' };
    return this.http('POST', { ...accept, ...headers }, body);
  }

  http(method: string, headers: Record<string, string>, body = ''): RawExchange {
    const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = { 'Content-Length': String(Buffer.byteLength(body)) };
    const sent = request(this.#url, { method, headers: { ...length, ...headers }, agent: this.#agent });
    let sentAt = performance.now();
    sent.once('socket', () => {
      sentAt = performance.now();
    });
    // A connection that breaks in mid-body fails the response with `aborted`; the request's error tells by what.
    let brokenBy: Error | undefined;
    sent.on('error', (error) => {
      brokenBy = error;
    });
    const pieces: Buffer[] = [];
    const watchers = new Set<() => void>();
    const text = () => Buffer.concat(pieces).toString();
    const answer = async (): Promise<RawAnswer> => {
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const headMs = performance.now() - sentAt;
      let firstPieceMs = Number.NaN;
      response.on('data', (piece: Buffer) => {
        if (pieces.length === 0) firstPieceMs = performance.now() - sentAt;
        pieces.push(piece);
        for (const watcher of watchers) watcher();
      });
      await once(response, 'end');
      const endMs = performance.now() - sentAt;
      const { statusCode: status = 0, headers } = response;
      return { status, headers, pieces, body: text(), headMs, firstPieceMs, endMs };
    };
    const end = answer().catch((error) => {
      throw brokenBy ?? error;
    });
    // A test that hangs up does not ask how it ended.
    end.catch(() => {});
    sent.end(body);
    const until = (part: string) =>
      new Promise<void>((resolve, reject) => {
        const watcher = () => {
          if (text().includes(part)) resolve();
        };
        watchers.add(watcher);
        watcher();
        end.then(() => reject(new Error(`the body ended without ${part}: ${text()}`)), reject);
      });
    return { text, until, end, abort: () => sent.destroy() };
  }

  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The JSON-RPC messages of a plain event stream, or of a JSON body. For streams that are cut oddly use a real parser. */
export function messagesOf({ headers, body }: RawAnswer): readonly Response[] {
  if (headers['content-type']?.startsWith('application/json')) return [JSON.parse(body) as Response];
  return body
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Response);
}
