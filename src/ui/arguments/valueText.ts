import { isExactNumber, numberText } from '../../core/jsonrpc/exactJson.ts';

const DEEPEST = 16;

/**
 * The beginning of a JSON value as JSON, for a row: it stops after `most` characters, however large or deep the value is.
 * A text that was cut ends with `…`.
 */
export function valueText(value: unknown, most = 200): string {
  let text = '';
  /** False where there is no room left. */
  const put = (piece: string): boolean => {
    text += piece;
    return text.length <= most;
  };
  const write = (part: unknown, depth: number): boolean => {
    if (typeof part === 'string') return put(JSON.stringify(part.slice(0, most + 1)));
    if (typeof part !== 'object' || part === null || isExactNumber(part))
      return put(numberText(part) ?? String(part));
    if (depth >= DEEPEST) return put('…');
    const isList = Array.isArray(part);
    if (!put(isList ? '[' : '{')) return false;
    let isFirst = true;
    for (const key in part) {
      if (!isFirst && !put(',')) return false;
      isFirst = false;
      if (!isList && !put(`${JSON.stringify(key.slice(0, most + 1))}:`)) return false;
      if (!write((part as Record<string, unknown>)[key], depth + 1)) return false;
    }
    return put(isList ? ']' : '}');
  };
  return write(value, 0) ? text : `${text.slice(0, most)}…`;
}
