import { type Answer, inEventStream } from '../answer.ts';
import { SESSION_NOT_FOUND } from '../legacy.ts';
import { END } from '../reply.ts';
import { prompt, sendWhole } from './whole.ts';

/** The first request loses its session: 404, and nothing runs. After a new `initialize` all is well. */
export function sessionLost(): Answer {
  let lost = false;
  return async (exchange) => {
    if (lost) return prompt(exchange);
    lost = true;
    exchange.sessions.delete(exchange.request.headers['mcp-session-id'] ?? '');
    return SESSION_NOT_FOUND(exchange);
  };
}

/**
 * An answer names another session than the request did. Both are valid from then on:
 * `lab.received` tells which one the client goes by.
 */
export const sessionAnew: Answer = inEventStream((response, exchange) => {
  const { sessions, request, reply } = exchange;
  const capabilities = sessions.capabilities(request.headers['mcp-session-id']);
  reply.headers.set('Mcp-Session-Id', sessions.mint(capabilities));
  return sendWhole(response, exchange);
});

/**
 * 2025-11-25: "After the server has sent an SSE event with an event ID to the client, the server MAY close the
 * connection at any time". The response waits for a GET with that `Last-Event-ID`, which should not come
 * before `retryMs` milliseconds.
 */
export function resumable({ retryMs = 100 } = {}): Answer {
  return inEventStream((response, { reply, replays, request }) => {
    const id = `${request.socket}-${request.nth}`;
    replays.set(id, response);
    return reply.write(reply.opening(), `id: ${id}\nretry: ${retryMs}\ndata: \n\n`, END);
  });
}
