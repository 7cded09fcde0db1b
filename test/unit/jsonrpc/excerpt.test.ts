import { expect, it } from 'vitest';
import { excerpt } from '../../../src/core/jsonrpc/excerpt.ts';

it('a value of a server is told in 200 characters, whatever it is', () => {
  expect(excerpt('x'.repeat(1_000))).toHaveLength(201);
  expect(excerpt({ key: 'x'.repeat(1_000) })).toHaveLength(201);
  expect(excerpt('short')).toBe('"short"');
});
