/** A stretch of a text, from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface SecretMatcher {
  /** Where secrets stand in a text, in whatever spelling: in order, and none touching another's inside. */
  find(text: string): readonly Span[];
  /** Where the text has to end, so that no part of a secret is left at its end: its length, or before it. */
  endBefore(text: string): number;
}

/** How often a text may be encoded over: JSON in JSON in a URL in HTML. */
const LAYERS = 4;
/** Characters of a needle that are searched for; the rest is compared. A search for a long periodic text is slow. */
const HEAD = 64;
/** The least of a secret before an ellipsis that is taken for its beginning. */
const LEAST_BEGINNING = 4;
/** Ellipses of a text that are looked at, the last ones: an error has one or two. */
const MOST_ELLIPSES = 4;

/**
 * Finds secrets as they are and as protocols spell them: escaped in JSON (`\/`, `\u002f`) and in JavaScript (`\x2f`),
 * percent-encoded, as HTML entities, in Base64 (also within a longer one) and in hex; any of these over one another.
 *
 * A text is decoded, never guessed at: so a spelling may mix, and costs nothing where nothing is encoded. What is left
 * of a secret before an ellipsis is found too, because the code that shortened the text did not know of it. What stands in two
 * texts is not found, half in each.
 * @param secrets none of them empty
 */
export function createSecretMatcher(secrets: readonly string[]): SecretMatcher {
  const needles = [...new Set(secrets.flatMap(needlesOf))].sort((a, b) => b.length - a.length);
  const shortest = needles.at(-1)?.length;
  if (shortest === undefined) return { find: () => [], endBefore: (text) => text.length };

  const escapes = escapesIn(needles);

  /** @param endsOf places of a text at which a secret may have been cut */
  function search(text: string, least: number, endsOf: (text: string) => readonly number[]): Span[] {
    const found: Span[] = [];
    let view = text;
    const layers: Layer[] = [];
    for (;;) {
      const here = [...whole(view), ...endsOf(view).flatMap((end) => beginning(view, end, least) ?? [])];
      for (const span of here) found.push(inText(span, layers));
      if (layers.length === LAYERS) break;
      const decoded = view.replace(escapes, decodeEscape);
      if (decoded === view) break;
      layers.push(layer(view, escapes));
      view = decoded;
    }
    return merged(found);
  }

  function whole(view: string): Span[] {
    const spans: Span[] = [];
    for (const needle of needles) {
      const head = needle.slice(0, HEAD);
      let last: { start: number; end: number } | undefined;
      for (let at = view.indexOf(head); at >= 0; at = view.indexOf(head, at + 1)) {
        const end = at + needle.length;
        // Not by `startsWith`, which is many times slower.
        if (view.slice(at, end) !== needle) continue;
        if (last !== undefined && at < last.end) last.end = end;
        else {
          last = { start: at, end };
          spans.push(last);
        }
      }
    }
    return spans;
  }

  /** The longest beginning of a secret that ends at `end`, where there is one. */
  function beginning(view: string, end: number, least: number): Span | undefined {
    let longest = 0;
    for (const needle of needles)
      for (let length = Math.min(needle.length - 1, end); length > longest && length >= least; length--)
        if (
          needle.charCodeAt(length - 1) === view.charCodeAt(end - 1) &&
          view.startsWith(needle.slice(0, length), end - length)
        )
          longest = length;
    return longest === 0 ? undefined : { start: end - longest, end };
  }

  return {
    find: (text) => {
      const isCut = text.includes('…');
      return text.length < shortest && !isCut ? [] : search(text, LEAST_BEGINNING, isCut ? ellipses : none);
    },
    endBefore: (text) => {
      const toEnd = (view: string) => [view.length];
      for (const end of [beforeHalfEscape(text, text.length), text.length]) {
        const open = search(text.slice(0, end), 1, toEnd).find((span) => span.end === end);
        if (open !== undefined) return open.start;
      }
      return text.length;
    },
  };
}

/** What to look for in a text that is decoded: Base64 and hex stay, for what of a text is one cannot be told. */
function needlesOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  const decoded = secret.replace(escapesIn([secret]), decodeEscape);
  return [
    secret,
    // A blank in a form (application/x-www-form-urlencoded).
    secret.replaceAll(' ', '+'),
    // A secret may itself be encoded, and be shown decoded.
    ...(decoded.length >= LEAST_BEGINNING ? [decoded] : []),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Within(bytes, before)),
  ];
}

/** Characters of the Base64 of `before` other bytes and these that these alone decide, in both alphabets. */
function base64Within(bytes: Buffer, before: number): string[] {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor(((before + bytes.length) * 8) / 6);
  const certain = text.slice(from, to);
  return certain.length < LEAST_BEGINNING ? [] : [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Characters that a backslash alone may escape. */
const MARKS = ['/', '"', "'", '\\'];

/**
 * What encodes a character in JSON and JavaScript, in a URL, in HTML. A mark that no needle has need not be decoded:
 * JSON in JSON is full of escaped quotes. And where no needle has a backslash, one escaped over again is no other.
 */
function escapesIn(needles: readonly string[]): RegExp {
  const marks = MARKS.filter((mark) => needles.some((needle) => needle.includes(mark))).map(
    (mark) => `|\\${mark}`,
  );
  const backslashes = marks.includes('|\\\\') ? String.raw`\\` : String.raw`\\{1,15}`;
  return new RegExp(
    String.raw`${backslashes}(?:u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|x[0-9a-f]{2}${marks.join('')})|${PERCENT}|${ENTITY}`,
    'gi',
  );
}

/** Of the bytes of UTF-8 that make one character, all. */
const PERCENT = '%(?:[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3}|[0-9a-f]{2}|u[0-9a-f]{4})';
const ENTITY = String.raw`&(?:#x[0-9a-f]{1,8}|#\d{1,8}|[a-z]{2,24}\d{0,2});`;

function decodeEscape(spelt: string): string {
  if (spelt.startsWith('&')) return decodeEntity(spelt);
  const last = spelt.slice(-1);
  if (MARKS.includes(last)) return last;
  const code = /^(?:\\+|%)(?:[ux]\{?)?([0-9a-f]{2,6})\}?$/i.exec(spelt)?.[1];
  if (code !== undefined) return fromCode(Number.parseInt(code, 16), spelt);
  try {
    return decodeURIComponent(spelt);
  } catch {
    return spelt;
  }
}

function decodeEntity(spelt: string): string {
  const name = spelt.slice(1, -1);
  if (!name.startsWith('#')) return ENTITIES.get(name) ?? spelt;
  return fromCode(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)), spelt);
}

function fromCode(code: number, otherwise: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

/** HTML's names of what a credential may be made of: of ASCII the marks, and the upper half of Latin-1. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...Object.entries({
    excl: '!',
    quot: '"',
    QUOT: '"',
    num: '#',
    dollar: '$',
    percnt: '%',
    amp: '&',
    AMP: '&',
    apos: "'",
    lpar: '(',
    rpar: ')',
    ast: '*',
    midast: '*',
    plus: '+',
    comma: ',',
    period: '.',
    sol: '/',
    colon: ':',
    semi: ';',
    lt: '<',
    LT: '<',
    equals: '=',
    gt: '>',
    GT: '>',
    quest: '?',
    commat: '@',
    lsqb: '[',
    lbrack: '[',
    bsol: '\\',
    rsqb: ']',
    rbrack: ']',
    Hat: '^',
    lowbar: '_',
    UnderBar: '_',
    grave: '`',
    DiacriticalGrave: '`',
    lcub: '{',
    lbrace: '{',
    verbar: '|',
    vert: '|',
    VerticalLine: '|',
    rcub: '}',
    rbrace: '}',
  }),
  ...(
    'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
    'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
    'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
    'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
    'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
    'thorn yuml'
  )
    .split(' ')
    .map((name, n) => [name, String.fromCharCode(0xa0 + n)] as const),
]);

/** A text that was decoded. */
interface Layer {
  readonly length: number;
  /** Where each character of the decoded text began in this one. Asked for only where something was found. */
  starts(): readonly number[];
}

function layer(text: string, escapes: RegExp): Layer {
  let known: readonly number[] | undefined;
  return { length: text.length, starts: () => (known ??= startsOf(text, escapes)) };
}

/** The stretch of the first text that a stretch of the last decoded one was made of. */
function inText(span: Span, layers: readonly Layer[]): Span {
  let { start, end } = span;
  for (const { length, starts } of layers.toReversed()) {
    start = starts()[start] ?? length;
    end = starts()[end] ?? length;
  }
  return { start, end };
}

function startsOf(text: string, escapes: RegExp): readonly number[] {
  const starts: number[] = [];
  let from = 0;
  for (const match of text.matchAll(escapes)) {
    for (; from < match.index; from++) starts.push(from);
    for (let n = decodeEscape(match[0]).length; n > 0; n--) starts.push(from);
    from += match[0].length;
  }
  for (; from <= text.length; from++) starts.push(from);
  return starts;
}

function merged(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start);
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last !== undefined && span.start < last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}

function ellipses(text: string): readonly number[] {
  const places: number[] = [];
  for (
    let at = text.lastIndexOf('…');
    at > 0 && places.length < 2 * MOST_ELLIPSES;
    at = text.lastIndexOf('…', at - 1)
  )
    places.push(at, beforeHalfEscape(text, at));
  return places;
}

/** What a cut may have left of an escape. */
const HALF_ESCAPE = /(?:\\+(?:[ux]\{?[0-9a-f]{0,5})?|%[0-9a-fu]{0,4}|&(?:amp;)*#?\w{0,24})$/i;

/** The end, or the place before what may be half an escape there. */
function beforeHalfEscape(text: string, end: number): number {
  return end - (HALF_ESCAPE.exec(text.slice(Math.max(0, end - 32), end))?.[0].length ?? 0);
}

function none(): readonly number[] {
  return [];
}
