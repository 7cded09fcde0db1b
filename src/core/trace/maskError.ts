import { isSluiceError, SluiceError, type SluiceErrorDetails } from '../errors.ts';
import type { Mask } from './mask.ts';
import { maskDeep } from './maskDeep.ts';

/** Errors that caused one another, and are kept. */
const MOST_CAUSES = 8;

/**
 * The same error for a person to read, or for another extension: any of its texts may hold what a server repeats of
 * the request. This is the only place where an error is masked, and no error leaves core/ around it.
 */
export function maskError(error: SluiceError, mask: Mask): SluiceError {
  return masked(error, mask, MOST_CAUSES) as SluiceError;
}

function masked(error: unknown, mask: Mask, causes: number): unknown {
  if (!(error instanceof Error)) return maskDeep(error, mask);
  const cause =
    error.cause === undefined || causes === 0 ? {} : { cause: masked(error.cause, mask, causes - 1) };
  return isSluiceError(error) ? maskedOurs(error, mask, cause) : maskedForeign(error, mask, causes, cause);
}

function maskedOurs(error: SluiceError, mask: Mask, cause: { cause?: unknown }): SluiceError {
  const { server, phase, delivery, hint, status, retryAfterMs, location, rpc, saysSessionIsLost } = error;
  // Every member by its name: one that is added to an error does not compile before it is thought of here.
  const details: Required<{
    [Key in Exclude<keyof SluiceErrorDetails, 'cause'>]: SluiceErrorDetails[Key] | undefined;
  }> = {
    server,
    phase,
    delivery,
    status,
    retryAfterMs,
    saysSessionIsLost,
    hint: hint === undefined ? undefined : mask(hint),
    location: location === undefined ? undefined : mask(location),
    rpc:
      rpc === undefined
        ? undefined
        : { ...(maskDeep(rpc, mask) as typeof rpc), code: rpc.code, message: mask(rpc.message) },
  };
  const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
  const copy = new SluiceError(error.code, mask(error.message), { ...known, delivery, ...cause });
  copy.stack = mask(error.stack ?? '');
  return copy;
}

/** An error of Node or of a library: it stays what it is to `instanceof` and by its `code`. */
function maskedForeign(error: Error, mask: Mask, causes: number, cause: { cause?: unknown }): Error {
  const copy = new Error(mask(error.message), cause);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  for (const [name, value] of Object.entries(error)) setMember(copy, name, maskDeep(value, mask), true);
  setMember(copy, 'stack', mask(error.stack ?? ''), false);
  if (error instanceof AggregateError)
    setMember(
      copy,
      'errors',
      error.errors.slice(0, causes).map((one) => masked(one, mask, causes - 1)),
      false,
    );
  return copy;
}

/** Some members are getters of the prototype, which would not be set. */
function setMember(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, { value, enumerable, writable: true, configurable: true });
}
