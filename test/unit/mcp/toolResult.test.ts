import { expect, it } from 'vitest';
import { readToolResult } from '../../../src/core/mcp/toolResult.ts';

it('a result of very many odd blocks is told of ten of them, and how many more there are', () => {
  const { result, odd } = readToolResult({ content: Array(1_000).fill(null) });
  expect(result.content).toHaveLength(1_000);
  expect(odd).toHaveLength(11);
  expect(odd.at(-1)).toBe('990 more have none.');
});

it.each([
  [{ content: null }, { content: [] }],
  [
    { content: null, toolResult: 'old' },
    { content: [{ type: 'text', text: 'old' }], toolResult: 'old' },
  ],
  [
    { content: ['a'], structuredContent: null, isError: null, _meta: null },
    { content: [{ type: 'text', text: 'a' }] },
  ],
  // It may be what the tool has to say, where it says nothing else.
  [
    { content: [], structuredContent: null },
    { content: [], structuredContent: null },
  ],
])('a member of a result that is null is one that is not there: %j', (sent, read) => {
  expect(readToolResult(sent).result).toEqual(read);
});

it.each([
  [1, true],
  ['true', true],
  ['no', false],
  [{}, false],
])('a result that says %j of whether it failed is named, and read with care', (isError, read) => {
  expect(readToolResult({ content: [], isError })).toMatchObject({
    result: { isError: read },
    odd: [expect.stringContaining('"isError" of the result')],
  });
});
