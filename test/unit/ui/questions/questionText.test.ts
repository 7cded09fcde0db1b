import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressRows, MOST_ROWS, oneLine, quoted, wrap } from '../../../../src/ui/questions/questionText.ts';

describe('what a server says', () => {
  it('is one line where it fits into one', () => {
    expect(oneLine('Delete all?')).toBe('Delete all?');
    expect(oneLine('$(check) Delete [all](command:a.b)?')).toBe('$ (check) Delete [all] (command:a.b)?');
    expect(oneLine('one\ntwo')).toBeUndefined();
    expect(oneLine('word '.repeat(30))).toBeUndefined();
  });

  it.each([
    ['lines', 'one\r\ntwo\n\nthree\u2028four', ['one', 'two', 'three', 'four']],
    [
      'an icon and a label that are ours',
      '$(check) Accept\n$(warning) no',
      ['$ (check) Accept', '$ (warning) no'],
    ],
    ['what cannot be drawn', 'a\u202eb\nc', ['a‹U+202E›b', 'c']],
    ['nothing', '', []],
  ])('is quoted line by line: %s', (_, message, lines) => {
    expect(quoted(message)).toEqual(lines.map((text) => `$(quote) ${text}`));
  });

  it('is there whole, in rows that each begin with our quotation mark and hold no other icon', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const message = words
          .join(' ')
          .replace(/[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, '')
          .replace(/\s+/g, ' ')
          .trim();
        const rows = quoted(message);
        for (const row of rows) {
          expect(row.startsWith('$(quote) ')).toBe(true);
          expect(row.slice(1)).not.toMatch(/\$\(/);
        }
        const all = rows.map((row) => row.slice('$(quote) '.length)).join('');
        const bare = (text: string) => text.replace(/[\s\u2800\u2068\u2069]+/g, '');
        expect(bare(all)).toBe(bare(message));
      }),
    );
  });

  it('is bounded, and says that it is', () => {
    for (const message of ['word '.repeat(100_000), '\n.'.repeat(100_000)]) {
      const rows = quoted(message);
      expect(rows.length).toBeLessThanOrEqual(MOST_ROWS + 1);
      expect(rows.at(-1)).toContain(`the message has ${message.length} characters`);
    }
  });

  it('fits into a row as it is drawn, also where its letters are wide', () => {
    expect(wrap('W'.repeat(100), 80).map(({ length }) => length)).toEqual([50, 50]);
    expect(wrap('漢'.repeat(100), 80).map(({ length }) => length)).toEqual([40, 40, 20]);
    expect(wrap('l'.repeat(100), 80).map(({ length }) => length)).toEqual([80, 20]);
  });
});

it('an address is there whole, to the letter, and draws no icon', () => {
  const url = new URL(`https://a.example/$(verified)/${'x'.repeat(50)}$(check)?q=${'1'.repeat(100)}#[a](b)`);
  const rows = addressRows(url).map((row) => row.slice('$(globe) '.length));
  expect(rows.join('').replaceAll('\\$(', '$(')).toBe(url.href);
  // VS Code draws an icon where a whole one stands, unless a backslash stands before it.
  for (const row of rows) expect(row).not.toMatch(/(?<!\\)\$\([\w~-]+\)/);
});
