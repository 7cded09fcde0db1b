import { handbook } from '../handbook.ts';
import { defineTool } from '../tool.ts';

const { text, ...link } = handbook;

export const links = defineTool<{ embed?: boolean }>({
  name: 'links',
  title: 'Links and resources',
  description:
    'Answers with a text, a link to a resource of this server, a link to the web, and a resource in full.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      embed: {
        type: 'boolean',
        title: 'Embed',
        description: 'Whether to send the text of the resource too',
        default: true,
      },
    },
    additionalProperties: false,
  },
  run: ({ embed = true }) => ({
    content: [
      { type: 'text', text: 'A handbook, and the specification that this server follows:' },
      { type: 'resource_link', ...link },
      {
        type: 'resource_link',
        uri: 'https://modelcontextprotocol.io/specification/2026-07-28',
        name: 'specification',
        title: 'The Model Context Protocol, revision 2026-07-28',
        mimeType: 'text/html',
      },
      ...(embed
        ? [{ type: 'resource' as const, resource: { uri: link.uri, mimeType: link.mimeType, text } }]
        : []),
    ],
  }),
});
