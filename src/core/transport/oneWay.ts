import { SluiceError } from '../errors.ts';
import type { ConnectionPool } from '../http/connectionPool.ts';
import type { Clock } from '../metrics/clock.ts';
import { deliveryOf } from './httpFailure.ts';
import type { RequestTrace } from './requestTrace.ts';
import type { PostOptions } from './transport.ts';

export interface OneWayRequest {
  readonly method: 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body?: Buffer;
  readonly options?: PostOptions | undefined;
}

/** Milliseconds for what nobody waits for: notifications, our answers to the server, the end of a session. */
const SIDE_TIMEOUT = 10_000;

/** Sends what has no response but the HTTP status. @throws SluiceError where that is no success */
export function oneWay(
  { method, url, headers, body, options = {} }: OneWayRequest,
  { pool, clock, trace }: { pool: ConnectionPool; clock: Clock; trace: RequestTrace },
): Promise<void> {
  const { onSent, answerTimeout = SIDE_TIMEOUT, givesWayAfter = answerTimeout } = options;
  const path = `${url.pathname}${url.search}`;
  const sent = pool.cookies.addedTo(headers, path);
  trace.request(method, url.href, sent, body?.length ?? 0);
  return new Promise((resolve, reject) => {
    let cancelTimeout = () => {};
    const startTimeout = (ms: number) => {
      cancelTimeout();
      cancelTimeout = clock.schedule(ms, () =>
        exchange.abort(
          new SluiceError('request-timeout', `no answer to ${method} in ${ms} ms`, { delivery: 'unknown' }),
        ),
      );
    };
    startTimeout(SIDE_TIMEOUT);
    const exchange = pool.dispatch(
      { method, path, headers: sent, ...(body === undefined ? {} : { body }) },
      {
        onSent() {
          startTimeout(pool.hasOnePlace ? Math.min(givesWayAfter, answerTimeout) : answerTimeout);
          onSent?.();
        },
        onHeaders(status, responseHeaders) {
          trace.response(exchange, status, responseHeaders);
          cancelTimeout();
          // The answer is the status; whatever follows it is drained.
          exchange.release();
          if (status >= 200 && status < 300) resolve();
          else
            reject(
              new SluiceError('http-status', `the server answered HTTP ${status}`, {
                delivery: deliveryOf(status),
                status,
              }),
            );
        },
        onData() {},
        onEnd() {},
        onError(error) {
          cancelTimeout();
          reject(error);
        },
        onDrained: (report) => trace.drained(exchange, report),
      },
      'aside',
    );
  });
}
