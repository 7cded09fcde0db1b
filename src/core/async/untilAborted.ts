import { isSluiceError, SluiceError } from '../errors.ts';

/**
 * The promise's own outcome, or a rejection as soon as `signal` is aborted. What the promise stands for goes on.
 * @param failureOf the signal's reason, as what it rejects with: a SluiceError as it is, else `cancelled`
 */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  failureOf: (reason: unknown) => unknown = cancelledBy,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(failureOf(signal.reason));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function cancelledBy(reason: unknown): SluiceError {
  if (isSluiceError(reason)) return reason;
  return new SluiceError('cancelled', 'The request was cancelled', { delivery: 'unknown' });
}
