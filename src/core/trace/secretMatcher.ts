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
/** The least of a secret before an ellipsis that is taken for its beginning. */
const LEAST_BEGINNING = 4;
/** Ellipses of a text that are looked at, the last ones: an error has one or two. */
const MOST_ELLIPSES = 8;

/**
 * Finds secrets as they are and as protocols spell them: escaped in JSON (`\/`, `\u002f`) and in JavaScript (`\x2f`),
 * percent-encoded, as HTML entities, in Base64 (also within a longer one) and in hex; any of these over one another.
 *
 * A text is decoded, never guessed at: so a spelling may mix, and costs nothing where nothing is encoded. What is left
 * of a secret before an ellipsis is found too, for whoever shortened the text did not know of it. What stands in two
 * texts is not found, half in each.
 * @param secrets none of them empty
 */
export function createSecretMatcher(secrets: readonly string[]): SecretMatcher {
  const needles = [...new Set(secrets.flatMap(needlesOf))].sort((a, b) => b.length - a.length);
  if (needles.length === 0) return { find: () => [], endBefore: (text) => text.length };

  const all = new RegExp(
    needles.map((needle) => needle.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'),
    'g',
  );
  const encoded = needles.some((needle) => /["'\\]/.test(needle)) ? ENCODED_OR_QUOTED : ENCODED;

  /** @param ends places of a text at which a secret may have been cut; of the decoded ones the last stays the end */
  function search(text: string, least: number, endsOf: (text: string) => readonly number[]): Span[] {
    const found: Span[] = [];
    let view = text;
    const layers: string[] = [];
    for (;;) {
      const here = [...whole(view), ...endsOf(view).flatMap((end) => beginning(view, end, least) ?? [])];
      for (const span of here) found.push(inText(span, layers));
      if (layers.length === LAYERS || !encoded.test(view)) break;
      const decoded = view.replace(ESCAPE, decodeEscape);
      if (decoded === view) break;
      layers.push(view);
      view = decoded;
    }
    return merged(found);
  }

  function* whole(view: string): Iterable<Span> {
    all.lastIndex = 0;
    for (let match = all.exec(view); match !== null; match = all.exec(view)) {
      yield { start: match.index, end: all.lastIndex };
      // One secret may begin within another.
      all.lastIndex = match.index + 1;
    }
  }

  /** The longest beginning of a secret that ends at `end`, where there is one. */
  function beginning(view: string, end: number, least: number): Span | undefined {
    let longest = 0;
    for (const needle of needles)
      for (let length = Math.min(needle.length - 1, end); length > longest && length >= least; length--)
        if (view.startsWith(needle.slice(0, length), end - length)) longest = length;
    return longest === 0 ? undefined : { start: end - longest, end };
  }

  return {
    find: (text) => search(text, LEAST_BEGINNING, text.includes('…') ? ellipses : none),
    endBefore: (text) => {
      const last = search(text, 1, endsAfterCut).at(-1);
      return last !== undefined && endsAfterCut(text).includes(last.end) ? last.start : text.length;
    },
  };
}

/** What to look for in a text that is decoded: Base64 and hex stay, for what of a text is one cannot be told. */
function needlesOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const hex = bytes.toString('hex');
  const decoded = secret.replace(ESCAPE, decodeEscape);
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

const ESCAPE =
  /\\(?:u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|x[0-9a-f]{2}|[/"'\\])|%(?:[c-f][0-9a-f](?:%[89ab][0-9a-f]){1,3}|[0-9a-f]{2}|u[0-9a-f]{4})|&(?:#x[0-9a-f]{1,8};?|#\d{1,8};?|[a-z]{2,24}\d{0,2};)/gi;
/** Whether it is worth decoding. Most of JSON in JSON escapes quotes alone, which matters to few secrets. */
const ENCODED = /\\[ux/]|%[0-9a-fu]|&[#a-z]/i;
const ENCODED_OR_QUOTED = /\\[ux/"'\\]|%[0-9a-fu]|&[#a-z]/i;
function decodeEscape(spelt: string): string {
  if (spelt.startsWith('&')) return decodeEntity(spelt);
  const code = /^[\\%](?:[ux]\{?)?([0-9a-f]{2,6})\}?$/i.exec(spelt)?.[1];
  if (code !== undefined) return fromCode(Number.parseInt(code, 16), spelt);
  if (spelt.startsWith('\\')) return spelt.slice(1);
  try {
    return decodeURIComponent(spelt);
  } catch {
    return spelt;
  }
}

function decodeEntity(spelt: string): string {
  const name = spelt.replace(/^&|;$/g, '');
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

/** The stretch of the first text that a stretch of the last decoded one was made of. */
function inText(span: Span, layers: readonly string[]): Span {
  let { start, end } = span;
  for (const layer of layers.toReversed()) {
    const starts = startsOf(layer);
    start = starts[start] ?? layer.length;
    end = starts[end] ?? layer.length;
  }
  return { start, end };
}

/** Where each character of the decoded text began in the text that was decoded. */
function startsOf(text: string): readonly number[] {
  const starts: number[] = [];
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
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
    at > 0 && places.length < MOST_ELLIPSES;
    at = text.lastIndexOf('…', at - 1)
  )
    places.push(at);
  return places;
}

/** An escape that a cut left unfinished. */
const HALF_ESCAPE = /(?:\\+(?:[ux]\{?[0-9a-f]{0,5})?|%[0-9a-fu]{0,4}|&#?\w{0,24})$/i;

/** The end, and the place before what may be half an escape. */
function endsAfterCut(text: string): readonly number[] {
  const half = HALF_ESCAPE.exec(text.slice(-32));
  return half === null ? [text.length] : [text.length, Math.max(0, text.length - 32) + half.index];
}

function none(): readonly number[] {
  return [];
}
