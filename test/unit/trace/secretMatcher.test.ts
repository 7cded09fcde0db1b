import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask, MAX_TEXT } from '../../../src/core/trace/mask.ts';
import { createSecretMatcher } from '../../../src/core/trace/secretMatcher.ts';
import { BASE64, SPELLINGS } from './spellings.ts';

const TOKENS = [
  'sk-live_9fZ/8+aB3dE5gH7jK1mN2pQ4=',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'p@ss w0rd & "quotes" \\ <and> é',
  '100%25 sure',
  '1234',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
];

/** Characters that a header can carry (RFC 9110), and so a secret is made of. */
const secrets = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 6,
    maxLength: 60,
  })
  .filter((text) => text.trim() === text);

/** What stands around a secret, and has nothing of it. */
const around = fc.constantFrom('', ' ', '"', 'user:', '{"a":"', '(', '\n', '…', '?x=', '">');

function left(secret: string, text: string): string {
  return createMask([secret])(text);
}

describe('a secret of the settings is masked', () => {
  for (const [spelling, spell] of Object.entries(SPELLINGS))
    it.each(TOKENS)(`where it is spelt ${spelling}: %s`, (secret) => {
      const spelt = spell(secret);
      expect(left(secret, `before ${spelt} behind`)).toBe('before •••• behind');
    });

  for (const [spelling, spell] of Object.entries(BASE64))
    it.each(TOKENS)(`within ${spelling}: %s`, (secret) => {
      const masked = left(secret, `before ${spell(`${secret}`)} behind`);
      // At its ends up to two characters belong to what is around it as well.
      expect(masked).toMatch(/^before [\w+/-]{0,8}••••[\w+/=-]{0,3} behind$/);
    });

  it('with anything around it, in any mixture of spellings', () => {
    const spellings = Object.values(SPELLINGS).filter(
      (spell) =>
        spell('a/b') !== Buffer.from('a/b').toString('hex') &&
        spell('a/b') !== Buffer.from('a/b').toString('hex').toUpperCase(),
    );
    const one = fc.constantFrom(
      ...Object.keys(SPELLINGS).filter((name) => !/hex|twice|in JSON|form/.test(name)),
    );
    expect(spellings.length).toBeGreaterThan(10);
    fc.assert(
      fc.property(
        secrets,
        around,
        around,
        fc.array(one, { minLength: 1, maxLength: 4 }),
        (secret, before, behind, mixture) => {
          const spelt = [...secret]
            .map((character, n) => SPELLINGS[mixture[n % mixture.length] ?? '']?.(character))
            .join('');
          // A mark of the spelling may itself stand before the secret's own characters, and be read with them.
          fc.pre(!/[\\%&]/.test(secret));
          const { find } = createSecretMatcher([secret]);
          const text = before + spelt + behind;
          expect(
            find(text).some(({ start, end }) => start <= before.length && end >= text.length - behind.length),
          ).toBe(true);
        },
      ),
    );
  });

  it('of any characters, in each spelling', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...Object.entries(SPELLINGS)), (secret, [, spell]) => {
        const { find } = createSecretMatcher([secret]);
        const text = `<${spell(secret)}>`;
        expect(find(text)).toEqual([{ start: 1, end: text.length - 1 }]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('and nothing else is, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abc\\%&;#u/20+= "…é'), maxLength: 200 }), (text) => {
        expect(createSecretMatcher(['a-secret-that-nobody-writes']).find(text)).toEqual([]);
      }),
    );
  });

  it('and what is around it stays as it was, escapes too', () => {
    expect(left('a/b-c/d', '{"x":"\\u0041 a\\/b-c\\/d %41","y":"&amp;"}')).toBe(
      '{"x":"\\u0041 •••• %41","y":"&amp;"}',
    );
  });

  it('in each place of a text that has many', () => {
    expect(left('s3cret-value', 's3cret-value s3cret%2Dvalue s3cret-values3cret-value')).toBe(
      '•••• •••• ••••••••',
    );
  });

  it('also what is left of it where a text was shortened', () => {
    expect(left('0123456789abcdef', 'bad token 0123456789… (HTTP 400)')).toBe('bad token ••••… (HTTP 400)');
    expect(left('0123/56789abcdef', '{"message":"bad token 0123\\/5678…')).toBe(
      '{"message":"bad token ••••…',
    );
    expect(left('0123456789abcdef', 'it ended… in 0123 steps')).toBe('it ended… in 0123 steps');
  });

  it('wherever the bound of a text falls into a spelling of it', () => {
    const secret = 'top/secret+value';
    const { endBefore } = createSecretMatcher([secret]);
    for (const [spelling, spell] of Object.entries(SPELLINGS)) {
      const spelt = spell(secret);
      for (let kept = 0; kept <= spelt.length; kept++) {
        const cut = `${'x'.repeat(50)}${spelt.slice(0, kept)}`;
        const left = cut.slice(0, endBefore(cut)).slice(50);
        // Half an escape may be left of the secret's first character, and all of it where all of it is there.
        if (kept < spelt.length)
          expect([spelling, left]).toEqual([spelling, expect.stringMatching(/^([\\%&][\\\w#]{0,6})?$/)]);
      }
    }
    const long = `${'x'.repeat(MAX_TEXT - 9)}${SPELLINGS['JSON, \\u']?.(secret)}${'y'.repeat(500)}`;
    expect(left(secret, long).replace(/^x+/, '')).toBe('… (596 more characters)');
  });

  it('not where it has three characters or fewer before an ellipsis: every text would lose some', () => {
    expect(left('0123456789abcdef', 'no. 012… and so on')).toBe('no. 012… and so on');
  });
});

describe('the work on a text is linear in it', () => {
  const size = 200_000;
  const hostile: Record<string, string> = {
    backslashes: '\\'.repeat(size),
    'backslashes and quotes': '\\\\\\"'.repeat(size / 4),
    percents: '%25'.repeat(size / 3),
    ampersands: '&amp;'.repeat(size / 5),
    'numbers without an end': `&#${'0'.repeat(size)}`,
    'starts of the secret': 'aaaaaaaaaaab'.repeat(size / 12),
    ellipses: 'aaaa…'.repeat(size / 5),
    'the secret, encoded': `${'\\u0061'.repeat(24)} `.repeat(size / 145),
    colons: '":'.repeat(size / 2),
    'blanks before colons': `"a"${' '.repeat(size)}:`,
    'names without an end': `"${'a'.repeat(size)}":"`,
    'members without an end': '"token":"'.repeat(size / 9),
    parameters: '?token'.repeat(size / 6),
    'equals signs': 'token='.repeat(size / 6),
    'encoded equals signs': 'token%3D'.repeat(size / 8),
    'users of URLs': '://a'.repeat(size / 4),
    'at signs': `${'://'.repeat(size / 6)}${'@'.repeat(size / 2)}`,
  };

  it.each(Object.entries(hostile))('%s', (_, text) => {
    const mask = createMask(['a'.repeat(24), `${'a'.repeat(1_000)}b${'a'.repeat(1_000)}"\\'/b`]);
    const startedAt = performance.now();
    for (let from = 0; from < text.length; from += MAX_TEXT) mask(text.slice(from, from + MAX_TEXT));
    mask(text);
    // About 10 ms on an idle machine; what is quadratic takes many seconds.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
