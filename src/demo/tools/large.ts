import { defineTool } from '../tool.ts';

const MAX_KILOBYTES = 65_536;
const LINE_LENGTH = 64;
const LINES_PER_KILOBYTE = 1024 / LINE_LENGTH;
const FILLER = ' water under the bridge, and more water under the bridge'.padEnd(LINE_LENGTH, '.');

export const large = defineTool<{ kilobytes?: number }>({
  name: 'large',
  title: 'Large answer',
  description: 'Answers with a text of the size you ask for, in numbered lines, all of it in one SSE event.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      kilobytes: {
        type: 'integer',
        title: 'Kilobytes',
        description: 'Size of the text in units of 1024 bytes',
        minimum: 1,
        maximum: MAX_KILOBYTES,
        default: 256,
      },
    },
    additionalProperties: false,
  },
  run: ({ kilobytes = 256 }) => ({ content: [{ type: 'text', text: textOf(kilobytes) }] }),
});

/** Exactly `kilobytes` × 1024 bytes: numbered lines of 64, line breaks included. */
function textOf(kilobytes: number): string {
  const lines: string[] = [];
  for (let line = 1; line <= kilobytes * LINES_PER_KILOBYTE; line += 1) {
    lines.push(`${String(line).padStart(8, '0')}${FILLER}`.slice(0, LINE_LENGTH - 1));
  }
  return `${lines.join('\n')}\n`;
}
