import { expect, it } from 'vitest';
import { readToolResult } from '../../../src/core/mcp/toolResult.ts';

it('a result of very many odd blocks is told of ten of them, and how many more there are', () => {
  const { result, odd } = readToolResult({ content: Array(1_000).fill(null) });
  expect(result.content).toHaveLength(1_000);
  expect(odd).toHaveLength(11);
  expect(odd.at(-1)).toBe('990 more have none.');
});
