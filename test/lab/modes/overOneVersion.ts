import { type Answer, type Exchange, httpAnswer } from '../answer.ts';
import { Http1Reply } from '../http1Reply.ts';
import { Http2Reply } from '../http2Reply.ts';
import type { HttpVersion, Reply } from '../reply.ts';

/** A mode whose matter is the connection itself, or the writes to its socket: HTTP/2 has no such thing. */
export function overHttp1(mode: (exchange: Exchange<Http1Reply>) => Promise<void>): Answer {
  return only('1.1', Http1Reply, mode);
}

/** A mode that speaks of streams. */
export function overHttp2(mode: (exchange: Exchange<Http2Reply>) => Promise<void>): Answer {
  return only('2', Http2Reply, mode);
}

function only<R extends Reply>(
  version: HttpVersion,
  Kind: abstract new (...args: never[]) => R,
  mode: (exchange: Exchange<R>) => Promise<void>,
): Answer {
  const answer = (exchange: Exchange) => {
    const { reply } = exchange;
    return reply instanceof Kind ? mode({ ...exchange, reply }) : refuse(version)(exchange);
  };
  return Object.assign(answer, { only: version });
}

/** A lab that offers both versions lets the client choose: here it chose the other one. */
function refuse(version: HttpVersion): Answer {
  return httpAnswer(505, {
    type: 'text/plain',
    body: `this mode of the lab has a meaning over HTTP/${version} only`,
  });
}
