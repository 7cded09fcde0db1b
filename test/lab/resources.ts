import { Refused, type ToolCall } from './toolCall.ts';

/** A resource of the lab. A test may add its own to `lab.resources`. */
export interface LabResource {
  readonly definition: { readonly uri: string; readonly name: string; readonly [member: string]: unknown };
  /** Resolves with the contents, each without its `uri`. */
  read(call: ToolCall): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export type Resources = Map<string, LabResource>;

const text: LabResource = {
  definition: {
    uri: 'lab://text',
    name: 'text',
    title: 'A text',
    mimeType: 'text/plain',
    size: 5,
    annotations: { audience: ['user'], priority: 0.5 },
    icons: [{ src: 'https://example.com/text.png', mimeType: 'image/png' }],
  },
  read: async () => [{ mimeType: 'text/plain', text: 'Hello', _meta: { 'lab/kept': true } }],
};

const bytes: LabResource = {
  definition: { uri: 'lab://bytes', name: 'bytes', mimeType: 'application/octet-stream' },
  read: async () => [{ mimeType: 'application/octet-stream', blob: 'AAEC' }],
};

const asks: LabResource = {
  definition: { uri: 'lab://asks', name: 'asks', description: 'Asks for a name before it is read.' },
  read: async (call) => {
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const { content } = await call.elicit('who', 'Who reads?', schema);
    return [{ text: `for ${content['name']}` }];
  },
};

export const resourceTemplates = [
  { uriTemplate: 'lab://files/{path}', name: 'files', title: 'Files', icons: [{ src: 'data:,' }] },
  { uriTemplate: 'lab://users/{id}', name: 'users' },
];

export function labResources(): Resources {
  return new Map([text, bytes, asks].map((resource) => [resource.definition.uri, resource]));
}

/** @param missing the code of the era for a resource that is not there */
export async function readResource(resources: Resources, uri: string, missing: number, call: ToolCall) {
  const resource = resources.get(uri);
  if (resource === undefined) throw new Refused(missing, 'Resource not found', { uri });
  return { contents: (await resource.read(call)).map((content) => ({ uri, ...content })) };
}
