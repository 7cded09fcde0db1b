import { describe, expect, it } from 'vitest';
import { answerText } from '../../../../src/ui/arguments/answerText.ts';
import { fieldOf } from '../../../../src/ui/arguments/argumentField.ts';

function shown(schema: object, value?: unknown): string {
  const field = fieldOf('a', schema, false);
  if (field === undefined) throw new Error('no question');
  return answerText(field, value === undefined ? undefined : { kind: 'value', value });
}

/** Each kind of question, as a schema and an answer that must not be read over a shoulder. */
const KINDS: [string, object, unknown][] = [
  ['text', { type: 'string' }, 'sesame'],
  ['number', { type: 'number' }, 47.11],
  ['number', { type: 'integer' }, 4711],
  ['list', { type: 'array', items: { type: 'string' } }, ['sesame']],
  ['list', { type: 'array', items: { type: 'integer' } }, [4711]],
  ['choice', { enum: ['sesame', 'b'] }, 'sesame'],
  ['choice', { type: 'boolean' }, true],
  ['choice', { oneOf: [{ const: 'sesame', title: 'Sesame' }] }, 'sesame'],
  ['choices', { type: 'array', items: { enum: ['sesame', 'b'] } }, ['sesame']],
];
const SECRETS = [{ format: 'password' }, { writeOnly: true }];

describe('an answer that its schema calls secret', () => {
  it.each(KINDS)('of the kind %s is not shown, wherever the schema says so: %j', (kind, schema, value) => {
    for (const secret of SECRETS) {
      const places: object[] = [
        { ...schema, ...secret },
        // Beside a pattern, or from another part of the whole.
        ...(kind === 'choices' ? [{ type: 'array', items: { enum: ['sesame', 'b'], ...secret } }] : []),
        ...('type' in schema && kind !== 'choices'
          ? [
              { anyOf: [{ ...schema, ...secret }, { type: 'null' }] },
              {
                type: [schema.type, 'null'],
                ...('items' in schema ? { items: schema.items } : {}),
                ...secret,
              },
            ]
          : []),
      ];
      for (const place of places) expect([place, shown(place, value)]).toEqual([place, '••••']);
      for (const other of [
        { allOf: [{ properties: { a: secret } }] },
        { patternProperties: { '^a$': secret } },
      ]) {
        const field = fieldOf('a', schema, false, { properties: { a: schema }, ...other });
        expect([other, field?.kind, field?.isSecret]).toEqual([other, kind, true]);
      }
    }
    expect(fieldOf('a', schema, false)?.isSecret).toBe(false);
    expect(
      fieldOf('a', schema, false, { properties: { a: schema }, patternProperties: { b: SECRETS[0] } })
        ?.isSecret,
    ).toBe(false);
  });
});

describe('an answer, before it is sent to a server that asked', () => {
  it.each([
    [{ type: 'string' }, 'Ada', 'Ada'],
    [{ type: 'string' }, '', 'empty'],
    [{ type: 'string' }, undefined, 'left out'],
    [{ type: 'string', default: 'Bob' }, undefined, 'Bob'],
    [{ enum: ['a', 'b'], enumNames: ['Apple', 'Bee'] }, 'b', 'Bee'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, ['a', 'b'], 'a, b'],
  ])('is shown: %j %j', (schema, value, text) => {
    expect(shown(schema, value)).toBe(text);
  });

  it.each([
    { type: 'string', format: 'password' },
    { type: 'string', writeOnly: true },
    { type: ['string', 'null'], format: 'password' },
  ])('is not shown where its schema calls it secret: %j', (schema) => {
    expect(shown(schema, 'sesame')).toBe('••••');
    expect(shown({ ...schema, default: 'sesame' })).toBe('••••');
    expect(shown(schema)).toBe('left out');
  });
});
