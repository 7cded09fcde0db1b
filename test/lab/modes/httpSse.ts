import { type Answer, event, httpAnswer } from '../answer.ts';
import { END, type Reply } from '../reply.ts';
import { status } from './statuses.ts';

/** What this mode answers; a client of HTTP+SSE sends nothing else. */
export const HTTP_SSE_REQUESTS = [
  'GET',
  'server/discover',
  'initialize',
  'notifications/initialized',
  'notifications/cancelled',
  'tools/list',
  'tools/call',
  'ping',
];

export interface HttpSseMode {
  /** What the event `endpoint` names. */
  readonly endpoint?: string;
  /** What a POST is answered with before a stream is open. */
  readonly toPost?: number;
}

/**
 * The transport of 2024-11-05, for a lab of the legacy era without sessions: one stream, opened by a GET, on which every
 * message comes; POSTs are answered with 202. Its stream is open until `lab.release()`.
 */
export function httpSse({ endpoint = '/mcp', toPost = 405 }: HttpSseMode = {}): Answer {
  let stream: Reply | undefined;
  return async (exchange) => {
    const { request, reply } = exchange;
    if (request.httpMethod === 'GET') {
      stream = reply;
      await reply.write(reply.opening(), `event: endpoint\ndata: ${endpoint}\n\n`);
      await exchange.hold();
      if (stream === reply) stream = undefined;
      return reply.write(END);
    }
    const open = stream;
    if (open === undefined) return status(toPost)(exchange);
    // The POST is over with its status: the next one on its connection does not wait for the response.
    void exchange
      .run((message) => open.write(event(message)))
      .then((outcome) => (outcome.kind === 'response' ? open.write(event(outcome.response)) : undefined));
    return httpAnswer(202, { type: 'text/plain', body: 'Accepted' })(exchange);
  };
}
