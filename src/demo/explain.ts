import { fromJsonSchema, type GetPromptResult } from '@modelcontextprotocol/server';
import { handbook } from './handbook.ts';

/** The one prompt of the demo: it asks a model to explain the handbook, and brings the handbook along. */
export const explain = {
  name: 'explain',
  title: 'Explain the handbook',
  description: 'Asks a model to explain the lock keeper’s handbook, with the handbook itself enclosed.',
  argsSchema: fromJsonSchema<{ audience?: string }>({
    type: 'object',
    properties: {
      audience: { type: 'string', title: 'Audience', description: 'Who is to understand it', maxLength: 200 },
    },
    additionalProperties: false,
  }),
  get: ({ audience = 'somebody who has never seen a lock' }: { audience?: string }): GetPromptResult => ({
    messages: [
      {
        role: 'user',
        content: {
          type: 'resource',
          resource: { uri: handbook.uri, mimeType: handbook.mimeType, text: handbook.text },
        },
      },
      { role: 'user', content: { type: 'text', text: `Explain this handbook to ${audience}.` } },
    ],
  }),
} as const;
