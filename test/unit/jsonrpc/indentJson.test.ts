import { expect, it } from 'vitest';
import { indentJson } from '../../../src/core/jsonrpc/indentJson.ts';

it('a value is indented by its depth, and no further than 32 levels, however deep it is', () => {
  const deep = '['.repeat(1_000) + ']'.repeat(1_000);
  const lines = indentJson(deep, 1_000_000)?.split('\n') ?? [];
  expect(lines.join('').replaceAll(' ', '')).toBe(deep);
  const indents = lines.map((line) => line.search(/\S/));
  expect(indents.slice(0, 3)).toEqual([0, 2, 4]);
  expect(Math.max(...indents)).toBe(64);
});
