declare const LINES: unique symbol;
/** What a log may be given: lines that a `LogText` laid out. */
export type LogLines = string & { readonly [LINES]: true };

/** Text of a log: lines that were laid out here. Text from outside is never more than a part of one line. */
export class LogText {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Lays texts out, each of them made safe for one line unless it is a `LogText` itself. */
  static of(parts: readonly string[], values: readonly Loggable[]): LogText {
    let text = parts[0] ?? '';
    for (let n = 0; n < values.length; n++) text += LogText.#laidIn(values[n] ?? '') + (parts[n + 1] ?? '');
    return new LogText(text);
  }

  static #laidIn(value: Loggable): string | number {
    if (typeof value === 'string') return inOneLine(value);
    return typeof value === 'number' ? value : value.#text;
  }

  toString(): string {
    return this.#text;
  }

  get lines(): LogLines {
    return this.#text as LogLines;
  }
}

export type Loggable = string | number | LogText;

/** The only way to a `LogText`: what is written in the code stays as it is, and what is laid into it is escaped. */
export function log(parts: TemplateStringsArray, ...values: readonly Loggable[]): LogText {
  return LogText.of(parts, values);
}

/**
 * Characters that are invisible, or that move the text around them: control characters, line breaks, escape sequences, bidi controls,
 * tags, fillers, halves of characters. Blanks and emoji are left; of an emoji made of several the joiners show.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** JSON of several lines has its breaks between its parts, where they are blanks. */
const BREAKS = /\s*[\r\n]\s*/g;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line, as JSON escapes it: so JSON stays JSON, and can be copied. */
function inOneLine(text: string): string {
  if (!BEYOND_PRINTABLE_ASCII.test(text) || !NEEDS_ESCAPES.test(text)) return text;
  const line = /[\r\n]/.test(text) && isJson(text) ? text.replace(BREAKS, ' ') : text;
  return line.replace(UNSEEN, (one) => NAMED[one] ?? escaped(one));
}

/** Twice as fast as the next, and true of few texts. */
const BEYOND_PRINTABLE_ASCII = /[^\x20-\x7e]/;
/** The same characters as `UNSEEN` and some more, but found without decoding. */
const NEEDS_ESCAPES = /[^\x20-\x7e\xa1-\xac\xae-\u02ff\u2022\u2026]/;

function escaped(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
