import { inflateSync } from 'node:zlib';
import { type CallToolResult, fromJsonSchema, type ServerContext } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import type { DemoTool } from '../../../src/demo/tool.ts';
import { add } from '../../../src/demo/tools/add.ts';
import { echo } from '../../../src/demo/tools/echo.ts';
import { image } from '../../../src/demo/tools/image.ts';
import { large } from '../../../src/demo/tools/large.ts';
import { structured } from '../../../src/demo/tools/structured.ts';
import { tools, toolsByName } from '../../../src/demo/tools.ts';

interface Property {
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}

describe('the schemas of the demo tools', () => {
  it.each(tools.map((tool) => [tool.name, tool] as const))('%s says what each argument is for', (_, tool) => {
    expect(tool.config.title).not.toBe('');
    expect(tool.config.description).toMatch(/\.$/);
    for (const [name, { type, title, description }] of propertiesOf(tool)) {
      expect({ name, type, title, description }).toEqual({
        name,
        type: expect.any(String),
        title: expect.any(String),
        description: expect.any(String),
      });
    }
  });

  it.each(tools.map((tool) => [tool.name, tool] as const))('%s takes its own defaults', async (_, tool) => {
    for (const [name, { default: value, ...schema }] of propertiesOf(tool)) {
      if (value === undefined) continue;
      const checked = await fromJsonSchema(schema as object)['~standard'].validate(value);
      expect([name, checked.issues]).toEqual([name, undefined]);
    }
  });

  it('show a client every kind of field', () => {
    const kinds = new Set(
      tools.flatMap((tool) => propertiesOf(tool).map(([, property]) => kindOf(property))),
    );
    expect([...kinds].sort()).toEqual([
      'array',
      'boolean',
      'bounded integer',
      'bounded number',
      'enum',
      'enum with titles',
      'number',
      'object',
      'string',
    ]);
  });

  it('mark one parameter to be repeated in a header', () => {
    const marked = tools.flatMap((tool) =>
      propertiesOf(tool)
        .filter(([, property]) => 'x-mcp-header' in property)
        .map(([name, property]) => [tool.name, name, property['x-mcp-header']]),
    );
    expect(marked).toEqual([['structured', 'region', 'Region']]);
  });
});

describe('the demo tools', () => {
  it('add gives text and the sum, and no number that JSON does not have', async () => {
    expect(await call(add, { a: 0.5, b: -2 })).toEqual({
      content: [{ type: 'text', text: '0.5 + -2 = -1.5' }],
      structuredContent: { sum: -1.5 },
    });
    expect(await call(add, { a: 1e308, b: 1e308 })).toMatchObject({ isError: true });
  });

  it('echo shows arguments as deep as they came', async () => {
    const args = {
      message: 'hi',
      extra: [{ deep: [null, { deeper: true }] }],
      details: { priority: 1, more: {} },
    };
    const [block] = (await call(echo, args)).content;
    expect(block?.type === 'text' && JSON.parse(block.text)).toEqual(args);
  });

  it.each([
    [add, { a: 1, b: 2 }],
    [structured, { city: 'Delft' }],
    [structured, { city: 'Oslo', region: 'americas', unit: 'fahrenheit', days: 14 }],
  ])('structured results keep to the output schema: $name %j', async (tool, args) => {
    const { structuredContent } = await call(tool, args);
    const checked = await tool.config.outputSchema?.['~standard'].validate(structuredContent);
    expect(checked).toEqual({ value: structuredContent });
  });

  it('structured says the same of the same city each time', async () => {
    expect(await call(structured, { city: 'Delft' })).toEqual(await call(structured, { city: 'Delft' }));
    expect(await call(structured, { city: 'Delft' })).not.toEqual(await call(structured, { city: 'Oslo' }));
  });

  it.each([1, 3, 1000])('large answers with exactly %i kilobytes', async (kilobytes) => {
    const [block] = (await call(large, { kilobytes })).content;
    expect(block?.type === 'text' && Buffer.byteLength(block.text)).toBe(kilobytes * 1024);
  });

  it.each([0, 1.5, 65_537])('large does not take %d for a size', async (kilobytes) => {
    expect(await call(large, { kilobytes })).toMatchObject({ isError: true });
  });

  it('image answers with a PNG of the size asked for', async () => {
    const [block] = (await call(image, { size: 32, palette: 'forest' })).content;
    const png = Buffer.from(block?.type === 'image' ? block.data : '', 'base64');
    expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([32, 32]);
    const dataAt = png.indexOf('IDAT');
    const scanlines = inflateSync(png.subarray(dataAt + 4, dataAt + 4 + png.readUInt32BE(dataAt - 4)));
    expect(scanlines).toHaveLength(32 * (1 + 32 * 3));
  });
});

function call(tool: DemoTool, args: object): Promise<CallToolResult> {
  expect(toolsByName.get(tool.name)).toBe(tool);
  // None of the tools called here looks at its context: it is the server's, and the integration tests bring one.
  return tool.call(args, {} as ServerContext) as Promise<CallToolResult>;
}

function propertiesOf(tool: DemoTool): [string, Property][] {
  const schema = tool.config.inputSchema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  return Object.entries((schema as { properties: Record<string, Property> }).properties);
}

function kindOf(property: Property): string {
  if ('oneOf' in property) return 'enum with titles';
  if ('enum' in property) return 'enum';
  if ('minimum' in property && 'maximum' in property) return `bounded ${property.type}`;
  return property.type;
}
