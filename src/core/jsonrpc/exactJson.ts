/**
 * Numbers as they are written. JavaScript reads 9007199254740993 as another number and 1.0 as 1; JSON does not. A number whose
 * text JavaScript would not write again stays that text: `JSON.rawJSON` holds it, and `JSON.stringify` writes it out unchanged.
 * Every other value is what `JSON.parse` gives, so that only code that reads numbers has to know of it.
 */

// Of ES2026: Node has them since version 21, and TypeScript's libraries do not name them yet.
interface ExactJSON {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
  parse(
    text: string,
    reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const exact = JSON as unknown as ExactJSON;

/** The text of a number that a JavaScript number would change. */
export interface ExactNumber {
  readonly rawJSON: string;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** @throws SyntaxError as `JSON.parse` does; RangeError where the text is nested some thousand levels deep */
export function parseExact(text: string): unknown {
  return exact.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined ? exactNumber(source) : value,
  );
}

/**
 * A number that is typed or sent, as JSON writes it.
 * @throws SyntaxError where the text is not a JSON number, such as `+1`, `.5` or `007`
 */
export function exactNumber(text: string): number | ExactNumber {
  if (!JSON_NUMBER.test(text)) throw new SyntaxError(`not a number of JSON: ${text.slice(0, 100)}`);
  const value = Number(text);
  // Not `String(-0)`, which is "0".
  return JSON.stringify(value) === text ? value : exact.rawJSON(text);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return exact.isRawJSON(value);
}

/** The text of a number; undefined where the value is not a number. */
export function numberText(value: unknown): string | undefined {
  if (isExactNumber(value)) return value.rawJSON;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/** The nearest JavaScript number; undefined where the value is not a number. */
export function numberOf(value: unknown): number | undefined {
  const text = numberText(value);
  return text === undefined ? undefined : Number(text);
}

/**
 * A JSON value with JavaScript numbers only, for what computes with them: a schema checker. The value itself where it has no
 * others.
 */
export function plainValue(value: unknown): unknown {
  if (!holdsExact(value)) return value;
  const pending: [object, object][] = [];
  const plain = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return typeof part === 'bigint' ? Number(part) : part;
    if (isExactNumber(part)) return numberOf(part);
    const copy = Array.isArray(part) ? [] : {};
    pending.push([part, copy]);
    return copy;
  };
  const copied = plain(value);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [from, to] = next;
    for (const [name, part] of Object.entries(from))
      Object.defineProperty(to, name, {
        value: plain(part),
        configurable: true,
        enumerable: true,
        writable: true,
      });
  }
  return copied;
}

function holdsExact(value: unknown): boolean {
  const pending = [value];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part === 'bigint') return true;
    if (typeof part !== 'object' || part === null) continue;
    if (isExactNumber(part)) return true;
    for (const one of Array.isArray(part) ? part : Object.values(part)) pending.push(one);
  }
  return false;
}

/** As `JSON.stringify`, also of whole numbers that only a `bigint` holds. @throws as that does */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? exact.rawJSON(String(part)) : part,
  );
}
