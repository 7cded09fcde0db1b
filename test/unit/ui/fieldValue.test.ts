import { describe, expect, it } from 'vitest';
import type { NumberField, TextField } from '../../../src/ui/arguments/argumentField.ts';
import { fieldOf } from '../../../src/ui/arguments/argumentField.ts';
import { readField } from '../../../src/ui/arguments/fieldValue.ts';

function read(schema: Record<string, unknown>, text: string, required = true) {
  return readField(fieldOf('it', schema, required) as TextField | NumberField, text);
}

describe('what is typed for a number', () => {
  const rule = { type: 'integer', minimum: 1, maximum: 10 };

  it('is that number', () => {
    expect(read(rule, ' 7 ')).toEqual({ kind: 'value', value: 7 });
    expect(read({ type: 'number' }, '-1.5e3')).toEqual({ kind: 'value', value: -1500 });
  });

  it.each(['0', '11', '1.5', 'seven', '0x7', '1e999', 'Infinity'])('is refused with the rule: %s', (text) => {
    expect(read(rule, text)).toEqual({ kind: 'invalid', message: 'Expected a whole number from 1 to 10.' });
  });

  it('takes the limits of an open interval for what they are', () => {
    const open = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 };
    expect(read(open, '0.5').kind).toBe('value');
    expect(read(open, '1')).toEqual({ kind: 'invalid', message: 'Expected a number above 0 below 1.' });
  });

  it('counts multiples as people do, and not as binary fractions do', () => {
    expect(read({ type: 'number', multipleOf: 0.1 }, '0.3').kind).toBe('value');
    expect(read({ type: 'number', multipleOf: 5 }, '7').kind).toBe('invalid');
  });

  it('warns of digits that JSON does not keep', () => {
    expect(read({ type: 'integer' }, '9007199254740993')).toMatchObject({ note: { severity: 'warning' } });
  });
});

describe('what is typed for a text', () => {
  it('has its length counted in characters', () => {
    expect(read({ type: 'string', maxLength: 2 }, '🛶🛶').kind).toBe('value');
    expect(read({ type: 'string', minLength: 3 }, '🛶🛶')).toEqual({
      kind: 'invalid',
      message: 'Expected at least 3 characters, found 2.',
    });
  });

  it('is checked against the pattern', () => {
    expect(read({ type: 'string', pattern: '^a+$' }, 'aaa').kind).toBe('value');
    expect(read({ type: 'string', pattern: '^a+$' }, 'b').kind).toBe('invalid');
  });

  it('is not held up by a pattern that backtracks for ever, or that is none', () => {
    expect(read({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`).kind).toBe('value');
    expect(read({ type: 'string', pattern: '(' }, 'x').kind).toBe('value');
  });

  it.each([
    ['email', 'me'],
    ['uri', 'not a uri'],
    ['date', '2026-13-40'],
    ['date-time', '2026-01-01'],
    ['uuid', '123'],
  ])('is only warned about where it does not look like %s', (format, text) => {
    expect(read({ type: 'string', format }, text)).toMatchObject({
      kind: 'value',
      note: { severity: 'warning' },
    });
  });
});

describe('nothing typed', () => {
  it('leaves an optional member out', () => {
    expect(read({ type: 'string' }, '', false)).toEqual({ kind: 'skip' });
    expect(read({ type: 'number', default: 3 }, '', false)).toEqual({ kind: 'skip' });
  });

  it('is said before it is sent, where the member is required', () => {
    expect(read({ type: 'string' }, '')).toMatchObject({
      value: '',
      note: { text: 'Enter sends an empty text.' },
    });
    expect(read({ type: ['string', 'null'] }, '')).toMatchObject({
      value: null,
      note: { text: 'Enter sends null.' },
    });
  });

  it('is refused where the rules want something', () => {
    expect(read({ type: 'string', minLength: 1 }, '')).toEqual({
      kind: 'invalid',
      message: 'Required: at least 1 character.',
    });
    expect(read({ type: 'integer' }, '')).toEqual({ kind: 'invalid', message: 'Required: a whole number.' });
  });
});
