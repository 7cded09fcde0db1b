import type { Answer } from '../answer.ts';
import { overHttp1 } from './overOneVersion.ts';
import { prompt } from './whole.ts';

/** `Connection: close`, and the server does close. */
export const noKeepAlive: Answer = overHttp1(async (exchange) => {
  exchange.reply.headers.set('Connection', 'close');
  await prompt(exchange);
  exchange.reply.hangUp();
});

/** Closes after each answer, and never said so. */
export const closeIdle: Answer = overHttp1(async (exchange) => {
  await prompt(exchange);
  exchange.reply.hangUp();
});

/**
 * Closes a connection that was idle for `ms` milliseconds; the `Keep-Alive` header says so beforehand,
 * in `hintSeconds`, or not at all where that is undefined. The hint need not be true.
 */
export function idleTimeout({ ms = 1000, hintSeconds }: { ms?: number; hintSeconds?: number } = {}): Answer {
  return overHttp1(async (exchange) => {
    const { reply } = exchange;
    if (hintSeconds !== undefined) {
      reply.headers.set('Connection', 'keep-alive');
      reply.headers.set('Keep-Alive', `timeout=${hintSeconds}`);
    }
    reply.endWhenIdle(ms);
    await prompt(exchange);
  });
}

/** A reused connection is closed as its next request arrives, unread: the race that every pool of connections loses. */
export function staleReuse({ by = 'fin' }: { by?: 'fin' | 'rst' } = {}): Answer {
  return overHttp1(async (exchange) => {
    if (exchange.request.nth === 1) return prompt(exchange);
    return by === 'fin' ? exchange.reply.hangUp() : exchange.reply.reset();
  });
}
