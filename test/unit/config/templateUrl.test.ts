import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatVariable, readTemplateUrl } from '../../../src/core/config/templateUrl.ts';

/** Origin, path, and each variable with its place. */
function read(url: string) {
  const found = readTemplateUrl(url);
  if (found === undefined) return undefined;
  const places = found.variables.map(({ variable, place }) => {
    const name = 'name' in place ? ` ${place.name}` : '';
    return `${formatVariable(variable)} ${place.in}${name}`;
  });
  return [found.origin, found.host, found.path, ...places];
}

describe('a URL with variables is taken apart as the parser of URLs will take it', () => {
  test.each([
    ['https://h/mcp', ['https://h', 'h:443', '/mcp']],
    ['http://h', ['http://h', 'h:80', '/']],
    ['http://h:81/a?b=c', ['http://h:81', 'h:81', '/a?b=c']],
    ['https://${env:H}/mcp', ['https://${env:H}', '${env:H}:443', '/mcp', '${env:H} host']],
    [
      'https://${env:H}:${env:P}/mcp',
      ['https://${env:H}:${env:P}', '${env:H}:${env:P}', '/mcp', '${env:H} host', '${env:P} port'],
    ],
    ['https://h:8${env:P}/', ['https://h:8${env:P}', 'h:8${env:P}', '/', '${env:P} port']],
    ['https://[::1]:${env:P}/', ['https://[::1]:${env:P}', '[::1]:${env:P}', '/', '${env:P} port']],
    [
      'https://${env:S}.evil.example/',
      ['https://${env:S}.evil.example', '${env:S}.evil.example:443', '/', '${env:S} host'],
    ],
    ['https://${env:U}@evil.example/', ['https://evil.example', 'evil.example:443', '/', '${env:U} user']],
    ['https://u:${env:U}@evil.example/', undefined],
    ['https://h/${input:t}/mcp', ['https://h', 'h:443', '/${input:t}/mcp', '${input:t} path']],
    [
      'https://h/mcp?k=${env:K}&${env:N}=1',
      ['https://h', 'h:443', '/mcp?k=${env:K}&${env:N}=1', '${env:K} query k', '${env:N} query'],
    ],
    ['https://h\\@e/${env:X}', ['https://h', 'h:443', '/@e/${env:X}', '${env:X} path']],
    ['https://bücher.example/', ['https://xn--bcher-kva.example', 'xn--bcher-kva.example:443', '/']],
    ['https://EXAMPLE.com/', ['https://example.com', 'example.com:443', '/']],
    ['${env:BASE}/mcp', ['${env:BASE}', '${env:BASE}', '/mcp', '${env:BASE} origin']],
    ['${env:BASE}', ['${env:BASE}', '${env:BASE}', '/', '${env:BASE} origin']],
    ['${env:BASE}:81/mcp', ['${env:BASE}:81', '${env:BASE}:81', '/mcp', '${env:BASE} origin']],
  ])('%s', (url, expected) => {
    expect(read(url)).toEqual(expected);
  });

  test.each([
    '${env:SCHEME}://evil.example/',
    '${env:SCHEME}//evil.example/',
    '${env:SCHEME}/\\evil.example/',
    '${env:BASE}.evil.example/',
    '${env:USER}@evil.example/',
    '${env:A}${env:B}/',
    'https://[${env:A}]/',
    'https://${env:A}%/',
  ])('%s cannot be told', (url) => {
    expect(read(url)).toBeUndefined();
  });

  test('a text that looks like one of the marks is no variable', () => {
    expect(read('https://v0z.example/${env:A}')?.[0]).toBe('https://v0z.example');
    expect(read('https://%76%760z.example/${env:A}')).toBeUndefined();
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    'https://',
    'http://',
    '/',
    ':',
    '@',
    '.',
    '?',
    '&',
    '=',
    '#',
    '\\',
    '[',
    ']',
    '%76',
    '8080',
  ),
  fc.constantFrom('${env:A}', '${env:B}', '${input:c}', '${workspaceFolder}', 'v0z', 'evil.example', 'a'),
);
const value = fc.constantFrom('secret', '8081', 'a.b', 'x/y', 'a@b', '?', '\\z', '');

test('whatever stands where: a host that shows no variable is the host that is called, whatever they give', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('https://', 'http://', ''),
      fc.array(piece, { maxLength: 8 }),
      value,
      (scheme, pieces, given) => {
        const url = scheme + pieces.join('');
        const found = readTemplateUrl(url);
        if (found === undefined || found.origin.includes('${')) return;
        if (found.variables.some(({ place }) => place.in === 'user')) return;
        const filled = URL.parse(url.replace(/\$\{[^}]*\}/g, given));
        if (filled === null) return;
        expect(`${filled.protocol}//${filled.host}`).toBe(found.origin);
      },
    ),
    { numRuns: 20_000 },
  );
});
