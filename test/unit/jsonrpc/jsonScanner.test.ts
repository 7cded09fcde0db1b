import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonEnd, JsonScanner } from '../../../src/core/jsonrpc/jsonScanner.ts';

function read(text: string, from = 0, to?: number, isPart?: boolean) {
  const scanner = new JsonScanner(text, from, to, isPart);
  const tokens: string[] = [];
  while (scanner.next()) tokens.push(text.slice(scanner.start, scanner.end));
  return { tokens, outcome: scanner.outcome };
}

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON with blanks of all kinds between its tokens. */
const spaced = fc
  .tuple(fc.json({ maxDepth: 6 }), fc.array(fc.constantFrom('', ' ', '\n', '\r\n', '\t'), { minLength: 1 }))
  .map(([json, blanks]) =>
    read(json)
      .tokens.map((token, n) => token + blanks[n % blanks.length])
      .join(''),
  );

describe('the tokens of a JSON text', () => {
  it('leave nothing of it out but blanks', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const { tokens, outcome } = read(text);
        expect(outcome).toBe('whole');
        expect(tokens.join('')).toBe(text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1'));
      }),
    );
  });

  it('are there exactly where JSON.parse takes the text', () => {
    const piece = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"',
        '\\',
        '\\u00e9',
        '\\x',
        '\n',
        ' ',
        '1',
        '-',
        '0',
        '01',
        '.',
        'e5',
        '1.5e+3',
        'true',
        'tru',
        'null',
        'NaN',
        '\u2028',
        '\u0001',
        '\ufeff',
        "'a'",
      ],
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
        (text) => {
          expect(read(text).outcome === 'whole').toBe(isJson(text));
        },
      ),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom('}', ']', ',', '"', 'x', '\\', '0'),
        (json, at, odd) => {
          const place = at % (json.length + 1);
          const text = json.slice(0, place) + odd + json.slice(place + (at % 2));
          expect(read(text).outcome === 'whole').toBe(isJson(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('of a part are those of the whole as far as it goes, wherever it is cut', () => {
    fc.assert(
      fc.property(spaced, fc.nat(), (text, at) => {
        const to = at % (text.length + 1);
        const { tokens, outcome } = read(text, 0, to, true);
        expect(outcome).toBe('cut');
        expect(text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1').startsWith(tokens.join(''))).toBe(true);
      }),
    );
  });

  it('of a part that no JSON begins with are told as such', () => {
    const outcomes: [string, JsonEnd][] = [
      ['[link](https://example.com) and more', 'broken'],
      ['{ not json', 'broken'],
      ['[1] a footnote', 'broken'],
      ['[tr', 'cut'],
      ['{"a', 'cut'],
      ['{"a\\u00', 'cut'],
      ['[-', 'cut'],
    ];
    for (const [text, outcome] of outcomes)
      expect([text, read(text, 0, text.length, true).outcome]).toEqual([text, outcome]);
  });

  it('of a text that is known to be JSON end where a string has more than 200,000 quotes in it', () => {
    const tokensOf = (quotes: number) => {
      const text = `["${'\\"'.repeat(quotes)}",1]`;
      const scanner = new JsonScanner(text, 0, text.length, false, true);
      let count = 0;
      while (scanner.next()) count++;
      return count;
    };
    expect(tokensOf(200_000)).toBe(5);
    expect(tokensOf(200_001)).toBe(2);
  });

  it('come at any depth', () => {
    const depth = 1_000_000;
    const { tokens, outcome } = read('['.repeat(depth) + ']'.repeat(depth));
    expect([tokens.length, outcome]).toEqual([2 * depth, 'whole']);
  });
});
