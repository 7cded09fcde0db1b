import { SluiceError } from '../errors.ts';
import type { JsonRpcMessage } from './message.ts';

/** @throws SluiceError `arguments-invalid`: what a server gave to be sent back may be of any depth, and JSON is not written of any */
export function encodeMessage(message: JsonRpcMessage): string {
  try {
    return JSON.stringify(message);
  } catch (cause) {
    const what = 'method' in message ? message.method : 'our answer';
    throw new SluiceError('arguments-invalid', `${what} cannot be written as JSON: it is nested too deep`, {
      delivery: 'not-sent',
      hint: 'Look at the arguments, and at what the server asked to be sent back.',
      cause,
    });
  }
}
