import type { Outgoing, Response, RpcError } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import { chunk, LAST_CHUNK, type Reply } from './reply.ts';
import type { Sessions } from './sessions.ts';

/** Answers one request over the wire. A mode IS such a function: a test can pass one of its own. */
export type Answer = (exchange: Exchange) => Promise<void>;

/** One HTTP request, and all that a mode needs to answer it. */
export interface Exchange {
  readonly request: Received;
  readonly reply: Reply;
  readonly sessions: Sessions;
  /** Legacy: event id -> the response that a GET with this `Last-Event-ID` is answered with. */
  readonly replays: Map<string, Response>;
  /**
   * Does what the request asks for. What the server says before the response goes to `send`;
   * without one (a JSON body has no room for it) it is dropped.
   */
  run(send?: (message: Outgoing) => Promise<void>): Promise<Outcome>;
  /** Waits for `lab.release()`, for the client to go away, or for `ms` milliseconds where they are given. */
  hold(ms?: number): Promise<void>;
}

export function event(message: Outgoing): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/** A mode that answers with an event stream: earlier messages as they come, and the response the way `send` sends it. */
export function inEventStream(send: (response: Response, exchange: Exchange) => Promise<void>): Answer {
  return async (exchange) => {
    const { reply } = exchange;
    const outcome = await exchange.run((message) => reply.write(reply.opening(), chunk(event(message))));
    switch (outcome.kind) {
      case 'response':
        return send(outcome.response, exchange);
      case 'http':
        return outcome.answer(exchange);
      case 'cancelled':
        // As the official SDK 1.x does: the stream stays open, and stays silent, until the client closes it.
        await exchange.hold();
        return reply.write(reply.opening(), LAST_CHUNK);
    }
  };
}

/** A mode that answers with one body, or breaks off before any. */
export function inOneBody(send: (response: Response, exchange: Exchange) => Promise<void>): Answer {
  return async (exchange) => {
    const outcome = await exchange.run();
    if (outcome.kind === 'response') return send(outcome.response, exchange);
    if (outcome.kind === 'http') return outcome.answer(exchange);
    return exchange.reply.end();
  };
}

export interface HttpAnswer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string;
}

/** A whole response in one write, with a Content-Length. */
export function httpAnswer(status: number, { headers = {}, type, body = '' }: HttpAnswer = {}): Answer {
  return async ({ reply }) => {
    const contentType = type === undefined ? {} : { 'Content-Type': type };
    const length = { 'Content-Length': String(Buffer.byteLength(body)) };
    await reply.write(reply.head(status, { ...contentType, ...length, ...headers }), body);
  };
}

export function jsonAnswer(status: number, body: object): Answer {
  return httpAnswer(status, { type: 'application/json', body: JSON.stringify(body) });
}

/** A JSON-RPC error under an HTTP status of its own, as MCP servers refuse a request. */
export function refusal(status: number, error: RpcError, id: string | number | null = null): Answer {
  return jsonAnswer(status, { jsonrpc: '2.0', id, error });
}

export const accepted: Answer = httpAnswer(202);
