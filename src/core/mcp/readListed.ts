import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Requests } from './requests.ts';
import { type ObjectShape, readShape } from './shape.ts';

/**
 * An entry of a list as its shape says. One that cannot be used costs only itself, as does a part of one; each is named in a warning.
 * @param what it is called, such as `tool`
 * @param lacks why it cannot be used, where its shape does not tell
 */
export function readListed<T>(
  requests: Pick<Requests, 'warn'>,
  method: string,
  what: string,
  entry: unknown,
  shape: ObjectShape,
  lacks?: string,
): T | undefined {
  const shaped = readShape(entry, shape);
  const why = shaped.kind === 'unusable' ? shaped.why : lacks;
  if (shaped.kind === 'unusable' || why !== undefined) {
    const [first = 'name'] = shape.texts;
    const name = isObject(entry) && typeof entry[first] === 'string' ? ` ${excerpt(entry[first])}` : '';
    requests.warn(
      `${article(what)} ${what}${name} was left out of ${method}, because ${why}: ${excerpt(entry)}`,
    );
    return undefined;
  }
  if (shaped.odd.length > 0) {
    const name = excerpt(shaped.value[shape.texts[0] ?? 'name']);
    requests.warn(`parts of the ${what} ${name} of ${method} were left out: ${shaped.odd.join('; ')}`);
  }
  return shaped.value as T;
}

function article(what: string): string {
  return /^[aeiou]/.test(what) ? 'an' : 'a';
}
