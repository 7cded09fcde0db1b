import { Bag } from '../bag.ts';
import type { SluiceError } from '../errors.ts';
import type { Far, Following } from '../http/connectionPool.ts';
import { closedError } from '../http/poolFailure.ts';
import type { HttpClient } from './httpClient.ts';
import type { PostedRequest } from './postedRequest.ts';
import { StreamableSession } from './streamableSession.ts';
import type { Endpoint } from './transport.ts';
import type { WireRules } from './wireRules.ts';

/** The MCP endpoint of Streamable HTTP: one URL for all that is sent, over all sessions (2025-03-26 to 2026-07-28). */
export class StreamableHttp implements Endpoint {
  readonly kind = 'streamable-http';
  /** Requests under way, of all sessions: their ids are never the same. */
  readonly underWay = new Bag<PostedRequest>();
  readonly #http: HttpClient;
  readonly #sessions = new Set<StreamableSession>();
  #url: URL;

  constructor(http: HttpClient, url: URL) {
    this.#http = http;
    this.#url = url;
  }

  get url(): URL {
    return this.#url;
  }

  expect(following: Following, far: Far): void {
    this.#http.pool.expect(following, far);
  }

  transport(rules: WireRules | undefined, sessionId?: string): StreamableSession {
    return new StreamableSession({
      http: this.#http,
      endpoint: this,
      rules,
      sessionId,
      onListening: (session, isListening) => {
        if (isListening) this.#sessions.add(session);
        else this.#sessions.delete(session);
      },
    });
  }

  /**
   * Another path of the same origin is followed and kept; another origin must be the user's decision.
   * @returns whether the request may be sent again
   */
  follow({ status, location }: SluiceError): boolean {
    // 301 to 303 turn a POST into a GET, which is not what was asked for.
    if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location)) return false;
    const target = new URL(location);
    if (target.origin !== this.#url.origin) return false;
    this.#http.warn(`the server redirects ${this.#url.pathname} to ${target.pathname}: followed`);
    this.#url = target;
    return true;
  }

  /** What no connection carries at the moment ends too: a stream that was to be opened again. */
  close(): void {
    for (const session of this.#sessions) session.leave();
    for (const posted of [...this.underWay]) posted.callOff(closedError());
  }
}
