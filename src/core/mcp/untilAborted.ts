import { isSluiceError, SluiceError } from '../errors.ts';

/** The promise's own outcome, or as soon as `signal` is aborted its reason as a SluiceError: `cancelled` where it is none. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      const { reason } = signal;
      reject(
        isSluiceError(reason)
          ? reason
          : new SluiceError('cancelled', 'The request was cancelled', { delivery: 'unknown' }),
      );
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
