import { once } from 'node:events';
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Message, type Response, SCHEMA_UNCHECKED } from './jsonrpc.ts';
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

/** Requests as JSON-RPC over HTTP, whatever version of it carries them. */
export abstract class RawRequests {
  #ids = 0;

  abstract http(method: string, headers: Record<string, string>, body?: string): RawExchange;

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
}

/** The body of an answer while it comes in. */
export class RawBody {
  readonly pieces: Buffer[] = [];
  firstPieceAt = Number.NaN;
  readonly #watchers = new Set<() => void>();

  add(piece: Buffer): void {
    if (this.pieces.length === 0) this.firstPieceAt = performance.now();
    this.pieces.push(piece);
    for (const watcher of this.#watchers) watcher();
  }

  text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  /** Resolves once the body holds `part`; rejects where `end` comes first. */
  until(part: string, end: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = () => {
        if (this.text().includes(part)) resolve();
      };
      this.#watchers.add(watcher);
      watcher();
      end.then(() => reject(new Error(`the body ended without ${part}: ${this.text()}`)), reject);
    });
  }
}

export interface RawClientOptions {
  /** How many connections it keeps; 1 by default, so that every call after the first reuses it. */
  readonly connections?: number;
  /** PEM of the authority to trust. */
  readonly ca?: string;
  /** What the client shows where the server asks for a certificate. PEM. */
  readonly key?: string;
  readonly cert?: string;
  readonly passphrase?: string;
}

/** node's own HTTP client and nothing else: to test the lab and the peers without any code of Sluice. */
export class RawClient extends RawRequests {
  readonly #url: URL;
  readonly #agent: HttpAgent;

  constructor(url: string, { connections = 1, ...tls }: RawClientOptions = {}) {
    super();
    this.#url = new URL(url);
    const options = { keepAlive: true, maxSockets: connections };
    this.#agent =
      this.#url.protocol === 'https:' ? new HttpsAgent({ ...options, ...tls }) : new HttpAgent(options);
  }

  override http(method: string, headers: Record<string, string>, sentBody = ''): RawExchange {
    const request = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = {
      'Content-Length': String(Buffer.byteLength(sentBody)),
      [SCHEMA_UNCHECKED]: 'raw client',
    };
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
    const body = new RawBody();
    const answer = async (): Promise<RawAnswer> => {
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const headMs = performance.now() - sentAt;
      response.on('data', (piece: Buffer) => body.add(piece));
      await once(response, 'end');
      const endMs = performance.now() - sentAt;
      const { statusCode: status = 0, headers } = response;
      const { pieces, firstPieceAt } = body;
      return {
        status,
        headers,
        pieces,
        body: body.text(),
        headMs,
        firstPieceMs: firstPieceAt - sentAt,
        endMs,
      };
    };
    const end = answer().catch((error) => {
      throw brokenBy ?? error;
    });
    // A test that hangs up does not ask how it ended.
    end.catch(() => {});
    sent.end(sentBody);
    return {
      text: () => body.text(),
      until: (part) => body.until(part, end),
      end,
      abort: () => sent.destroy(),
    };
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
