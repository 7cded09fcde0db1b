import { describe, expect, it } from 'vitest';
import type { Tool } from '../../../../src/core/mcp/mcpTypes.ts';
import { toolText } from '../../../../src/ui/tools/toolText.ts';

const tool = (more: object) => ({ name: 'delete_many', inputSchema: { type: 'object' }, ...more }) as Tool;

describe('what there is to read of a tool', () => {
  it('is its title, its hints, its whole description, and each argument with its own', () => {
    const text = toolText(
      'mongo',
      tool({
        title: 'Delete documents',
        description: `Deletes.\n\n  - ${'all '.repeat(500)}the end`,
        annotations: { destructiveHint: true, openWorldHint: true },
        inputSchema: {
          properties: {
            database: { type: 'string', description: `Its name. ${'x'.repeat(1_000)} the end` },
            filter: {
              type: 'object',
              properties: { _id: { type: 'integer', default: 5, description: 'One document.' } },
            },
          },
          required: ['database'],
        },
      }),
    );
    expect(text).toMatch(/^delete_many \(Delete documents\)\na tool of the server mongo\n/);
    expect(text).toContain('The server says: may destroy data; reaches beyond its server.');
    expect(text).toContain('Deletes.\n\n  - all all');
    expect(text.match(/the\s+end/g)).toHaveLength(2);
    // A line is as long as one reads, but for a word that is longer.
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([expect.stringMatching(/^ +x+$/)]);
    expect(text).toContain('  database: string, required');
    expect(text).toContain('    _id: integer\n      One document.\n      default: 5');
  });

  it('draws nothing that hides or turns around what stands beside it', () => {
    const text = toolText('a', tool({ description: 'a\u202eb\u200bc\u0007d', title: '\u202e' }));
    for (const hidden of ['\u202e', '\u200b', '\u0007']) expect(text).not.toContain(hidden);
  });

  it.each<[string, object]>([
    ['a long description', { description: 'x'.repeat(10_000_000) }],
    [
      'many arguments',
      {
        inputSchema: {
          properties: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`m${n}`, {}])),
        },
      },
    ],
    [
      'arguments that lie within each other',
      { inputSchema: JSON.parse(`${'{"properties":{"a":'.repeat(2_000)}{}${'}}'.repeat(2_000)}`) },
    ],
    [
      'nothing that it should have',
      {
        description: 5,
        title: {},
        annotations: 'x',
        outputSchema: null,
        inputSchema: { properties: { a: null }, required: 5 },
      },
    ],
  ])('is bounded: %s', (_, more) => {
    expect(toolText('a', tool(more)).length).toBeLessThan(250_000);
  });
});
