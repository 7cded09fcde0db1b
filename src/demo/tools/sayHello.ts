import { defineTool } from '../tool.ts';

export const sayHello = defineTool<{ name?: string }>({
  name: 'say_hello',
  title: 'Say hello',
  description: 'Greets you. The shortest call there is: good for looking at latency.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Name', description: 'Whom to greet', default: 'world', maxLength: 200 },
    },
    additionalProperties: false,
  },
  run: ({ name = 'world' }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }),
});
