import { SluiceError } from '../errors.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { ServerInfo } from './serverInfo.ts';

/** Whether the server's capabilities have a member at this path: `resources`, or `resources.subscribe`. */
export function offers({ capabilities }: ServerInfo, path: string): boolean {
  const value = path
    .split('.')
    .reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), capabilities);
  // `{}` and true declare; false and null do not.
  return value !== undefined && value !== null && value !== false;
}

/** Whether the server declares an extension, by its whole identifier. */
export function offersExtension({ capabilities }: ServerInfo, identifier: string): boolean {
  const { extensions } = capabilities;
  return isObject(extensions) && isObject(extensions[identifier]);
}

/** @throws SluiceError `not-offered`: asking anyway would only be answered with an error that says less */
export function requireOffered(info: ServerInfo, path: string, what: string): void {
  if (!offers(info, path)) throw notOffered(what, `its capabilities have no "${path}"`);
}

export function notOffered(what: string, because: string): SluiceError {
  return new SluiceError('not-offered', `The server does not offer ${what}: ${because}`, {
    delivery: 'not-sent',
    hint: 'A server declares what it offers when Sluice connects to it.',
  });
}
