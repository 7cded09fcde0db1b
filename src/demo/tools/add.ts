import { defineTool } from '../tool.ts';

export const add = defineTool<{ a: number; b: number }>({
  name: 'add',
  title: 'Add',
  description: 'Adds two numbers. Answers with text and with a structured result.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      a: { type: 'number', title: 'A', description: 'The first number' },
      b: { type: 'number', title: 'B', description: 'The second number' },
    },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: { sum: { type: 'number', description: 'a + b' } },
    required: ['sum'],
    additionalProperties: false,
  },
  run: ({ a, b }) => {
    // JSON has no infinity: without this, two large numbers would answer with `null`.
    if (!Number.isFinite(a + b)) {
      return {
        isError: true,
        content: [{ type: 'text', text: 'The sum is too large for a number in JSON.' }],
      };
    }
    return {
      content: [{ type: 'text', text: `${a} + ${b} = ${a + b}` }],
      structuredContent: { sum: a + b },
    };
  },
});
