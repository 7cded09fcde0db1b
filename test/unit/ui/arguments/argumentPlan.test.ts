import { describe, expect, it } from 'vitest';
import { planArguments, planForm } from '../../../../src/ui/arguments/argumentPlan.ts';
import { notAsked } from '../../../../src/ui/arguments/callRows.ts';
import { skeleton } from '../../../../src/ui/arguments/skeleton.ts';

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  ...more,
});

/** The kinds of the questions that are asked, by member. */
function asked(schema: Record<string, unknown>): Record<string, string> | string {
  const plan = planArguments(schema);
  return plan.kind === 'fields'
    ? Object.fromEntries(plan.fields.map(({ name, kind }) => [name, kind]))
    : plan.kind;
}

describe('arguments are asked for', () => {
  it.each([
    ['an object without members', { type: 'object' }],
    ['an empty schema', {}],
    ['no members and no others', object({}, { additionalProperties: false })],
  ])('not at all: %s', (_, schema) => {
    expect(asked(schema)).toBe('none');
  });

  it.each([
    ['additionalProperties: true', object({}, { additionalProperties: true })],
    ['additionalProperties: {}', object({}, { additionalProperties: {} })],
    ['unevaluatedProperties: true', { type: 'object', unevaluatedProperties: true }],
  ])('in a document where a tool takes any names, and says so: %s', (_, schema) => {
    expect(asked(schema)).toBe('document');
  });

  it('one by one, where they are a few primitives', () => {
    const schema = object({
      name: { type: 'string', minLength: 1 },
      count: { type: 'integer', minimum: 1 },
      ratio: { type: 'number' },
      loud: { type: 'boolean' },
      mode: { enum: ['a', 'b'] },
    });
    expect(asked(schema)).toEqual({
      name: 'text',
      count: 'number',
      ratio: 'number',
      loud: 'choice',
      mode: 'choice',
    });
  });

  it('with null as an answer, however the schema says that it may be null', () => {
    const plan = planArguments(
      object({
        a: { type: ['string', 'null'] },
        b: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
        c: { enum: ['x', null] },
        d: { type: ['boolean', 'null'] },
      }),
    );
    expect(plan.kind === 'fields' && plan.fields.map(({ kind, nullable }) => [kind, nullable])).toEqual([
      ['text', true],
      ['number', true],
      ['choice', true],
      ['choice', true],
    ]);
  });

  it('as a pick with titles, where a union is made of titled constants', () => {
    const plan = planArguments(
      object({
        size: {
          oneOf: [
            { const: 's', title: 'Small' },
            { const: 'l', title: 'Large' },
          ],
        },
      }),
    );
    const [field] = plan.kind === 'fields' ? plan.fields : [];
    expect(field).toMatchObject({
      kind: 'choice',
      choices: [
        { value: 's', label: 'Small', description: 's' },
        { value: 'l', label: 'Large', description: 'l' },
      ],
    });
  });

  it('without the optional ones that are not simple: those are named in the list behind the questions', () => {
    const plan = planArguments(
      object({ q: { type: 'string' }, filter: { type: 'object' } }, { required: ['q'] }),
    );
    expect(plan).toMatchObject({
      kind: 'fields',
      fields: [{ name: 'q', kind: 'text' }],
      members: [
        { name: 'q', required: true, field: { kind: 'text' } },
        { name: 'filter', required: false, field: undefined },
      ],
    });
  });

  it('one by one where they are lists of texts or numbers, or some of a choice', () => {
    const array = (items: unknown) => ({ type: 'array', items });
    const schema = object(
      {
        tags: array({ type: 'string' }),
        ids: array({ type: 'integer' }),
        days: array({ enum: ['mon', 'tue'] }),
        rows: array({ type: 'object' }),
        any: array({}),
      },
      { required: ['tags', 'ids', 'days'] },
    );
    expect(asked(schema)).toEqual({ tags: 'list', ids: 'list', days: 'choices' });
  });

  it('if they are required, where there are many: the others are offered behind them', () => {
    const many = Object.fromEntries([...'abcdefghijkl'].map((name) => [name, { type: 'string' }]));
    expect(asked(object(many, { required: ['b', 'k'] }))).toEqual({ b: 'text', k: 'text' });
    expect(asked(object(many))).toEqual({});
    const plan = planArguments(object(many));
    expect(plan.kind === 'fields' && plan.members.map(({ name }) => name)).toEqual([...'abcdefghijkl']);
  });

  it.each([
    ['a required object', object({ at: { type: 'object' } }, { required: ['at'] })],
    [
      'a required object beside a simple one',
      object({ q: { type: 'string' }, at: { type: 'object' } }, { required: ['at'] }),
    ],
    [
      'a required list of objects',
      object({ rows: { type: 'array', items: { type: 'object' } } }, { required: ['rows'] }),
    ],
    ['a required reference', object({ at: { $ref: '#/$defs/at' } }, { required: ['at'] })],
    ['a union at the root', { anyOf: [object({ a: { type: 'string' } })] }],
    ['a reference at the root', { $ref: '#/$defs/all' }],
    ['a condition', object({ a: { type: 'string' } }, { if: {} })],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
    ['a required member that is not described', object({}, { required: ['secret'] })],
    [
      'more than five that are required',
      object(Object.fromEntries([...'abcdef'].map((name) => [name, { type: 'string' }])), {
        required: [...'abcdef'],
      }),
    ],
    ['only complex members', object({ filter: { type: 'object' } })],
  ])('in a document: %s', (_, schema) => {
    expect(asked(schema)).toBe('document');
  });
});

describe('a form that a server sends', () => {
  it('may ask for several of a choice', () => {
    const plan = planForm(object({ days: { type: 'array', items: { enum: ['mon', 'tue'] }, minItems: 1 } }));
    expect(plan).toMatchObject({ fields: [{ kind: 'choices', minItems: 1 }], unasked: [] });
  });

  it('may ask for nothing but a yes', () => {
    const nothing = { fields: [], unasked: [] };
    expect(planForm(undefined)).toEqual(nothing);
    expect(planForm({ type: 'object', properties: {} })).toEqual(nothing);
  });

  it('shows the names that the revision 2025-06-18 gives the values', () => {
    const plan = planForm(object({ c: { type: 'string', enum: ['r', 'g'], enumNames: ['Red', 'Green'] } }));
    expect(plan?.fields[0]).toMatchObject({ choices: [{ label: 'Red' }, { label: 'Green' }] });
  });

  it('is refused where it must have what no question can hold', () => {
    expect(planForm(object({ at: { type: 'object' } }, { required: ['at'] }))).toBeUndefined();
    expect(planForm(object({}, { required: ['at'] }))).toBeUndefined();
  });

  it('names what it may have and no question can hold, where it is sent', () => {
    const text = { type: 'string' };
    const odd = {
      object: { type: 'object' },
      nested: { type: 'array', items: { type: 'object' } },
      referred: { $ref: '#/$defs/a' },
      union: { anyOf: [text, { type: 'number' }] },
      any: {},
      never: false,
    };
    const plan = planForm(object({ name: text, ...odd }));
    expect(plan?.fields.map(({ name }) => name)).toEqual(['name']);
    expect(plan?.unasked).toEqual(Object.keys(odd));
    expect(notAsked(plan?.unasked ?? [])).toEqual({
      detail: 'not asked: object, nested, referred, union, any and 1 more',
    });
    expect(notAsked([])).toEqual({});
  });
});

describe('a whole number of a schema that JavaScript rounds', () => {
  const id = (member: string) =>
    JSON.parse(`{"type":"object","properties":{"id":${member},"m":{"type":"string"}},"required":["m"]}`);

  it.each([
    '{"type":"integer","default":9007199254740993}',
    '{"type":"integer","enum":[9007199254740993,9007199254740995]}',
    '{"type":"integer","const":-725653563933458433}',
  ])('is offered nowhere, and put into no document: %s', (member) => {
    const plan = planArguments(id(member));
    if (plan.kind !== 'fields') throw new Error(plan.kind);
    expect(plan.fields[0]).toMatchObject({ kind: 'number', fallback: undefined });
    expect(skeleton(id(member))).toEqual({ m: '' });
  });
});

it('arguments of other names that a schema takes are asked for in a document, however it says so', () => {
  for (const keyword of ['additionalProperties', 'unevaluatedProperties'])
    expect(planArguments({ properties: { a: { type: 'string' } }, [keyword]: { type: 'string' } })).toEqual({
      kind: 'document',
    });
});
