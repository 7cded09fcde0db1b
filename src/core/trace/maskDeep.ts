import { MASK } from '../errors.ts';
import { isExactNumber, numberText } from '../jsonrpc/exactJson.ts';
import { namesCredential } from './credentialNames.ts';
import { isCredentialValue, type Mask } from './mask.ts';

/** Values of an error's data that are kept, and characters of all its texts: it is there for a person to read. */
export const MOST_VALUES = 10_000;
export const MOST_CHARACTERS = 1_048_576;

/** In place of what is over that. */
const LEFT_OUT = '… (left out)';

/**
 * A value as `JSON.parse` or `parseExact` gives it, with every text of it masked, names of members too; a credential by its member's
 * name as well. Of any depth: it does not call itself. What is no such value stays as it is.
 */
export function maskDeep(value: unknown, mask: Mask): unknown {
  const root: { value?: unknown } = {};
  const todo: Array<() => void> = [];
  let values = 0;
  let characters = 0;
  put(root, 'value', value);
  for (let next = todo.shift(); next !== undefined; next = todo.shift()) next();
  return root.value;

  function put(target: object, key: string | number, item: unknown): void {
    values++;
    if (Array.isArray(item)) {
      const copy: unknown[] = [];
      setMember(target, key, copy);
      todo.push(() => putAll(copy, item.entries()));
    } else if (isPlain(item)) {
      const copy = {};
      setMember(target, key, copy);
      todo.push(() => putAll(copy, membersOf(item)));
    } else setMember(target, key, maskLeaf(item));
  }

  function putAll(copy: object, items: Iterable<readonly [string | number, unknown]>): void {
    for (const [key, one] of items) {
      if (values >= MOST_VALUES || characters >= MOST_CHARACTERS)
        return setMember(copy, Array.isArray(copy) ? copy.length : '…', LEFT_OUT);
      put(copy, key, one);
    }
  }

  /** With their names masked. Two may be alike then, and neither member is to be lost. */
  function* membersOf(item: Readonly<Record<string, unknown>>): Iterable<[string, unknown]> {
    const used = new Map<string, number>();
    for (const name in item) {
      const masked = maskText(name);
      const times = (used.get(masked) ?? 0) + 1;
      used.set(masked, times);
      yield [times === 1 ? masked : `${masked} ${times}`, hidden(name, item[name])];
    }
  }

  function maskText(text: string): string {
    characters += text.length;
    return mask(text);
  }

  function maskLeaf(item: unknown): unknown {
    if (typeof item === 'string') return maskText(item);
    // A secret may be all digits.
    const text = numberText(item);
    if (text === undefined) return item;
    const masked = maskText(text);
    return masked === text ? item : masked;
  }
}

function hidden(name: string, item: unknown): unknown {
  return typeof item === 'string' && isCredentialValue(item) && namesCredential(name, 'member') ? MASK : item;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Not by assignment alone: "__proto__" is a name like others. */
function setMember(target: object, key: string | number, value: unknown): void {
  if (key !== '__proto__') (target as Record<string | number, unknown>)[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
