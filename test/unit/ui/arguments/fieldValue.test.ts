import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, stringifyExact } from '../../../../src/core/jsonrpc/exactJson.ts';
import { checkSchema } from '../../../../src/core/mcp/toolSchema.ts';
import { type ArgumentField, fieldOf } from '../../../../src/ui/arguments/argumentField.ts';
import {
  canShow,
  fieldText,
  meaningsOf,
  nothingText,
  numberRule,
  readField,
  type TypedField,
} from '../../../../src/ui/arguments/fieldValue.ts';
import { readList, writeList } from '../../../../src/ui/arguments/listText.ts';

/** The JSON that an answer is sent as. */
async function sent(schema: Record<string, unknown>, text: string): Promise<string> {
  const reading = await read(schema, text);
  return reading.kind === 'value' ? stringifyExact(reading.value) : reading.kind;
}

function read(schema: Record<string, unknown>, text: string, required = true) {
  return readField(fieldOf('it', schema, required) as TypedField, text, checkSchema);
}

describe('what is typed for a number', () => {
  const rule = { type: 'integer', minimum: 1, maximum: 10 };

  it('is that number', async () => {
    expect(await read(rule, ' 7 ')).toEqual({ kind: 'value', value: 7 });
    expect(await sent({ type: 'number' }, '-1.5e3')).toBe('-1.5e3');
  });

  it.each(['0', '11', '1.5', 'seven', '0x7', '1e999', 'Infinity'])(
    'is refused with the rule: %s',
    async (text) => {
      expect(await read(rule, text)).toEqual({
        kind: 'invalid',
        message: 'Expected a whole number from 1 to 10.',
      });
    },
  );

  it('takes the limits of an open interval for what they are', async () => {
    const open = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 };
    expect(await read(open, '0.5')).toHaveProperty('kind', 'value');
    expect(await read(open, '1')).toEqual({ kind: 'invalid', message: 'Expected a number above 0 below 1.' });
  });

  it('counts multiples as people do, and not as binary fractions do', async () => {
    expect(await read({ type: 'number', multipleOf: 0.1 }, '0.3')).toHaveProperty('kind', 'value');
    expect(await read({ type: 'number', multipleOf: 5 }, '7')).toHaveProperty('kind', 'invalid');
  });

  it.each(['9007199254740993', '-9007199254740993', '1.0', '1e2', '0.10', '0'])(
    'is sent as typed: %s',
    async (text) => {
      expect(await sent({ type: 'number' }, text)).toBe(text);
      expect(await read({ type: 'number' }, text)).not.toHaveProperty('note');
    },
  );

  it('is a number in the words of people too', async () => {
    expect(await sent({ type: 'number' }, '+1')).toBe('1');
    expect(await sent({ type: 'number' }, '.5')).toBe('0.5');
    expect(await sent({ type: 'integer' }, '007')).toBe('7');
  });

  it('has no rule where a library wrote the ends of the safe integers', () => {
    const field = fieldOf(
      'n',
      { type: 'integer', exclusiveMinimum: 0, maximum: 9007199254740991, minimum: -9007199254740991 },
      true,
    );
    expect(field?.kind === 'number' && numberRule(field)).toBe('a whole number above 0');
  });
});

describe('what is typed for a text', () => {
  it('has its length counted in characters', async () => {
    expect(await read({ type: 'string', maxLength: 2 }, '🛶🛶')).toHaveProperty('kind', 'value');
    expect(await read({ type: 'string', minLength: 3 }, '🛶🛶')).toEqual({
      kind: 'invalid',
      message: 'It is too short: 2 characters, and must have at least 3.',
    });
  });

  it('is checked against the pattern', async () => {
    expect(await read({ type: 'string', pattern: '^a+$' }, 'aaa')).toHaveProperty('kind', 'value');
    expect(await read({ type: 'string', pattern: '^a+$' }, 'b')).toHaveProperty('kind', 'invalid');
  });

  it('is not held up by a pattern that is none', async () => {
    expect(await read({ type: 'string', pattern: '(' }, 'x')).toHaveProperty('kind', 'value');
  });

  it.each([
    ['email', 'me'],
    ['uri', 'not a uri'],
    ['date', '2026-13-40'],
    ['date-time', '2026-01-01'],
    ['uuid', '123'],
  ])('is only warned about where it does not look like %s', async (format, text) => {
    expect(await read({ type: 'string', format }, text)).toMatchObject({
      kind: 'value',
      note: { severity: 'warning' },
    });
  });
});

describe('what is typed for a secret', () => {
  it.each([
    [{ type: 'integer', maximum: 10 }, '4711'],
    [{ type: 'integer' }, '4711x'],
    [{ type: 'array', items: { type: 'integer' } }, '1, 4711x'],
    [{ type: 'array', items: { type: 'integer', maximum: 10 } }, '4711'],
    [{ type: 'array', items: { type: 'string' } }, '"4711'],
    [{ type: 'array', items: { type: 'string' } }, '4711, 5'],
    [{ type: 'string', maxLength: 2 }, '4711'],
    [{ type: 'string', pattern: '^x' }, '4711'],
  ])('is said nowhere beside its box: %j %s', async (schema, text) => {
    for (const secret of [{ format: 'password' }, { writeOnly: true }]) {
      const reading = await read({ ...schema, ...secret }, text);
      const { message, note } = { message: undefined, note: undefined, ...reading };
      expect(JSON.stringify([message, note])).not.toContain('4711');
    }
  });
});

it('a text that does not look like its format is warned about, also while other arguments are missing', async () => {
  const it = { type: 'string', format: 'email' };
  const of = { type: 'object', properties: { it, other: {} }, required: ['it', 'other'] };
  const field = fieldOf('it', it, true, of) as TypedField;
  expect(await readField(field, 'me', checkSchema)).toMatchObject({ note: { severity: 'warning' } });
});

describe('nothing typed', () => {
  it('leaves an optional member out', async () => {
    expect(await read({ type: 'string' }, '', false)).toEqual({ kind: 'skip' });
    expect(await read({ type: 'number', default: 3 }, '', false)).toEqual({ kind: 'skip' });
  });

  it('is said before it is sent, where the member is required', async () => {
    const hint = (schema: Record<string, unknown>) => {
      const field = fieldOf('it', schema, true) as TypedField;
      return nothingText(field, meaningsOf(field, undefined)[0]);
    };
    expect(await read({ type: 'string' }, '')).toEqual({ kind: 'value', value: '' });
    expect(hint({ type: 'string' })).toBe('Enter sends an empty text.');
    expect(await read({ type: ['string', 'null'] }, '')).toEqual({ kind: 'value', value: null });
    expect(hint({ type: ['string', 'null'] })).toBe('Enter sends null.');
  });

  it.each<[string, Record<string, unknown>, boolean, unknown, string[]]>([
    ['an optional text', { type: 'string' }, false, undefined, ['left out', 'empty']],
    ['one that was sent empty', { type: 'string' }, false, '', ['empty', 'left out']],
    ['one that was sent as null', { type: ['string', 'null'] }, false, null, ['null', 'left out', 'empty']],
    ['an optional number', { type: 'number' }, false, undefined, ['left out']],
    [
      'an optional list',
      { type: 'array', items: { type: 'string' } },
      false,
      undefined,
      ['left out', 'empty'],
    ],
    [
      'a list that was sent empty',
      { type: 'array', items: { type: 'string' } },
      false,
      [],
      ['empty', 'left out'],
    ],
    ['a required number', { type: 'number' }, true, undefined, ['missing']],
    [
      'a required text that must hold something',
      { type: 'string', minLength: 1 },
      true,
      undefined,
      ['missing'],
    ],
  ])(
    'can mean what the user wants it to, and means the same again: %s',
    (_, schema, required, given, meanings) => {
      expect(meaningsOf(fieldOf('it', schema, required) as TypedField, given)).toEqual(meanings);
    },
  );

  it('is refused where the rules want something', async () => {
    expect(await read({ type: 'string', minLength: 1 }, '')).toEqual({
      kind: 'invalid',
      message: 'Required: at least 1 character.',
    });
    expect(await read({ type: 'integer' }, '')).toEqual({
      kind: 'invalid',
      message: 'Required: a whole number.',
    });
  });
});

describe('what is typed for a list', () => {
  const texts = { type: 'array', items: { type: 'string' } };
  const numbers = { type: 'array', items: { type: 'integer' } };

  it.each([
    ['a', ['a']],
    ['a, b c ,d', ['a', 'b c', 'd']],
    ['"a, b", c', ['a, b', 'c']],
    ['"", " a "', ['', ' a ']],
    ['"a \\"quoted\\" word"', ['a "quoted" word']],
    ['say "hi", 5"', ['say "hi"', '5"']],
    ['a,', ['a']],
    ['["a", "b,c"]', ['a', 'b,c']],
    ['1, 2', ['1', '2']],
  ])('is its values, and says so before it is sent: %s', async (text, values) => {
    expect(await read(texts, text)).toEqual({
      kind: 'value',
      value: values,
      note: { severity: 'info', text: `Enter sends ${JSON.stringify(values)}` },
    });
  });

  it.each(['a,,b', ',a', '"a', '"a" b, c', '[1', '[1]', '{"a":1}, "'])(
    'is refused where it says no list of texts: %s',
    async (text) => {
      expect(await read(texts, text)).toHaveProperty('kind', 'invalid');
    },
  );

  it('holds numbers as they were typed', async () => {
    expect(await sent(numbers, '1, 9007199254740993, -5')).toBe('[1,9007199254740993,-5]');
    expect(await sent(numbers, '[1, 9007199254740993]')).toBe('[1,9007199254740993]');
    expect(await read(numbers, '1, two')).toEqual({
      kind: 'invalid',
      message: 'Expected whole numbers, with commas between them, found "two".',
    });
    expect(await read(numbers, '1, 1.5')).toEqual({
      kind: 'invalid',
      message: '1: it must be a whole number.',
    });
  });

  it('is not held up by a schema that takes long to check', async () => {
    // Each is compared with all others: seconds of work, in which it would be found that the last one stands twice.
    const listed = Array.from({ length: 20_000 }, (_, n) => `text-${n + 10_000}`);
    const text = [...listed, listed.at(-1)].join(', ');
    expect(await read({ ...texts, uniqueItems: true }, text)).toHaveProperty('kind', 'value');
  });

  it('is judged as a whole', async () => {
    expect(await read({ ...texts, minItems: 2 }, 'a')).toEqual({
      kind: 'invalid',
      message: 'It has 1 item, and must have at least 2.',
    });
    expect(await read({ ...texts, minItems: 1 }, '')).toHaveProperty('kind', 'invalid');
  });

  it('is written so that it is read again, whatever its texts hold', () => {
    const odd = [...'ab1,"\'\\[]{} :\n\t\0', '\u2028', '\u00a0', '\ufeff', '🛶', '\ud83d', '\u202e'];
    const texts = fc.string({ unit: fc.constantFrom(...odd), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), (values) => {
        expect(readList(writeList(values))).toEqual({ kind: 'values', values });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an answer of last time', () => {
  const fields: [string, Record<string, unknown>, unknown[]][] = [
    ['a text', { type: 'string' }, ['a', ' a ', '"', '5']],
    ['a number', { type: 'number' }, [5, -1.5, 1e21, parseExact('9007199254740993'), parseExact('1.0')]],
    ['texts', { type: 'array', items: { type: 'string' } }, [['a'], ['a, b', ' '], ['["a"]'], ['']]],
    ['numbers', { type: 'array', items: { type: 'number' } }, [[1, 2.5], [parseExact('1.0')]]],
  ];
  it.each(fields)('is shown and sent again as it was: %s', async (_, schema, values) => {
    const field = fieldOf('it', schema, false) as TypedField;
    for (const value of values) {
      expect(canShow(field, value)).toBe(true);
      const reading = await readField(
        field,
        fieldText(field, value),
        checkSchema,
        meaningsOf(field, value)[0],
      );
      expect(reading.kind === 'value' && stringifyExact(reading.value)).toBe(stringifyExact(value));
    }
  });

  it.each<[string, Record<string, unknown>, unknown[]]>([
    ['a text', { type: 'string' }, ['a\nb', 'a\u2028b', 5, {}, ['a']]],
    ['a number', { type: 'number' }, ['5', {}, true]],
    ['texts', { type: 'array', items: { type: 'string' } }, [[1], ['a', null], 'a']],
    ['a choice', { enum: ['a', 'b'] }, ['c', null]],
    ['choices', { type: 'array', items: { enum: ['a', 'b'] } }, [['c'], [], 'a']],
  ])('is not asked for where the question could not show it: %s', (_, schema, values) => {
    const field = fieldOf('it', schema, false) as ArgumentField;
    for (const value of values) expect(canShow(field, value)).toBe(false);
  });
});
