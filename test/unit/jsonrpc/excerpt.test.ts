import { expect, it } from 'vitest';
import { excerpt } from '../../../src/core/jsonrpc/excerpt.ts';

const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

it.each([
  [{ a: 1 }, '{"a":1}'],
  ['short', '"short"'],
  ['x'.repeat(1_000), `"${'x'.repeat(199)}…`],
  [{ key: 'x'.repeat(1_000) }, `{"key":"${'x'.repeat(192)}…`],
  [undefined, 'undefined'],
  [deep, `${'['.repeat(200)}…`],
  [Array(1_000_000).fill(1), `[${'1,'.repeat(99)}1…`],
])('a value of a server is told in a few words, however much of it there is', (value, told) => {
  expect(excerpt(value)).toBe(told);
});
