import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArguments, writeArguments } from '../../../../src/ui/arguments/argumentsText.ts';
import {
  argumentsPath,
  readArgumentsPath,
  schemaReference,
} from '../../../../src/ui/arguments/argumentsUri.ts';
import { editorSchema } from '../../../../src/ui/arguments/editorSchema.ts';
import { skeleton } from '../../../../src/ui/arguments/skeleton.ts';

const REFERENCE = './schema/search.json';

describe('a document of arguments', () => {
  it('gives back the arguments it was written with, without the tie to the schema', () => {
    const args = { q: 'x', nested: { list: [1, null] } };
    const reading = readArguments(writeArguments(args, REFERENCE), REFERENCE);
    expect(reading).toMatchObject({ kind: 'arguments', arguments: args });
    expect(reading.kind === 'arguments' && '$schema' in reading.arguments).toBe(false);
  });

  it("keeps a tool's own argument that is called $schema", () => {
    expect(readArguments('{"$schema": "mine"}', REFERENCE)).toMatchObject({ arguments: { $schema: 'mine' } });
  });

  it('takes comments and trailing commas', () => {
    expect(readArguments('{ "a": 1, // one\n }', REFERENCE)).toMatchObject({ arguments: { a: 1 } });
  });

  it('says where it is broken', () => {
    expect(readArguments('{ "a": }', REFERENCE)).toMatchObject({
      kind: 'broken',
      message: 'value expected',
      offset: 7,
    });
    expect(readArguments('[1]', REFERENCE)).toMatchObject({
      kind: 'broken',
      message: 'the arguments must be a JSON object',
    });
    expect(readArguments('', REFERENCE).kind).toBe('broken');
  });

  it('says numbers as they are written, and gives them back so', () => {
    const args = '{"id":9007199254740993,"rate":1.0,"list":[-0,1e400]}';
    const reading = readArguments(args, REFERENCE);
    if (reading.kind !== 'arguments') throw new Error(reading.message);
    expect(JSON.stringify(reading.arguments)).toBe(args);
    const again = readArguments(writeArguments(reading.arguments, REFERENCE), REFERENCE);
    expect(again.kind === 'arguments' && JSON.stringify(again.arguments)).toBe(args);
  });

  it('holds members of any name', () => {
    const args = '{"__proto__":{"a":1},"constructor":2,"toString":3}';
    const reading = readArguments(args, REFERENCE);
    if (reading.kind !== 'arguments') throw new Error(reading.message);
    expect(JSON.stringify(reading.arguments)).toBe(args);
    expect(Object.getPrototypeOf(reading.arguments)).toBe(Object.prototype);
    expect(writeArguments(reading.arguments, REFERENCE)).toContain('"__proto__"');
  });

  it('that is nested without an end says so', () => {
    const text = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(readArguments(text, REFERENCE)).toMatchObject({
      kind: 'broken',
      message: 'it is nested too deep',
    });
  });

  it('finds the place of a problem, or of what should hold it', () => {
    const text = '{ "a": [ { "b/c": 12 } ] }';
    const reading = readArguments(text, REFERENCE);
    if (reading.kind !== 'arguments') throw new Error(reading.message);
    const at = (pointer: string) => {
      const { offset, length } = reading.locate(pointer);
      return text.slice(offset, offset + length);
    };
    expect(at('/a/0/b~1c')).toBe('12');
    expect(at('/a/0/missing')).toBe('{ "b/c": 12 }');
    expect(at('')).toBe(text);
  });

  it('is found again by its path, whatever the names hold', () => {
    const names = ['a/b', '..', 'schema', 'x.json', 'ü & %2F', 'plain'];
    for (const server of names)
      for (const tool of names) {
        const path = argumentsPath(server, tool);
        expect(readArgumentsPath(path)).toEqual({ kind: 'arguments', server, tool });
        const schema = posix.join(posix.dirname(path), schemaReference(tool));
        expect(readArgumentsPath(schema)).toEqual({ kind: 'schema', server, tool });
      }
    expect(readArgumentsPath('/%/x.json')).toBeUndefined();
    expect(readArgumentsPath('/only.json')).toBeUndefined();
  });
});

describe('the schema that the editor gets', () => {
  it('allows the tie to itself where nothing else is allowed', () => {
    const schema = editorSchema({ type: 'object', properties: { a: {} }, additionalProperties: false });
    expect(schema).toMatchObject({
      properties: { a: {}, $schema: { type: 'string' } },
      additionalProperties: false,
    });
  });

  it('leads nowhere else', () => {
    const schema = editorSchema({
      $id: 'https://evil.example/root',
      $schema: 'https://evil.example/meta',
      properties: {
        a: { $ref: 'https://evil.example/a' },
        b: { $ref: '#/$defs/b' },
        c: { items: { $id: 'http://x/' } },
      },
      $defs: { b: { type: 'string' } },
    });
    expect(JSON.stringify(schema)).not.toMatch(/https?:/);
    // What it refers to within itself is laid out where it stands.
    expect(schema).toMatchObject({ properties: { b: { type: 'string' } } });
    expect(JSON.stringify(schema)).not.toContain('$ref');
  });

  it('keeps members that are named like keywords, and values that look like them', () => {
    const properties = { $id: { type: 'string' }, id: { const: { $id: 'x' } } };
    expect(editorSchema({ properties })).toMatchObject({ properties });
  });

  it('ends where a schema is nested without an end', () => {
    let schema: Record<string, unknown> = { type: 'string' };
    for (let depth = 0; depth < 5000; depth += 1) schema = { items: schema };
    expect(JSON.stringify(editorSchema(schema)).length).toBeLessThan(2000);
  });
});

describe('the arguments to start with', () => {
  it('are the required members and those with a default', () => {
    const schema = {
      type: 'object',
      required: ['q', 'page', 'deep', 'mode', 'tags'],
      properties: {
        q: { type: 'string' },
        page: { type: 'integer', minimum: 1 },
        deep: { $ref: '#/$defs/deep' },
        mode: { enum: ['fast', 'slow'] },
        tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
        limit: { type: 'integer', default: 20 },
        optional: { type: 'string' },
      },
      $defs: { deep: { type: 'object', required: ['x'], properties: { x: { type: 'boolean' } } } },
    };
    expect(skeleton(schema)).toEqual({
      q: '',
      page: 1,
      deep: { x: false },
      mode: 'fast',
      tags: [''],
      limit: 20,
    });
  });

  it('follow the first branch of a union at the root', () => {
    const schema = {
      type: 'object',
      anyOf: [{ required: ['id'], properties: { id: { type: 'string' } } }, { required: ['name'] }],
    };
    expect(skeleton(schema)).toEqual({ id: '' });
  });

  it('end where a schema refers to itself', () => {
    const schema = { type: 'object', required: ['next'], properties: { next: { $ref: '#' } } };
    expect(JSON.stringify(skeleton(schema)).length).toBeLessThan(200);
  });
});
