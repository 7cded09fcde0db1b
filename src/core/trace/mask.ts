import { MASK } from '../errors.ts';
import { namesCredential } from './credentialNames.ts';
import { createSecretMatcher, type Span } from './secretMatcher.ts';

/**
 * A text without what no sink may show, and not longer than `MAX_TEXT`.
 * @param length of the whole, where `text` is the beginning of it and longer than `MAX_TEXT`
 */
export type Mask = (text: string, length?: number) => string;

/** Characters of one text, before they are masked; the rest is counted, not kept. */
export const MAX_TEXT = 65_536;

/**
 * Masks every text that leaves core/ for a person to read: the known secrets, wherever they are and however they are
 * spelled, and any value in the place of a credential: members of JSON, parameters, and the user of a URL.
 * Its work is linear in the text.
 * @param secrets what `secretsOf` found; none of them empty
 */
export function createMask(secrets: readonly string[]): Mask {
  const { find, endBefore } = createSecretMatcher(secrets);
  const isCredential = { member: credentialsNamed('member'), parameter: credentialsNamed('parameter') };

  function mask(text: string): string {
    let masked = replaced(text, find(text));
    masked = replaced(masked, membersIn(masked, isCredential.member));
    masked = replaced(masked, parametersIn(masked, isCredential));
    if (masked.includes('%')) masked = replaced(masked, encodedParametersIn(masked, isCredential));
    return masked.includes('@') ? masked.replace(URL_USER, `$1${MASK}@`) : masked;
  }

  return (text, length = text.length) => {
    if (text.length <= MAX_TEXT) return mask(text);
    // Cut before it is masked: a large result costs no more than what is kept of it. And copied: a slice would keep
    // all of the original alive for as long as a sink keeps the event.
    const cut = Buffer.from(text.slice(0, MAX_TEXT)).toString();
    const kept = cut.slice(0, endBefore(cut));
    return `${mask(kept).replace(CUT_USER, `$1${MASK}`)}… (${length - kept.length} more characters)`;
  };
}

/** User and password of a URL of any scheme, also where JSON escapes its slashes. */
const URL_USER = /(:(?:\/\/|\\\/\\\/))[^/?#@\s"'\\<>]+@/g;
/** What may have been one, before the text was cut. */
const CUT_USER = /(:(?:\/\/|\\\/\\\/))[^/?#@\s"'\\<>]+$/;

/** What is no credential, whatever its name: a switch, a number as short as a count, and a variable of the settings. */
export function isCredentialValue(value: string): boolean {
  return !NO_CREDENTIAL.test(value);
}

const NO_CREDENTIAL = /^(?:true|false|null|none|undefined|\d{0,3}|(?:\w+ )?\$\{(?:env|input):[^{}]*\})$/i;

/**
 * Strings of JSON whose member is named like a credential. Where JSON is itself in a text of JSON, quotes are escaped,
 * and all of one layer alike.
 */
function* membersIn(text: string, isCredential: IsCredential): Iterable<Span> {
  // From colon to colon: they are few, and a search for one character is the cheapest there is.
  for (let colon = text.indexOf(':'); colon > 0; colon = text.indexOf(':', colon + 1)) {
    let close = colon - 1;
    while (isBlank(text.charCodeAt(close))) close--;
    if (text.charCodeAt(close) !== QUOTE) continue;
    const escapes = backslashesBefore(text, close);
    let open = colon + 1;
    while (isBlank(text.charCodeAt(open))) open++;
    for (let n = escapes; n > 0 && text.charCodeAt(open) === BACKSLASH; n--) open++;
    if (text.charCodeAt(open) !== QUOTE || (escapes > 0 && backslashesBefore(text, open) !== escapes))
      continue;
    const end = close - escapes;
    let begin = end;
    while (begin > 0 && end - begin < LONGEST_NAME && text.charCodeAt(begin - 1) !== QUOTE) begin--;
    if (!isCredential(text.slice(begin, end))) continue;
    const value = { start: open + 1, end: endOfString(text, open + 1, escapes) };
    if (isCredentialValue(text.slice(value.start, value.end))) yield value;
    colon = value.end - 1;
  }
}

/**
 * Where a string of JSON ends, whose quotes are written with so many backslashes; the text's end where it is cut.
 * Escaped once more, n backslashes become 2n + 1 before a quote, and each of the string's own 2(n + 1).
 */
function endOfString(text: string, from: number, escapes: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    const all = Math.min(backslashesBefore(text, quote), quote - from);
    // Fewer: the text of JSON that this one is in ends here.
    if (all < escapes) return quote - all;
    if ((all - escapes) % (2 * (escapes + 1)) === 0) return quote - escapes;
  }
  return text.length;
}

/** The end of the name of a parameter that is one of another URL, and so is encoded once or more. */
const ENCODED_EQUALS = /%(?:25){0,3}3d/gi;
/** What stands before such a name. */
const ENCODED_SEPARATOR = /^(?:25){0,3}(?:3f|26|23)/i;
const VALUE = /(?:[^&#\s"'<>\\]|\\\/)*/y;
/** It ends where the next parameter begins, in the URL that is a parameter itself. */
const ENCODED_VALUE = /(?:[^&#\s"'<>\\%]|%(?!(?:25){0,3}(?:26|23)))*/iy;

/**
 * Parameters of a URL or a form that are named like a credential, also in HTML (`&amp;`) and in JSON that escapes `&`,
 * and `name=value` in a sentence.
 */
function* parametersIn(text: string, isCredential: IsCredentialIn): Iterable<Span> {
  for (let equals = text.indexOf('='); equals > 0; equals = text.indexOf('=', equals + 1)) {
    if (!isParameter(text, equals, isCredential)) continue;
    const value = valueFrom(text, equals + 1, VALUE);
    if (isCredentialValue(text.slice(value.start, value.end))) yield value;
    equals = value.end - 1;
  }
}

/** The same within a parameter of another URL: `%3Ftoken%3D`. */
function* encodedParametersIn(text: string, isCredential: IsCredentialIn): Iterable<Span> {
  let done = 0;
  for (const equals of text.matchAll(ENCODED_EQUALS)) {
    if (equals.index < done || !isParameter(text, equals.index, isCredential)) continue;
    const value = valueFrom(text, equals.index + equals[0].length, ENCODED_VALUE);
    done = value.end;
    if (isCredentialValue(text.slice(value.start, value.end))) yield value;
  }
}

/** @param end of the name */
function isParameter(text: string, end: number, isCredential: IsCredentialIn): boolean {
  let begin = end;
  while (begin > 0 && end - begin < LONGEST_NAME && isOfName(text.charCodeAt(begin - 1))) begin--;
  if (begin === end) return false;
  const name = text.slice(begin, end);
  const before = text[begin - 1] ?? ' ';
  if ('?&;#'.includes(before)) return isCredential.parameter(name);
  if (before === '%') return isCredential.parameter(name.replace(ENCODED_SEPARATOR, ''));
  if (before === '\\') return isCredential.parameter(name.replace(/^u0026/, ''));
  return ` \t\r\n"'([{,`.includes(before) && isCredential.member(name);
}

function valueFrom(text: string, start: number, value: RegExp): Span {
  value.lastIndex = start;
  return { start, end: start + (value.exec(text)?.[0].length ?? 0) };
}

const LONGEST_NAME = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function backslashesBefore(text: string, place: number): number {
  let first = place;
  while (first > 0 && text.charCodeAt(first - 1) === BACKSLASH) first--;
  return place - first;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Letters, digits, and `_ . - [ ]`. */
function isOfName(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5b) ||
    (code >= 0x2d && code <= 0x39 && code !== 0x2f) ||
    code === 0x5f ||
    code === 0x5d
  );
}

type IsCredential = (name: string) => boolean;
type IsCredentialIn = Readonly<Record<'member' | 'parameter', IsCredential>>;

/** Names of a place, most of which come again and again. */
function credentialsNamed(place: 'member' | 'parameter'): IsCredential {
  const known = new Map<string, boolean>();
  return (name) => {
    let is = known.get(name);
    if (is === undefined) {
      is = namesCredential(name, place);
      if (known.size < MAX_NAMES) known.set(name, is);
    }
    return is;
  };
}

/** Names that are remembered; a server chooses them. */
const MAX_NAMES = 1_024;

function replaced(text: string, spans: Iterable<Span>): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of spans) {
    masked += text.slice(from, start) + MASK;
    from = end;
  }
  return from === 0 ? text : masked + text.slice(from);
}
