import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readListed } from '../../../src/core/mcp/readListed.ts';
import { type MemberShape, type ObjectShape, readShape, type Shape } from '../../../src/core/mcp/shape.ts';
import * as shapes from '../../../src/core/mcp/shapes.ts';

const ALL = Object.entries(shapes) as readonly (readonly [string, ObjectShape])[];

/** Every optional member of a shape with a value that its type says. */
function whole({ texts, optional }: ObjectShape): Record<string, unknown> {
  return { ...Object.fromEntries(texts.map((member) => [member, member])), ...members(optional) };
}
const members = (shape: Shape): Record<string, unknown> =>
  Object.fromEntries(Object.entries(shape).map(([member, kind]) => [member, good(kind)]));
function good(kind: MemberShape): unknown {
  if (typeof kind !== 'string') {
    if ('oneOf' in kind) return kind.oneOf[0];
    return 'members' in kind ? members(kind.members) : [whole(kind.each)];
  }
  return { text: 'x', number: 1, flag: true, object: {}, list: [] }[kind];
}

/** What stands where its type says something else. */
const WRONG = { text: 5, number: 'x', flag: 'true', object: [], list: {} } as const;
const wrong = (kind: MemberShape): unknown => (typeof kind === 'string' ? WRONG[kind] : 7);

describe.each(ALL)('%s', (_, shape) => {
  it('that is as it should be is the very object that came', () => {
    const value = { ...whole(shape), unknown: null };
    expect(readShape(value, shape)).toEqual({ kind: 'read', value, odd: [] });
    expect(readShape(value, shape)).toMatchObject({ value: { unknown: null } });
  });

  it('may have null for all that is optional, and says nothing of it', () => {
    const value = whole(shape);
    for (const member of Object.keys(shape.optional)) value[member] = null;
    const required = Object.fromEntries(shape.texts.map((member) => [member, member]));
    expect(readShape(value, shape)).toEqual({ kind: 'read', value: required, odd: [] });
  });

  it('loses a member of another type, and it alone, by its name', () => {
    for (const [member, kind] of Object.entries(shape.optional)) {
      const value = { ...whole(shape), [member]: wrong(kind) };
      const { [member]: _lost, ...rest } = whole(shape);
      expect(readShape(value, shape)).toEqual({
        kind: 'read',
        value: rest,
        odd: [expect.stringMatching(new RegExp(`^its "${member}" is n`))],
      });
    }
  });

  it('is whatever its shape says, whatever a server sends', () => {
    const names = [...shape.texts, ...Object.keys(shape.optional)];
    const sent = fc.record(
      Object.fromEntries(names.map((name) => [name, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string())])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(sent, (value) => {
        const read = readShape(value, shape);
        if (read.kind === 'unusable') {
          expect(read.why).toMatch(/^it has no/);
          return;
        }
        expect(read.odd.length).toBeLessThanOrEqual(9);
        for (const name of shape.texts) expect(typeof read.value[name]).toBe('string');
        // What was read once has nothing left that could be odd.
        expect(readShape(read.value, shape)).toEqual({ kind: 'read', value: read.value, odd: [] });
      }),
      { numRuns: 100 },
    );
  });
});

describe('parts of an entry', () => {
  it('within a list cost only themselves', () => {
    const args = [null, { name: 'a', required: null }, { name: 5 }, { name: 'b', required: 'yes' }];
    expect(readShape({ name: 'p', arguments: args }, shapes.PROMPT)).toEqual({
      kind: 'read',
      value: { name: 'p', arguments: [{ name: 'a' }, { name: 'b' }] },
      odd: [
        'entry 1 of its "arguments" has no "name": null',
        'entry 3 of its "arguments" has no "name": {"name":5}',
        'its "arguments[3].required" is neither true nor false: "yes"',
      ],
    });
  });

  it('are named up to eight, and then counted', () => {
    const read = readShape({ name: 'p', arguments: Array(100).fill(null) }, shapes.PROMPT);
    expect(read).toMatchObject({ kind: 'read', odd: expect.arrayContaining(['92 more']) });
  });
});

describe('an entry of a list', () => {
  it.each([
    [null, 'a tool was left out of tools/list, because it is not an object: null'],
    [{ nme: 1 }, 'a tool was left out of tools/list, because it has no "name": {"nme":1}'],
    [
      { name: 't', title: 5 },
      'parts of the tool "t" of tools/list were left out: its "title" is not a text: 5',
    ],
  ])('%j is named in a warning', (entry, told) => {
    const warnings: string[] = [];
    readListed({ warn: (text) => warnings.push(text) }, 'tools/list', 'tool', entry, shapes.TOOL);
    expect(warnings).toEqual([told]);
  });
});
