import { describe, expect, it } from 'vitest';
import { answerText } from '../../../src/ui/arguments/answerText.ts';
import { fieldOf } from '../../../src/ui/arguments/argumentField.ts';

function shown(schema: object, value?: unknown): string {
  const field = fieldOf('a', schema, false);
  if (field === undefined) throw new Error('no question');
  return answerText(field, value === undefined ? undefined : { kind: 'value', value });
}

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
