import { SluiceError } from '../errors.ts';
import { stringifyExact } from './exactJson.ts';
import type { JsonRpcMessage } from './message.ts';

/**
 * Numbers that `exactJson` read, and a caller's `bigint`, are written as they are.
 * @throws SluiceError `arguments-invalid`: what a server gave to be sent back may be of any depth, and JSON is not written of any
 */
export function encodeMessage(message: JsonRpcMessage): string {
  try {
    return JSON.stringify(message);
  } catch (cause) {
    return encodeOdd(message, cause);
  }
}

/** What has to look at each value is tried only where it is needed. */
function encodeOdd(message: JsonRpcMessage, first: unknown): string {
  try {
    if (!(first instanceof RangeError)) return stringifyExact(message);
  } catch {
    // Then it was not for a number.
  }
  const what = 'method' in message ? message.method : 'our answer';
  const why =
    first instanceof RangeError
      ? 'it is nested too deep'
      : 'it contains itself, or something that is not a JSON value';
  throw new SluiceError('arguments-invalid', `${what} cannot be written as JSON: ${why}`, {
    delivery: 'not-sent',
    hint: 'Check the arguments, and what the server asked Sluice to send back.',
    cause: first,
  });
}
