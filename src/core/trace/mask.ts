import { MASK } from '../errors.ts';
import { namesCredential } from './credentialNames.ts';
import { createSecretMatcher, type Span } from './secretMatcher.ts';

/** A text without what no sink may show, and not longer than `MAX_TEXT`. */
export type Mask = (text: string) => string;

/** Characters of one text, before they are masked; the rest is counted, not kept. */
export const MAX_TEXT = 65_536;

/**
 * What masks every text that leaves core/ for a person to read: the secrets that are known, wherever and however they
 * stand, and what stands where credentials stand: members of JSON, parameters, and the user of a URL.
 * Its work is linear in the text.
 * @param secrets what `secretsOf` found; none of them empty
 */
export function createMask(secrets: readonly string[]): Mask {
  const { find, endBefore } = createSecretMatcher(secrets);
  const isCredential = { member: credentialsNamed('member'), parameter: credentialsNamed('parameter') };

  function mask(text: string): string {
    let masked = replaced(text, find(text));
    if (masked.includes('"')) masked = replaced(masked, membersIn(masked, isCredential.member));
    if (masked.includes('=') || masked.includes('%3'))
      masked = replaced(masked, parametersIn(masked, isCredential));
    return masked.includes('@') ? masked.replace(URL_USER, `$1${MASK}@`) : masked;
  }

  return (text) => {
    if (text.length <= MAX_TEXT) return mask(text);
    // Cut before it is masked: a large result costs no more than what is kept of it. And copied: a slice would keep
    // all of the original alive for as long as a sink keeps the event.
    const cut = Buffer.from(text.slice(0, MAX_TEXT)).toString();
    const kept = cut.slice(0, endBefore(cut));
    return `${mask(kept).replace(CUT_USER, `$1${MASK}`)}… (${text.length - kept.length} more characters)`;
  };
}

/** User and password of a URL of any scheme, also where JSON escapes its slashes. */
const URL_USER = /(:(?:\/\/|\\\/\\\/))[^/?#@\s"'\\<>]+@/g;
/** What may have been one, before the text was cut. */
const CUT_USER = /(:(?:\/\/|\\\/\\\/))[^/?#@\s"'\\<>]+$/;

/** What is no credential, whatever its name: a switch, and a number as short as a count. */
export function isCredentialValue(value: string): boolean {
  return !NO_CREDENTIAL.test(value);
}

const NO_CREDENTIAL = /^(?:true|false|null|none|undefined|\d{0,3})$/i;

/** A name, and the quote that opens its value. In JSON that is itself in a text of JSON, quotes are escaped alike. */
const MEMBER = /(\\{0,15})"([a-z_$][\w.$ -]{0,63})\1"\s*:\s*\1"/gi;

function* membersIn(text: string, isCredential: IsCredential): Iterable<Span> {
  MEMBER.lastIndex = 0;
  for (let match = MEMBER.exec(text); match !== null; match = MEMBER.exec(text)) {
    const [, backslashes = '', name = ''] = match;
    if (!isCredential(name)) continue;
    const start = MEMBER.lastIndex;
    const end = endOfString(text, start, backslashes.length);
    if (isCredentialValue(text.slice(start, end))) yield { start, end };
    MEMBER.lastIndex = end;
  }
}

/**
 * Where a string of JSON ends, whose quotes are written with so many backslashes; the text's end where it is cut.
 * Escaped once more, n backslashes become 2n + 1 before a quote, and each of the string's own 2(n + 1).
 */
function endOfString(text: string, from: number, backslashes: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let first = quote;
    while (first > from && text[first - 1] === '\\') first--;
    const more = quote - first - backslashes;
    // The text of JSON that this one is in ends here.
    if (more < 0) return first;
    if (more % (2 * (backslashes + 1)) === 0) return quote - backslashes;
  }
  return text.length;
}

/**
 * The name of a parameter in a URL or a form, also within a parameter of another URL (`%3Ftoken%3D`), in HTML
 * (`&amp;`) and in JSON that escapes `&`; and that of `name=value` in a sentence.
 */
const PARAMETER =
  /(?:([?&;#]|\\u0026|%(?:25){0,3}(?:3f|26|23))|^|[\s"'([{,])([a-z_][\w.[\]-]{0,63})(=|%(?:25){0,3}3d)/gi;
const PLAIN_VALUE = /(?:[^&#\s"'<>\\]|\\\/)*/y;
/** It ends where the next parameter begins, in the URL that is a parameter itself. */
const ENCODED_VALUE = /(?:[^&#\s"'<>\\%]|%(?!(?:25){0,3}(?:26|23)))*/iy;

/** @param isCredential whether the name is one's, in a URL or in a sentence */
function* parametersIn(
  text: string,
  isCredential: Record<'member' | 'parameter', IsCredential>,
): Iterable<Span> {
  PARAMETER.lastIndex = 0;
  for (let match = PARAMETER.exec(text); match !== null; match = PARAMETER.exec(text)) {
    const [, separator, name = '', equals] = match;
    if (!isCredential[separator === undefined ? 'member' : 'parameter'](name)) continue;
    const value = equals === '=' ? PLAIN_VALUE : ENCODED_VALUE;
    const start = PARAMETER.lastIndex;
    value.lastIndex = start;
    const [hidden = ''] = value.exec(text) ?? [];
    const end = start + hidden.length;
    if (isCredentialValue(hidden)) yield { start, end };
    PARAMETER.lastIndex = end;
  }
}

type IsCredential = (name: string) => boolean;

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
