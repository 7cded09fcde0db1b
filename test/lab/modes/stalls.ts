import { type Answer, eventBytes, inEventStream } from '../answer.ts';
import type { Http1Reply } from '../http1Reply.ts';
import { END } from '../reply.ts';
import { overHttp1 } from './overOneVersion.ts';

// No timer here. With Nagle's algorithm on, the kernel itself holds the second write until the client acknowledges
// the first, and a Linux client takes about 40 ms to do so on a connection that it has just received on and sent on.

/** Event at once, final chunk in a second write: the response is on time, the END of the stream is late. */
export const tailStall: Answer = overHttp1(
  inEventStream<Http1Reply>(async (response, { reply }) => {
    reply.nagle();
    await reply.write(reply.opening(), eventBytes(response));
    await reply.write(END);
  }),
);

/** Head in one write, event and end in another: the RESPONSE is late. */
export const splitStall: Answer = overHttp1(
  inEventStream<Http1Reply>(async (response, { reply }) => {
    reply.nagle();
    await reply.write(reply.opening());
    await reply.write(eventBytes(response), END);
  }),
);

/** The status line's first bytes in one write, the rest of the head and the event in another: the HEAD is late. */
export const headStall: Answer = overHttp1(
  inEventStream<Http1Reply>(async (response, { reply }) => {
    reply.nagle();
    await reply.writeInTwo(15, reply.opening(), eventBytes(response), END);
  }),
);
