import { parseExact } from '../../core/jsonrpc/exactJson.ts';

/** What a text typed for a list says: its values as texts, or why it is not a list. */
export type ListReading =
  | { readonly kind: 'values'; readonly values: readonly unknown[] }
  | { readonly kind: 'invalid'; readonly message: string };

/** One value between commas: in quotes as in JSON, or as it is. */
const VALUE = /\s*(?:("(?:[^"\\]|\\.)*")\s*(?=,|$)|([^,]*))(,|$)/y;

/**
 * Reads a list that was typed in one line: values with commas between them. A value in quotes is a JSON text, so that it may hold
 * commas, quotes, and blanks at its ends. A whole JSON array is taken as well. A comma at the end means nothing.
 */
export function readList(text: string): ListReading {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'values', values: [] };
  if (trimmed.startsWith('[')) return readArray(trimmed);
  const values: string[] = [];
  VALUE.lastIndex = 0;
  while (VALUE.lastIndex < trimmed.length) {
    const found = VALUE.exec(trimmed);
    if (found === null) break;
    const [, quoted, plain = '', end] = found;
    const value = plain.trim();
    if (quoted !== undefined) {
      const unquoted = parsed(quoted);
      if (typeof unquoted !== 'string') return { kind: 'invalid', message: `${quoted} is not a JSON text` };
      values.push(unquoted);
    } else if (value.startsWith('"')) {
      return { kind: 'invalid', message: `${value} begins with a quote, but does not end with one` };
    } else if (value === '') {
      return { kind: 'invalid', message: 'there is nothing before a comma: write "" for an empty text' };
    } else values.push(value);
    if (end === '') break;
  }
  return { kind: 'values', values };
}

/** Writes texts as `readList` reads them. */
export function writeList(values: readonly string[]): string {
  return values.map((value) => (isPlain(value) ? value : JSON.stringify(value))).join(', ');
}

function isPlain(value: string): boolean {
  return value !== '' && value === value.trim() && !/^["[]|[,\p{Cc}\u2028\u2029]/u.test(value);
}

function readArray(text: string): ListReading {
  const array = parsed(text);
  return Array.isArray(array)
    ? { kind: 'values', values: array }
    : { kind: 'invalid', message: 'a list that begins with [ must be a JSON array, and this is not one' };
}

function parsed(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}
