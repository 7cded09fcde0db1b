import { describe, expect, it } from 'vitest';
import { entryProblem, isFileOf } from '../../../src/core/mcp/skillEntry.ts';

const SKILL = 'skill://acme/refunds/SKILL.md';
const digest = `sha256:${'0a'.repeat(32)}`;
const file = (name: string, more: object = {}) => ({
  uri: `skill://acme/refunds/${name}`,
  digest,
  size: 1,
  ...more,
});
const entry = (more: object = {}) => ({
  uri: SKILL,
  frontmatter: { name: 'refunds', description: 'How' },
  resources: [file('SKILL.md'), file('a/b.md')],
  ...more,
});
const withFile = (more: object) => entry({ resources: [file('SKILL.md'), file('a.md', more)] });
const many = (count: number) => Array.from({ length: count - 1 }, (_, n) => file(`${n}.md`));

function nested(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
}

describe('what a server says of a skill', () => {
  it.each([
    ['has files', entry()],
    ['is dynamic', entry({ resources: 'dynamic' })],
    ['is of any scheme', entry({ uri: 'github://o/refunds/SKILL.md', resources: 'dynamic' })],
    ['has 512 files', entry({ resources: [file('SKILL.md'), ...many(512)] })],
    ['has 16 MiB', withFile({ size: 16_777_215 })],
    [
      'has front matter of 31 levels below the first',
      entry({ frontmatter: { name: 'refunds', description: '', x: nested(31) } }),
    ],
    ['has an empty file', withFile({ size: 0 })],
  ])('can be used where it %s', (_, good) => {
    expect(entryProblem(good)).toBeUndefined();
  });

  it.each([
    ['null', null, /no "uri"/],
    ['no URI', entry({ uri: 7 }), /no "uri"/],
    ['no front matter', entry({ frontmatter: [] }), /no "frontmatter"/],
    ['no name', entry({ frontmatter: { description: '' } }), /no "name" or no "description"/],
    ['no description', entry({ frontmatter: { name: 'refunds' } }), /no "name" or no "description"/],
    [
      'a name that is not that of its directory',
      entry({ frontmatter: { name: 'x', description: '' } }),
      /URI/,
    ],
    ['a name of two segments', entry({ frontmatter: { name: 'acme/refunds', description: '' } }), /URI/],
    [
      'an empty name',
      { ...entry(), uri: 'skill:///SKILL.md', frontmatter: { name: '', description: '' } },
      /URI/,
    ],
    ['a URI of something else', entry({ uri: 'skill://acme/refunds' }), /URI/],
    [
      'front matter that is nested as deep as it likes',
      entry({ frontmatter: { name: 'refunds', description: '', x: nested(100_000) } }),
      /nested deeper than 32/,
    ],
    ['no files', entry({ resources: undefined }), /neither a list nor "dynamic"/],
    ['another word for files', entry({ resources: 'static' }), /neither a list nor "dynamic"/],
    ['a list without its SKILL.md', entry({ resources: [file('a.md')] }), /do not have its SKILL\.md/],
    ['a file without a URI', withFile({ uri: undefined }), /no "uri"/],
    ['a file twice', entry({ resources: [file('SKILL.md'), file('SKILL.md')] }), /twice/],
    ['a file of somewhere else', withFile({ uri: 'skill://acme/x.md' }), /not in its directory/],
    ['a digest of another kind', withFile({ digest: `md5:${'0a'.repeat(16)}` }), /"digest"/],
    ['a digest in upper case', withFile({ digest: digest.toUpperCase() }), /"digest"/],
    ['no size', withFile({ size: undefined }), /"size"/],
    ['a size below nothing', withFile({ size: -1 }), /"size"/],
    ['half a byte', withFile({ size: 0.5 }), /"size"/],
    ['513 files', entry({ resources: [file('SKILL.md'), ...many(513)] }), /513 files, and at most 512/],
    ['a byte more than 16 MiB', withFile({ size: 16_777_216 }), /16777217 bytes, and at most 16777216/],
  ])('cannot be used where it is or has %s', (_, bad, problem) => {
    expect(entryProblem(bad)).toMatch(problem);
  });
});

describe('the directory of a skill', () => {
  it.each(['SKILL.md', 'a.md', 'a/b/c.md', '.hidden', '..a', 'a%20b.md'])('has %s', (name) => {
    expect(isFileOf(SKILL, `skill://acme/refunds/${name}`)).toBe(true);
  });

  it.each([
    'skill://acme/refunds',
    'skill://acme/refunds/',
    'skill://acme/refundsX/a.md',
    'skill://acme/refunds/../a.md',
    'skill://acme/refunds/a/%2E%2e/b.md',
    'skill://acme/refunds/./a.md',
    'skill://acme/refunds/%2e./a.md',
    'skill://acme/refunds/a//b.md',
    'skill://acme/refunds/..%2fa.md',
    'skill://acme/refunds/..\\a.md',
    'skill://acme/refunds/a.md?x',
    'skill://acme/refunds/a.md#x',
    'other://acme/refunds/a.md',
  ])('does not have %s', (uri) => {
    expect(isFileOf(SKILL, uri)).toBe(false);
  });
});
