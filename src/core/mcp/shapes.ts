import type { ObjectShape, Shape } from './shape.ts';

/** What Sluice reads of what servers send, one object of the schema each. `inputSchema` and `content` are read where they are used. */

const ABOUT: Shape = { title: 'text', description: 'text', _meta: 'object' };

export const TOOL: ObjectShape = {
  texts: ['name'],
  optional: {
    ...ABOUT,
    icons: 'list',
    outputSchema: 'object',
    annotations: {
      members: {
        title: 'text',
        readOnlyHint: 'flag',
        destructiveHint: 'flag',
        idempotentHint: 'flag',
        openWorldHint: 'flag',
      },
    },
    execution: { members: { taskSupport: { oneOf: ['required', 'optional', 'forbidden'] } } },
  },
};

export const RESOURCE: ObjectShape = {
  texts: ['uri'],
  optional: {
    ...ABOUT,
    name: 'text',
    mimeType: 'text',
    size: 'number',
    icons: 'list',
    annotations: 'object',
  },
};

export const RESOURCE_TEMPLATE: ObjectShape = {
  texts: ['uriTemplate'],
  optional: { ...ABOUT, name: 'text', mimeType: 'text', icons: 'list', annotations: 'object' },
};

export const RESOURCE_CONTENTS: ObjectShape = {
  texts: [],
  optional: { uri: 'text', mimeType: 'text', text: 'text', blob: 'text', _meta: 'object' },
};

export const PROMPT: ObjectShape = {
  texts: ['name'],
  optional: {
    ...ABOUT,
    icons: 'list',
    arguments: { each: { texts: ['name'], optional: { ...ABOUT, required: 'flag' } } },
  },
};

export const IMPLEMENTATION: ObjectShape = {
  texts: ['name'],
  optional: { title: 'text', version: 'text', description: 'text', websiteUrl: 'text', icons: 'list' },
};

export const TASK: ObjectShape = {
  texts: ['taskId', 'status'],
  optional: {
    statusMessage: 'text',
    createdAt: 'text',
    lastUpdatedAt: 'text',
    pollInterval: 'number',
    ttl: 'number',
  },
};

export const LOG_MESSAGE: ObjectShape = { texts: ['level'], optional: { logger: 'text', _meta: 'object' } };
