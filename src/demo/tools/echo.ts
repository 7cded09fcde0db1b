import { defineTool } from '../tool.ts';

export const echo = defineTool<Record<string, unknown>>({
  name: 'echo',
  title: 'Echo',
  description:
    'Shows the arguments as they arrived. Takes anything besides the message, nested as deep as you like.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      message: { type: 'string', title: 'Message', description: 'Text to send back' },
      tags: {
        type: 'array',
        title: 'Tags',
        description: 'A list of words',
        items: { type: 'string' },
      },
      details: {
        type: 'object',
        title: 'Details',
        description: 'Any object',
        properties: {
          priority: {
            type: 'integer',
            minimum: 1,
            maximum: 5,
            default: 3,
            description: '1 is the most urgent',
          },
        },
        additionalProperties: true,
      },
    },
    required: ['message'],
    additionalProperties: true,
  },
  run: (args) => ({ content: [{ type: 'text', text: JSON.stringify(args, undefined, 2) }] }),
});
