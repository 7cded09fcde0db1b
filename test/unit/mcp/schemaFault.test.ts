import { expect, it } from 'vitest';
import { schemaFault } from '../../../src/core/mcp/schemaFault.ts';

it('the keyword at fault is looked for in 10,000 parts of a schema, and no more', () => {
  // The last part is looked at first.
  const among = (others: number) => [{ anyOf: 5 }, ...Array.from({ length: others }, () => ({}))];
  const told = (others: number) => schemaFault(new Error('broken'), { allOf: among(others) });
  expect(told(9_000)).toBe('the schema\'s "anyOf" is not an array: 5');
  expect(told(11_000)).toBe('the schema is malformed (broken)');
});
