import { type Answer, eventBytes, inEventStream } from '../answer.ts';
import { END } from '../reply.ts';
import { prompt } from './whole.ts';

/** The response at once, the end of its stream not before `lab.release()`. */
export const holdOpen: Answer = inEventStream(async (response, { reply, hold }) => {
  await reply.write(reply.opening(), eventBytes(response));
  await hold();
  await reply.write(END);
});

/** Like hold-open, with an SSE comment every so often: the stream is alive, and of no use. */
export function trickle({ everyMs = 1000 } = {}): Answer {
  return inEventStream(async (response, { reply, hold }) => {
    await reply.write(reply.opening(), eventBytes(response));
    const timer = setInterval(() => void reply.write(': trickle\n\n'), everyMs);
    await hold();
    clearInterval(timer);
    await reply.write(END);
  });
}

/** The response at once; when released, `messages` log notifications on the same stream, and its end. */
export function chattyTail({ messages = 3 } = {}): Answer {
  return inEventStream(async (response, { reply, hold }) => {
    await reply.write(reply.opening(), eventBytes(response));
    await hold();
    for (let n = 1; n <= messages; n += 1) {
      const params = { level: 'info', data: `after the response: ${n}` };
      await reply.write(eventBytes({ jsonrpc: '2.0', method: 'notifications/message', params }));
    }
    await reply.write(END);
  });
}

/** Not a byte before `lab.release()`, or `afterMs` milliseconds; then a prompt answer. */
export function slowHeaders({ afterMs }: { afterMs?: number } = {}): Answer {
  return async (exchange) => {
    await exchange.hold(afterMs);
    if (!exchange.reply.closed.aborted) await prompt(exchange);
  };
}

/** Never a byte: the request is read, and FIN follows when it is released. */
export const silence: Answer = async ({ reply, hold }) => {
  await hold();
  reply.hangUp();
};
