import { jsonBytes } from './jsonBytes.ts';
import type { Outgoing, Response, RpcError } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import { buffersOf, byteLength, END, type HttpVersion, type Piece, type Reply } from './reply.ts';
import type { Sessions } from './sessions.ts';

/** Answers one request over the wire. A mode IS such a function: a test can pass one of its own. */
export interface Answer {
  (exchange: Exchange): Promise<void>;
  /** The one version of HTTP in which it has a meaning; absent where it has one in each. */
  readonly only?: HttpVersion;
}

/** One HTTP request, and all that a mode needs to answer it. */
export interface Exchange<R extends Reply = Reply> {
  readonly request: Received;
  readonly reply: R;
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

/** The same as bytes: for modes that send it whole. */
export function eventBytes(message: Outgoing): readonly Buffer[] {
  return [Buffer.from('event: message\ndata: '), ...jsonBytes(message), Buffer.from('\n\n')];
}

/** A mode that answers with an event stream: earlier messages as they come, and the response the way `send` sends it. */
export function inEventStream<R extends Reply>(
  send: (response: Response, exchange: Exchange<R>) => Promise<void>,
): (exchange: Exchange<R>) => Promise<void> {
  return async (exchange) => {
    const { reply } = exchange;
    const outcome = await exchange.run((message) => reply.write(reply.opening(), event(message)));
    switch (outcome.kind) {
      case 'response':
        return send(outcome.response, exchange);
      case 'http':
        return outcome.answer(exchange);
      case 'cancelled':
        // As the official SDK 1.x does: the stream stays open, and stays silent, until the client closes it.
        await exchange.hold();
        return reply.write(reply.opening(), END);
    }
  };
}

/** A mode that answers with one body, or breaks off before any. */
export function inOneBody<R extends Reply>(
  send: (response: Response, exchange: Exchange<R>) => Promise<void>,
): (exchange: Exchange<R>) => Promise<void> {
  return async (exchange) => {
    const outcome = await exchange.run();
    if (outcome.kind === 'response') return send(outcome.response, exchange);
    if (outcome.kind === 'http') return outcome.answer(exchange);
    return exchange.reply.hangUp();
  };
}

export interface HttpAnswer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: Piece;
}

/** A whole response in one write, with a Content-Length. */
export function httpAnswer(status: number, { headers = {}, type, body = '' }: HttpAnswer = {}): Answer {
  return async ({ reply }) => {
    const contentType = type === undefined ? {} : { 'Content-Type': type };
    const length = { 'Content-Length': String(byteLength(buffersOf(body))) };
    await reply.write(reply.head(status, { ...contentType, ...length, ...headers }), body, END);
  };
}

export function jsonAnswer(status: number, body: object): Answer {
  return httpAnswer(status, { type: 'application/json', body: jsonBytes(body) });
}

/** A JSON-RPC error under an HTTP status of its own, as MCP servers refuse a request. */
export function refusal(status: number, error: RpcError, id: string | number | null = null): Answer {
  return jsonAnswer(status, { jsonrpc: '2.0', id, error });
}

export const accepted: Answer = httpAnswer(202);
