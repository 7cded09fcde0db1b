import { constants } from 'node:http2';
import { type Answer, inOneBody } from '../answer.ts';
import type { Http2Reply } from '../http2Reply.ts';
import { overHttp2 } from './overOneVersion.ts';
import { prompt } from './whole.ts';

/** GOAWAY after each answer: the next request needs another connection. */
export const goawayIdle: Answer = overHttp2(async (exchange) => {
  await prompt(exchange);
  exchange.reply.goAway();
});

/**
 * As its second request arrives, a connection gets a GOAWAY that names the first as the last: the second was not
 * processed, and may be sent again. What the stale modes are to HTTP/1.1, but the client is told.
 */
export const goawayMid: Answer = overHttp2(async (exchange) => {
  if (exchange.request.nth === 1) return prompt(exchange);
  exchange.reply.goAwayBefore();
});

/** The first request is turned away with REFUSED_STREAM, unrun; then all is well. */
export function refusedStream(): Answer {
  let refused = false;
  return overHttp2(async (exchange) => {
    if (refused) return prompt(exchange);
    refused = true;
    exchange.reply.refuse();
  });
}

/** The tool runs; then GOAWAY that counts the request in, and the connection closes without a byte of the answer. */
export const goawayAfterRequest: Answer = overHttp2(
  inOneBody<Http2Reply>(async (_response, { reply }) => reply.destroySession()),
);

/** The tool runs; then a GOAWAY that says why, in a code and in words, and the connection closes. */
export const goawayWords: Answer = overHttp2(
  inOneBody<Http2Reply>(async (_response, { reply }) =>
    reply.goAwayBecause(
      constants.NGHTTP2_ENHANCE_YOUR_CALM,
      `too many requests in a minute ${'.'.repeat(2_000)}`,
    ),
  ),
);
