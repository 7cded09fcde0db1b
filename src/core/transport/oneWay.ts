import { SluiceError } from '../errors.ts';
import { deliveryOf } from './httpFailure.ts';
import { HttpRequest, type HttpRequestOptions } from './httpRequest.ts';
import type { PostOptions } from './transport.ts';

export interface OneWayOptions
  extends Omit<HttpRequestOptions, 'handlers' | 'lane' | 'timeout' | 'inSession'>,
    PostOptions {}

/** Milliseconds for what nobody waits for: notifications, our answers to the server, the end of a session. */
const SIDE_TIMEOUT = 10_000;

/** Sends what has no response but the HTTP status. @throws SluiceError where that is no success */
export function oneWay(options: OneWayOptions): Promise<void> {
  const { method, pool, onSent, answerTimeout = SIDE_TIMEOUT, givesWayAfter = answerTimeout } = options;
  return new Promise((resolve, reject) => {
    const http = new HttpRequest({
      ...options,
      inSession: false,
      lane: 'aside',
      timeout: SIDE_TIMEOUT,
      handlers: {
        onSent() {
          http.allow(pool.hasOnePlace ? Math.min(givesWayAfter, answerTimeout) : answerTimeout);
          onSent?.();
        },
        // The answer is the status.
        onResponse(status) {
          http.stop();
          if (http.isSuccess) resolve();
          else
            reject(
              new SluiceError('http-status', `the server answered HTTP ${status}`, {
                delivery: deliveryOf(status),
                status,
              }),
            );
          return 'drain';
        },
        onTimeout: (ms) =>
          http.abort(
            new SluiceError('request-timeout', `no answer to ${method} in ${ms} ms`, { delivery: 'unknown' }),
          ),
        onFailed(error) {
          http.stop();
          reject(error);
        },
      },
    });
  });
}
