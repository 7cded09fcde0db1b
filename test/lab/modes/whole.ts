import { type Answer, type Exchange, eventBytes, inEventStream, inOneBody, jsonAnswer } from '../answer.ts';
import type { Response } from '../jsonrpc.ts';
import { END } from '../reply.ts';

/** Head, event and final chunk in one write. */
export const prompt: Answer = inEventStream(sendWhole);

export function sendWhole(response: Response, { reply }: Exchange): Promise<void> {
  return reply.write(reply.opening(), eventBytes(response), END);
}

/** One JSON body with a Content-Length. */
export const json: Answer = inOneBody((response, exchange) => jsonAnswer(200, response)(exchange));
