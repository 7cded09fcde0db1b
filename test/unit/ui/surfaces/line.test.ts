import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentence } from '../../../../src/core/errors.ts';
import { fileName, joined, line, lineOf } from '../../../../src/ui/surfaces/line.ts';
import { escapeMarkdown, inlineCode, markdown, table } from '../../../../src/ui/surfaces/markdown.ts';

/** Texts that are made of what could do harm, more often than chance would. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('[', ']', '(', ')', '$', '`', '<', '>', '|', '\\', '$(', '](', 'command:', 'zap'),
      fc.constantFrom(
        '\u202e',
        '\u2066',
        '\u200b',
        '\u061c',
        '\u180e',
        '\u{e0041}',
        '\ud800',
        '\ue0b0',
        '\u2028',
      ),
      fc.constantFrom('\n', '\r', '\t', '\u001b[31m', '\u009b', '\u0000', '\u0007', 'א', 'ש', '\u0301'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const UNSAFE =
  /[\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066\u2067\u200b\u061c\u180e\u{e0000}-\u{e007f}]/u;

describe('a text from outside, as a line', () => {
  it('is never a link, an icon, a second line or hidden, whatever it holds', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 10, max: 400 }), (text, most) => {
        const shown = lineOf(text, most);
        expect(shown).not.toMatch(/\]\(/);
        expect(shown).not.toMatch(/\$\(/);
        expect(shown).not.toMatch(UNSAFE);
        const isolates = [...shown].filter((letter) => letter === '\u2068' || letter === '\u2069');
        expect(['', '\u2068\u2069']).toContain(isolates.join(''));
        // A blank may come between the parts of each link and icon.
        expect(shown.length).toBeLessThanOrEqual(2 * most + 2);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a link that runs a command', 'x [Details](command:a.b)', 'x [Details] (command:a.b)'],
    ['an icon that draws a seal', '$(verified-filled) safe', '$ (verified-filled) safe'],
    ['a name that is read from right to left', 'safe \u202egnp.exe', 'safe ‹U+202E›gnp.exe'],
    ['a blank that is none', 'say\u200b_hello', 'say‹U+200B›_hello'],
    ['a joiner between Latin letters', 'pay\u200dpal', 'pay‹U+200D›pal'],
    ['a letter that is blank', 'a\u3164b', 'a‹U+3164›b'],
    ['tag characters', 'hi\u{e0041}\u{e007f}', 'hi‹U+E0041›‹U+E007F›'],
    ['an escape sequence', 'a\u001b[2Jb', 'a‹U+001B›[2Jb'],
    ['a line break', 'one\r\ntwo', 'one two'],
    ['a link among others, cut', '[Fix it](command:evil)\n\u202enow', '[Fix it] (command:evil) ‹U+202E›now'],
    ['a pile of marks', `a${'\u0301'.repeat(40)}b`, `a${'\u0301'.repeat(4)}b`],
    ['half of a character', 'a\ud83d', 'a‹U+D83D›'],
    ['a text that is written from right to left', 'שלום', '\u2068שלום\u2069'],
  ])('shows %s for what it is', (_, text, shown) => {
    expect(lineOf(text)).toBe(shown);
  });

  it.each(['mañana', '👩‍💻 pair', '❤️ 1️⃣', 'می‌خواهم', 'क्‍ष', 'e\u0301', '日本語', 'a [b] (c) $5'])(
    'leaves what people write as it is: %s',
    (text) => {
      expect(lineOf(text).replace(/[\u2068\u2069]/g, '')).toBe(text);
    },
  );

  it('keeps our own icons, and cleans what is laid between them', () => {
    const server = '$(pass) docs\n1';
    expect(line`$(error) ${server} has ${3} tools`).toBe('$(error) $ (pass) docs 1 has 3 tools');
    expect(joined(' · ', line`$(lock) ${'a'}`, undefined, line`${'b'}`)).toBe('$(lock) a · b');
  });

  it.each([
    'What shall I call you?',
    'Stop!',
    'See “below.”',
    'It is (see below.)',
    'and so on…',
    '名前は？',
    'はい。',
    'ما اسمك؟',
  ])('ends a sentence of ours, where it ends one itself: %s', (text) => {
    expect(line`${text}.`).toBe(line`${text}`);
    expect(line`It asks: ${text}. Answer it.`).toBe(line`It asks: ${text} Answer it.`);
    expect(line`${text}.${'json'}`).toContain('.json');
    expect(sentence(text)).toBe(text);
  });

  it('has a full stop of ours where it does not', () => {
    expect(line`${'Your name'}. Answer it.`).toBe('Your name. Answer it.');
    expect(sentence(' Your name ')).toBe('Your name.');
  });

  it('is no link and no icon with what stands beside it either', () => {
    const piece = fc.constantFrom('[a]', '[', ']', '$', '(check)', '(command:zap)', 'a');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 4 }), ([a = '', b = '', c = '', d = '']) => {
        const shown = [
          line`${a}${b}${c}${d}`,
          line`[x${a}(check)${b}`,
          joined('', ...[a, b, c, d].map((one) => lineOf(one))),
        ];
        for (const one of shown) expect(one).not.toMatch(/\]\(|\$\(/);
      }),
    );
  });

  it('is pushed out of sight by no row of blanks, also of those that are letters to Unicode', () => {
    for (const blank of [' ', '\u00a0', '\u2003', '\u2800', '\u3000'])
      expect(lineOf(`a${blank.repeat(50)}b`)).toBe('a b');
  });

  it('cuts a long one, and says so', () => {
    expect(lineOf('x'.repeat(400))).toBe(`${'x'.repeat(299)}…`);
  });

  it('costs no more than what is shown of it', () => {
    const huge = Buffer.alloc(50_000_000, '\u0301\u200d$](').toString();
    // V8 compiles a regular expression at its first use.
    lineOf(huge.slice(0, 2_000));
    const start = process.cpuUsage();
    lineOf(huge);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(50);
  });

  it('names a tab, and never a folder', () => {
    expect(fileName('a/../../b\\c', '.json')).toBe('a .. .. b c.json');
    expect(fileName('..', '.json')).toBe('_.json');
    expect(fileName('', '.md')).toBe('_.md');
  });
});

describe('a text from outside, in Markdown', () => {
  it('is no markup, whatever it holds', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const source = escapeMarkdown(text);
        expect(source).not.toMatch(UNSAFE);
        expect(source.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[!#$&()*+:<>@[\\\]^_`{|}~]/);
        expect(inlineCode(text).source).not.toMatch(UNSAFE);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is escaped once, where it is laid into Markdown, and again nowhere', () => {
    const part = markdown`**${'a*b'}**`;
    expect(markdown`${part}, ${'[x](command:y)'}`.source).toBe('**a\\*b**, \\[x\\]\\(command\\:y\\)');
    expect(table('lr', ['a'], [['b|c', part]]).source).toBe('| a |\n| :--- | ---: |\n| b\\|c | **a\\*b** |');
    expect(escapeMarkdown('a*b_[c](d)|$(e)\nf')).toBe('a\\*b\\_\\[c\\]\\(d\\)\\|\\$\\(e\\) f');
    expect(inlineCode('a``b').source).toBe('``` a``b ```');
  });
});
