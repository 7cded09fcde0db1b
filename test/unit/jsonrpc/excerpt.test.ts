import { expect, it } from 'vitest';
import { excerpt } from '../../../src/core/jsonrpc/excerpt.ts';

const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

it.each([
  [{ a: 1 }, '{"a":1}'],
  ['x'.repeat(1_000), `"${'x'.repeat(199)}…`],
  [undefined, 'undefined'],
  [deep, 'something that is nested too deep'],
  [Array(1_000_000).fill(1), 'something that is too large to be told, an array of 1000000'],
  [
    { text: 'x'.repeat(10_000_000) },
    'something that is too large to be told, an object whose first member is "text"',
  ],
])('a value of a server is told in a few words, however much of it there is', (value, told) => {
  expect(excerpt(value)).toBe(told);
});
