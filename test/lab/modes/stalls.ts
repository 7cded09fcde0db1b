import { type Answer, event, inEventStream } from '../answer.ts';
import { chunk, LAST_CHUNK } from '../reply.ts';

// No timer here. With Nagle's algorithm on, the kernel itself holds the second write until the client acknowledges
// the first, and a Linux client takes about 40 ms to do so on a connection that it has just received on and sent on.

/** Event at once, final chunk in a second write: the response is on time, the END of the stream is late. */
export const tailStall: Answer = inEventStream(async (response, { reply }) => {
  reply.nagle();
  await reply.write(reply.opening(), chunk(event(response)));
  await reply.write(LAST_CHUNK);
});

/** Head in one write, event and end in another: the RESPONSE is late. */
export const splitStall: Answer = inEventStream(async (response, { reply }) => {
  reply.nagle();
  await reply.write(reply.opening());
  await reply.write(chunk(event(response)), LAST_CHUNK);
});
