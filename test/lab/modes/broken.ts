import { type Answer, event, httpAnswer, inEventStream, inOneBody } from '../answer.ts';
import type { Response } from '../jsonrpc.ts';
import { END } from '../reply.ts';
import { overHttp1 } from './overOneVersion.ts';

/** The tool runs; the stream ends in good order, without its response. */
export const earlyEof: Answer = inEventStream((_response, { reply }) =>
  reply.write(reply.opening(), ': nothing to say\n\n', END),
);

/** The tool runs; RST, or RST_STREAM, in the middle of its event. */
export const reset: Answer = inEventStream(async (response, { reply }) => {
  const text = event(response);
  await reply.write(reply.opening(), text.slice(0, text.length / 2));
  reply.reset();
});

/** The tool runs; the connection closes without a byte. */
export const finAfterRequest: Answer = overHttp1(inOneBody(async (_response, { reply }) => reply.hangUp()));

/** The tool runs; RST, or RST_STREAM, without a byte. */
export const resetAfterRequest: Answer = inOneBody(async (_response, { reply }) => reply.reset());

/** A JSON body that promises more bytes than it has, then FIN, or RST_STREAM. */
export const jsonCut: Answer = inOneBody(async (response, { reply }) => {
  const body = JSON.stringify(response);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
  await reply.write(reply.head(200, headers), body.slice(0, body.length / 2));
  reply.hangUp();
});

/** A response nobody asked for, and none to the request; the stream ends. */
export const wrongId: Answer = inEventStream((response, { reply }) =>
  reply.write(reply.opening(), event({ ...response, id: `not ${response.id}` }), END),
);

/** The same response twice. */
export const duplicateResponse: Answer = inEventStream((response, { reply }) => {
  const one = event(response);
  return reply.write(reply.opening(), one, one, END);
});

/** The event's data is not JSON. */
export const badJson: Answer = inEventStream((_response, { reply }) =>
  reply.write(reply.opening(), 'event: message\ndata: {"jsonrpc": nonsense\n\n', END),
);

/** Status 200 and a good response, called `text/html`. */
export const wrongContentType: Answer = inOneBody((response, exchange) =>
  httpAnswer(200, { type: 'text/html', body: JSON.stringify(response) })(exchange),
);

/** 202, as if the request were a notification. The tool runs. */
export const acceptedRequest: Answer = inOneBody((_response, exchange) => httpAnswer(202)(exchange));

/** One event of at least `bytes` bytes (8 MiB), in one chunk. */
export function hugeEvent({ bytes = 8 * 1024 * 1024 } = {}): Answer {
  return inEventStream((response, { reply }) => {
    const text = event(withText(response, 'x'.repeat(bytes)));
    return reply.write(reply.opening(), text, END);
  });
}

/** A `data:` line without an end, as fast as the client reads; after `upToBytes` (256 MiB) the server gives up. */
export function endlessLine({ upToBytes = 256 * 1024 * 1024 } = {}): Answer {
  return inEventStream(async (_response, { reply }) => {
    const piece = 'x'.repeat(64 * 1024);
    await reply.write(reply.opening(), 'data: ');
    for (let sent = 0; sent < upToBytes && !reply.closed.aborted; sent += piece.length) {
      await reply.write(piece);
    }
    reply.hangUp();
  });
}

/** The response with one more text block at the end of its content. */
export function withText(response: Response, text: string): Response {
  const { content = [] } = (response.result ?? {}) as { content?: readonly object[] };
  return { ...response, result: { ...response.result, content: [...content, { type: 'text', text }] } };
}
