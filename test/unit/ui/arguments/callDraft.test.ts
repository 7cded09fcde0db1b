import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArgumentMember, planArguments } from '../../../../src/ui/arguments/argumentPlan.ts';
import { CallDraft, type Remembered } from '../../../../src/ui/arguments/callDraft.ts';
import { callRows, callText } from '../../../../src/ui/arguments/callRows.ts';
import type { SchemaObject } from '../../../../src/ui/arguments/schemaObject.ts';
import { line } from '../../../../src/ui/surfaces/line.ts';

/** `delete-many` of a database server: without its filter it deletes all there is. */
const deleteMany = {
  type: 'object',
  properties: {
    database: { type: 'string' },
    collection: { type: 'string' },
    filter: { type: 'object', description: 'Which documents to delete.' },
  },
  required: ['database', 'collection'],
};
const answers = { database: { value: 'shop' }, collection: { value: 'orders' } };

const remember = (args: Record<string, unknown>, ...withheld: string[]): Remembered => ({
  arguments: args,
  withheld,
});

function draftOf(schema: SchemaObject, remembered?: Remembered) {
  const plan = planArguments(schema);
  if (plan.kind !== 'fields') throw new Error(`asked for as ${plan.kind}`);
  return { plan, draft: new CallDraft(plan.members, schema, remembered) };
}

describe('arguments that the questions do not ask for', () => {
  it('are carried over from the last call', () => {
    const { draft } = draftOf(deleteMany, remember({ database: 'a', collection: 'b', filter: { _id: 5 } }));
    for (const [name, answer] of Object.entries(answers)) draft.answer(name, answer);
    expect(draft.arguments).toEqual({ database: 'shop', collection: 'orders', filter: { _id: 5 } });
    expect(draft.isAllAsked).toBe(false);
    expect(draft.isPlain(false)).toBe(true);
  });

  it('are named where they are left out, and Enter does not call a tool that may change something', () => {
    const { draft } = draftOf(deleteMany);
    for (const [name, answer] of Object.entries(answers)) draft.answer(name, answer);
    expect(draft.isAllAsked).toBe(false);
    expect(draft.isPlain(false)).toBe(false);
    expect(draft.isPlain(true)).toBe(true);
    expect(callText(draft)).toBe('without filter');
    expect(callRows(draft, line`Call`).map(({ label, description }) => [label, description])).toEqual([
      ['$(play) Call', 'without filter'],
      ['sent', undefined],
      ['database', '"shop"'],
      ['collection', '"orders"'],
      ['left out', undefined],
      ['filter', 'object · JSON'],
    ]);
  });

  it('are no reason for a list where there are none', () => {
    const { draft } = draftOf({ properties: { a: { type: 'string' } } });
    draft.answer('a', 'left out');
    expect(draft.isAllAsked).toBe(true);
  });

  it('are carried over though the schema does not describe them', () => {
    const { draft } = draftOf({ properties: { a: { type: 'string' } } }, remember({ a: 'x', tenant: 7 }));
    draft.answer('a', { value: 'y' });
    expect(draft.arguments).toEqual({ a: 'y', tenant: 7 });
    expect(draft.isAllAsked).toBe(false);
  });

  it('are shown without what their schema calls secret, of whatever kind and however deep', () => {
    const secret = { format: 'password' };
    const schema = {
      properties: {
        text: { type: 'string', ...secret },
        pin: { type: 'integer', ...secret },
        keys: { type: 'array', items: { type: 'string' }, writeOnly: true },
        level: { enum: ['sesame', 'b'], ...secret },
        login: { $ref: '#/$defs/login' },
      },
      $defs: { login: { properties: { user: {}, token: secret } } },
    };
    const args = { text: 'sesame', pin: 4711, keys: ['sesame'], level: 'sesame' };
    const { draft } = draftOf(schema, remember({ ...args, login: { user: 'ada', token: 'sesame' } }));
    const rows = callRows(draft, line`Call`).map(({ label, description }) => `${label} ${description}`);
    expect(rows.join('\n')).not.toMatch(/sesame|4711/);
    expect(rows.slice(2)).toEqual([
      'text ••••',
      'pin ••••',
      'keys ••••',
      'level ••••',
      'login {"user":"ada","token":"••••"} · JSON',
    ]);
  });

  it('keep Enter from calling where a secret of theirs was not kept', () => {
    const args = { database: 'a', collection: 'b', filter: {} };
    const { draft } = draftOf(deleteMany, remember(args, '/filter/password'));
    expect(draft.isPlain(true)).toBe(false);
    expect(callText(draft)).toBe('the secret of filter was not kept');
    draft.answer('filter', 'left out');
    expect(draft.isPlain(true)).toBe(true);
  });

  it('may be left out again by the user', () => {
    const { draft } = draftOf(deleteMany, remember({ database: 'a', collection: 'b', filter: { _id: 5 } }));
    draft.answer('filter', 'left out');
    expect(draft.arguments).toEqual({ database: 'a', collection: 'b' });
  });
});

describe('whatever a tool takes', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      '__proto__',
      'constructor',
      'toString',
      'x/y',
      ' ',
      '0',
      '1',
    ),
    fc.string({ maxLength: 4 }),
  );
  const member = fc.constantFrom<unknown>(
    { type: 'string' },
    { type: 'string', default: 'd' },
    { type: 'integer', minimum: 0 },
    { type: ['string', 'null'] },
    { enum: ['x', 'y', null] },
    { type: 'array', items: { type: 'string' } },
    { type: 'array', items: { enum: ['x', 'y'] } },
    { type: 'array', items: { type: 'object' } },
    { type: 'object' },
    { anyOf: [{ type: 'string' }, { type: 'array' }] },
    { $ref: '#/$defs/x' },
    { type: 'boolean' },
    {},
    true,
    5,
    null,
  );
  const schema = fc.dictionary(name, member, { maxKeys: 12 }).chain((properties) =>
    fc.record({
      type: fc.constant('object'),
      properties: fc.constant(properties),
      required: fc.subarray(Object.keys(properties)),
    }),
  );
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const known = fc.option(fc.dictionary(name, value, { maxKeys: 8 }), { nil: undefined });
  /** What the user does at each question: an answer, or nothing. */
  const given = fc.infiniteStream(fc.oneof(fc.record({ value }), fc.constant('left out' as const)));

  it('each argument is asked for, carried over, or named; and those are sent that are shown', () => {
    fc.assert(
      fc.property(schema, known, given, (one, before, answers) => {
        const plan = planArguments(one);
        if (plan.kind !== 'fields') return;
        const draft = new CallDraft(plan.members, one, before && remember(before));
        const expected = new Map(Object.entries(before ?? {}));
        const asked = plan.fields.filter((field) => draft.canAsk(field));
        for (const field of asked) {
          const answer = answers.next().value;
          draft.answer(field.name, answer);
          if (answer === 'left out') expected.delete(field.name);
          else expected.set(field.name, answer.value);
        }
        // Nothing is sent but what was answered or carried over, and all of that.
        expect(new Map(Object.entries(draft.arguments))).toEqual(expected);

        const rows = callRows(draft, line`Call`);
        const named = rows.flatMap((row) => (row.kind === 'member' ? [row] : []));
        const names = new Set([...Object.keys(one.properties), ...expected.keys()]);
        // Each argument has a row that says whether it is sent; the call is the first row.
        expect(rows[0]?.kind).toBe('call');
        expect(new Set(named.map(({ member: { name } }) => name))).toEqual(names);
        expect(named).toHaveLength(names.size);
        for (const row of named) expect(row.isSent).toBe(expected.has(row.member.name));
        // The list is left out only where each was a question.
        const isAsked = (name: string) => asked.some((field) => field.name === name);
        expect(draft.isAllAsked).toBe([...names].every(isAsked));
        // Each row leads somewhere: to its question, or to JSON.
        for (const { member: one } of named) {
          const question = draft.questionOf(one as ArgumentMember);
          expect(question === undefined || question.name === one.name).toBe(true);
        }
        // Enter calls a tool that may change something only where nothing is left out unseen.
        const isHidden = [...names].some((name) => !expected.has(name) && !isAsked(name));
        expect(draft.isPlain(false)).toBe(before !== undefined || !isHidden);
      }),
      { numRuns: 100 },
    );
  });
});
