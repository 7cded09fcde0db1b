import { MASK } from '../errors.ts';
import { namesCredential } from './credentialNames.ts';
import { isCredentialValue, type Mask } from './mask.ts';

/**
 * A value as `JSON.parse` gives it, with every text of it masked, names of members too; a credential by its member's
 * name as well. Any depth: it does not call itself. What is no such value stays as it is.
 */
export function maskDeep(value: unknown, mask: Mask): unknown {
  const root: { value?: unknown } = {};
  const todo: Array<() => void> = [];
  put(root, 'value', value);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) next();
  return root.value;

  function put(target: object, key: string | number, item: unknown): void {
    if (Array.isArray(item)) {
      const copy: unknown[] = [];
      setMember(target, key, copy);
      todo.push(() => {
        for (const [n, one] of item.entries()) put(copy, n, one);
      });
    } else if (isPlain(item)) {
      const copy = {};
      setMember(target, key, copy);
      todo.push(() => {
        const unused = unusedNames();
        for (const [name, one] of Object.entries(item)) put(copy, unused(mask(name)), hidden(name, one));
      });
    } else setMember(target, key, maskLeaf(item));
  }

  function hidden(name: string, item: unknown): unknown {
    return typeof item === 'string' && isCredentialValue(item) && namesCredential(name, 'member')
      ? MASK
      : item;
  }

  function maskLeaf(item: unknown): unknown {
    if (typeof item === 'string') return mask(item);
    // A secret may be all digits.
    if (typeof item !== 'number' && typeof item !== 'bigint') return item;
    const text = String(item);
    const masked = mask(text);
    return masked === text ? item : masked;
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Two names may be alike once they are masked, and neither member is to be lost. */
function unusedNames(): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  };
}

/** Not by assignment alone: "__proto__" is a name like others. */
function setMember(target: object, key: string | number, value: unknown): void {
  if (key !== '__proto__') (target as Record<string | number, unknown>)[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}
