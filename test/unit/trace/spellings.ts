/** How protocols, languages and logs spell a text; each gives another one that means the same to its reader. */
export const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  'JSON of PHP': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'JSON, \\u': (text) => each(text, (unit) => `\\u${hex(unit, 4)}`),
  'JSON, \\u in upper and lower case': (text) => each(text, (unit, n) => `\\u${mixed(hex(unit, 4), n)}`),
  'JSON, \\u for what is no letter': (text) =>
    text.replace(/[^A-Za-z0-9]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`),
  'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  'JSON of PHP in JSON': (text) =>
    JSON.stringify(JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/')).slice(1, -1),
  'JavaScript, \\x': (text) =>
    each(text, (unit) => (unit < 256 ? `\\x${hex(unit, 2)}` : `\\u${hex(unit, 4)}`)),
  'percent-encoded': (text) => encodeURIComponent(text),
  'percent-encoded in lower case': (text) => lower(encodeURIComponent(text)),
  'percent-encoded, every byte': (text) => bytes(text, (byte) => `%${hex(byte, 2).toUpperCase()}`),
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'of a form': (text) => new URLSearchParams({ text }).toString().slice('text='.length),
  'of a path': (text) => encodeURI(text),
  'HTML, named': (text) => text.replace(/[^A-Za-z0-9]/g, (one) => NAMED[one] ?? one),
  'HTML, decimal': (text) => each(text, (unit) => `&#${unit};`),
  'HTML, hex': (text) => each(text, (unit, n) => `&#${n % 2 ? 'x' : 'X'}${mixed(unit.toString(16), n)};`),
  'HTML, with zeros': (text) => each(text, (unit) => `&#x${hex(unit, 6)};`),
  'HTML in JSON': (text) =>
    JSON.stringify(text.replace(/[&<>"'/]/g, (one) => NAMED[one] ?? one)).slice(1, -1),
  'percent in JSON of PHP': (text) => JSON.stringify(encodeURI(text)).slice(1, -1).replaceAll('/', '\\/'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'hex in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
};

/** Base64 of the text with something before and behind it: what of it the text alone decides. */
export const BASE64: Readonly<Record<string, (text: string) => string>> = Object.fromEntries(
  ['', 'a', 'ab', 'user:'].flatMap((before) =>
    (['base64', 'base64url'] as const).map((alphabet) => [
      `${alphabet} behind "${before}"`,
      (text: string) => Buffer.from(`${before}${text}`).toString(alphabet),
    ]),
  ),
);

const NAMED: Readonly<Record<string, string>> = {
  '/': '&sol;',
  '+': '&plus;',
  '=': '&equals;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  _: '&lowbar;',
  '.': '&period;',
  ':': '&colon;',
  '!': '&excl;',
  '%': '&percnt;',
  '@': '&commat;',
  '\\': '&bsol;',
  é: '&eacute;',
};

function each(text: string, spell: (unit: number, n: number) => string): string {
  return Array.from({ length: text.length }, (_, n) => spell(text.charCodeAt(n), n)).join('');
}

function bytes(text: string, spell: (byte: number) => string): string {
  return [...Buffer.from(text)].map(spell).join('');
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function mixed(text: string, n: number): string {
  return n % 2 === 0 ? text.toUpperCase() : text.toLowerCase();
}

function lower(text: string): string {
  return text.replace(/%../g, (one) => one.toLowerCase());
}
