import { describe, expect, it } from 'vitest';
import { frontMatterOf } from '../../../src/core/mcp/frontMatter.ts';

const between = (yaml: string) => `---\n${yaml}\n---\n\nThe rest.`;

/** So many levels, each of which stands for `width` times the one before. */
function aliases(levels: number, width: number): string {
  const lines = Array.from(
    { length: levels },
    (_, n) => `l${n + 1}: &l${n + 1} [${Array(width).fill(`*l${n}`)}]`,
  );
  return ['l0: &l0 lol', ...lines].join('\n');
}

describe('front matter', () => {
  it.each([
    ['a text', 'a: b', { a: 'b' }],
    ['a date, which is a text in YAML 1.2', 'a: 2026-01-01', { a: '2026-01-01' }],
    ['yes, which is a text in YAML 1.2', 'a: yes', { a: 'yes' }],
    ['numbers as JSON has them', 'a: 1.0\nb: -0\nc: 0x10', { a: 1, b: 0, c: 16 }],
    ['nothing', 'a:\nb: ~', { a: null, b: null }],
    ['a folded text', 'a: >-\n  two\n  lines', { a: 'two lines' }],
    ['a line of dashes in a text', 'a: |\n  x\n  ---\n  y', { a: 'x\n---\ny\n' }],
    ['an alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['what merges elsewhere', '<<: {a: 1}', { '<<': { a: 1 } }],
  ])('has %s', (_, yaml, fields) => {
    expect(frontMatterOf(between(yaml))).toEqual({ kind: 'read', fields });
  });

  it('gives an object no other prototype', () => {
    const found = frontMatterOf(between('__proto__: {isAdmin: true}'));
    if (found.kind !== 'read') throw new Error(found.problem);
    expect(Object.keys(found.fields)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(found.fields)).toBe(Object.prototype);
    expect(found.fields['isAdmin']).toBeUndefined();
  });

  it('ends at the first line of dashes, also where a text has more', () => {
    expect(frontMatterOf(`${between('a: b')}\n---\nc: d\n---\n`)).toEqual({
      kind: 'read',
      fields: { a: 'b' },
    });
  });

  it.each([
    ['is not there', 'a: b', /does not begin with front matter/],
    ['comes later', `\n${between('a: b')}`, /does not begin with front matter/],
    ['does not end', '---\na: b\n', /does not begin with front matter/],
    ['is empty', '---\n---\n', /is not readable YAML/],
    ['is no mapping', between('a'), /has no fields/],
    ['is not YAML', between('a: [b'), /is not readable YAML/],
    ['has more aliases than anybody needs', between(aliases(8, 9)), /aliases exceeded maxAliases/],
    [
      'is nested deeper than anybody needs',
      between(`a: ${'['.repeat(40)}${']'.repeat(40)}`),
      /nesting exceeded/,
    ],
    ['is longer than anybody needs', between(`a: ${'x'.repeat(65_536)}`), /65536 characters at most/],
    ['has two documents in one', between('a: b\n--- # c'), /is not readable YAML/],
  ])('that %s is told as unreadable', (_, text, problem) => {
    expect(frontMatterOf(text)).toMatchObject({
      kind: 'unreadable',
      problem: expect.stringMatching(problem),
    });
  });
});
