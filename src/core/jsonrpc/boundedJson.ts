import { numberText } from './exactJson.ts';

/** JSON of a value, as far as it was written. */
export interface BoundedJson {
  readonly text: string;
  /** The value goes on behind `text`, which ends within or behind a token. */
  readonly isCut: boolean;
}

interface Level {
  readonly parts: Iterator<readonly [string | undefined, unknown]>;
  readonly end: string;
  isFirst: boolean;
}

/**
 * Writes a value as `JSON.stringify` does, up to a number of characters: no more of the value is looked at than is kept, and its
 * depth does not matter. Numbers that `exactJson` read keep their text.
 */
export function boundedJson(value: unknown, most: number): BoundedJson {
  const levels: Level[] = [];
  let text = '';
  const write = (part: unknown) => {
    if (typeof part === 'string') {
      text += JSON.stringify(part.length > most ? part.slice(0, most) : part);
      return;
    }
    const number = typeof part === 'number' ? JSON.stringify(part) : numberText(part);
    if (number !== undefined) text += number;
    else if (Array.isArray(part)) levels.push({ parts: items(part), end: ']', isFirst: true });
    else if (typeof part === 'object' && part !== null)
      levels.push({ parts: members(part), end: '}', isFirst: true });
    else text += typeof part === 'boolean' ? String(part) : 'null';
    if (Array.isArray(part)) text += '[';
    else if (number === undefined && typeof part === 'object' && part !== null) text += '{';
  };
  write(value);
  for (let level = levels.at(-1); level !== undefined && text.length <= most; level = levels.at(-1)) {
    const next = level.parts.next();
    if (next.done === true) {
      text += level.end;
      levels.pop();
      continue;
    }
    const [name, part] = next.value;
    if (!level.isFirst) text += ',';
    level.isFirst = false;
    if (name !== undefined) text += `${JSON.stringify(name.length > most ? name.slice(0, most) : name)}:`;
    write(part);
  }
  const isCut = text.length > most;
  return { text: isCut ? text.slice(0, most) : text, isCut };
}

function* items(list: readonly unknown[]): Generator<readonly [undefined, unknown]> {
  for (const part of list) yield [undefined, part];
}

/** One by one: an object may have a million of them. */
function* members(object: object): Generator<readonly [string, unknown]> {
  for (const name in object) {
    if (!Object.hasOwn(object, name)) continue;
    const part = (object as Record<string, unknown>)[name];
    if (part !== undefined && typeof part !== 'function' && typeof part !== 'symbol') yield [name, part];
  }
}
