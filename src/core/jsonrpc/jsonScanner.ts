export type JsonToken = 'name' | 'string' | 'number' | 'word' | 'open' | 'close' | 'comma' | 'colon';

/**
 * How a text went on after its last token.
 * - `whole`: it was one JSON value, and nothing but blanks followed.
 * - `cut`: JSON as far as it was read, and there is more of it.
 * - `broken`: no JSON.
 */
export type JsonEnd = 'whole' | 'cut' | 'broken';

/** Escaped quotes of one string. */
const MOST_QUOTES = 200_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

type Expected =
  | 'value'
  | 'value or close'
  | 'name'
  | 'name or close'
  | 'colon'
  | 'comma or close'
  | 'nothing';

/**
 * The tokens of a JSON text as they stand in it, one by one: of any depth without recursion, and no more of the text is looked at
 * than is asked for. It takes exactly what `JSON.parse` takes.
 *
 *     while (scanner.next()) use(scanner.token, scanner.start, scanner.end);
 *     scanner.outcome
 */
export class JsonScanner {
  /** The last token, and where it stands. */
  token: JsonToken = 'word';
  start: number;
  end: number;
  /** Objects and arrays around the last token; an opening bracket is inside of its own. */
  depth = 0;
  outcome: JsonEnd = 'whole';
  readonly #text: string;
  readonly #to: number;
  /** The text goes on behind `to`. */
  readonly #isPart: boolean;
  readonly #isKnown: boolean;
  /** For each level whether it is an array. */
  readonly #isArray: boolean[] = [];
  #expected: Expected = 'value';

  /**
   * @param to where to stop looking; a token that reaches beyond is given as far as that
   * @param isPart whether the JSON goes on behind `to`
   * @param isKnown the text is JSON, for `JSON.parse` took it: then a long string is passed in one search for its end
   */
  constructor(text: string, from = 0, to = text.length, isPart = to < text.length, isKnown = false) {
    this.#text = text;
    this.#to = to;
    this.#isPart = isPart;
    this.#isKnown = isKnown;
    this.start = from;
    this.end = from;
  }

  /** Goes on to the next token; false where there is none, and `outcome` says why. */
  next(): boolean {
    const text = this.#text;
    let at = this.end;
    while (at < this.#to && isBlank(text.charCodeAt(at))) at++;
    this.start = at;
    this.end = at;
    if (at >= this.#to) {
      const isDone = this.#expected === 'nothing';
      return this.#stop(this.#isPart ? 'cut' : isDone ? 'whole' : 'broken');
    }
    const expected = this.#expected;
    const code = text.charCodeAt(at);
    switch (code) {
      case 0x7b: // {
      case 0x5b: // [
        if (expected !== 'value' && expected !== 'value or close') return this.#stop('broken');
        this.depth = this.#isArray.push(code === 0x5b);
        return this.#found('open', at + 1, code === 0x5b ? 'value or close' : 'name or close');
      case 0x7d: // }
      case 0x5d: {
        const mayClose = expected === 'comma or close' || expected.endsWith(' or close');
        if (!mayClose || this.#isArray.at(-1) !== (code === 0x5d)) return this.#stop('broken');
        this.depth = this.#isArray.length;
        this.#isArray.pop();
        return this.#found('close', at + 1, this.#afterValue());
      }
      case 0x2c: // ,
        if (expected !== 'comma or close') return this.#stop('broken');
        return this.#found('comma', at + 1, this.#isArray.at(-1) === true ? 'value' : 'name');
      case 0x3a: // :
        if (expected !== 'colon') return this.#stop('broken');
        return this.#found('colon', at + 1, 'value');
      case QUOTE: {
        const isName = expected === 'name' || expected === 'name or close';
        if (!isName && expected !== 'value' && expected !== 'value or close') return this.#stop('broken');
        const end = this.#isKnown ? this.#knownEnd(at) : this.#stringEnd(at + 1);
        if (end === undefined) return this.#stop('broken');
        return this.#found(isName ? 'name' : 'string', end, isName ? 'colon' : this.#afterValue());
      }
      default: {
        if (expected !== 'value' && expected !== 'value or close') return this.#stop('broken');
        const isNumber = code === 0x2d || (code >= 0x30 && code <= 0x39);
        const end = this.#match(isNumber ? NUMBER : WORD, at);
        if (end === undefined) return this.#stop(this.#isPart && this.#mayGoOn(at) ? 'cut' : 'broken');
        return this.#found(isNumber ? 'number' : 'word', end, this.#afterValue());
      }
    }
  }

  #found(token: JsonToken, end: number, expected: Expected): true {
    this.token = token;
    this.end = end;
    this.depth = token === 'close' ? this.depth : this.#isArray.length;
    this.#expected = expected;
    return true;
  }

  #stop(outcome: JsonEnd): false {
    this.outcome = outcome;
    return false;
  }

  #afterValue(): Expected {
    return this.#isArray.length === 0 ? 'nothing' : 'comma or close';
  }

  #match(pattern: RegExp, at: number): number | undefined {
    pattern.lastIndex = at;
    return pattern.test(this.#text) ? Math.min(pattern.lastIndex, this.#to) : undefined;
  }

  /** Whether a piece at the end may be the beginning of a number or a word. */
  #mayGoOn(at: number): boolean {
    const rest = this.#text.slice(at, this.#to);
    return rest.length < 5 && ['true', 'false', 'null', '-'].some((word) => word.startsWith(rest));
  }

  /** As `#stringEnd`, of a string that is one. One with very many quotes in it ends, for this scanner, where they do. */
  #knownEnd(start: number): number {
    const end = endOfString(this.#text, start, MOST_QUOTES);
    return end === undefined ? this.#to : Math.min(end, this.#to);
  }

  /** Behind the closing quote, or `to` where that comes first; undefined where the string is none. */
  #stringEnd(from: number): number | undefined {
    const text = this.#text;
    let at = from;
    while (at < this.#to) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code < 0x20) return undefined;
      if (code === BACKSLASH) {
        const end = this.#match(ESCAPE, at);
        if (end === undefined) return this.#isPart && this.#to - at < 6 ? this.#to : undefined;
        at = end;
      } else at++;
    }
    return this.#isPart ? this.#to : undefined;
  }
}

/**
 * Behind the closing quote of a string of JSON that is known to be one.
 * @param most escaped quotes to look at
 * @returns undefined where there are more
 */
export function endOfString(text: string, start: number, most: number): number | undefined {
  let at = start + 1;
  for (let quotes = 0; quotes <= most; quotes++) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes++;
    at = quote + 1;
    if (slashes % 2 === 0) return at;
  }
  return undefined;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
