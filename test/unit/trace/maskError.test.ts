import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSluiceError, SluiceError } from '../../../src/core/errors.ts';
import { parseExact, stringifyExact } from '../../../src/core/jsonrpc/exactJson.ts';
import { createMask } from '../../../src/core/trace/mask.ts';
import { MOST_CHARACTERS, MOST_VALUES, maskDeep } from '../../../src/core/trace/maskDeep.ts';
import { maskError } from '../../../src/core/trace/maskError.ts';

const SECRET = '12345678-s3cr3t';
const mask = createMask([SECRET, '12345678']);

/** All that an error tells anybody: every own property, and those of what caused it. */
function toldBy(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'cause');
  const texts = own.map((name) => JSON.stringify((error as unknown as Record<string, unknown>)[name]) ?? '');
  return [...texts, toldBy(error.cause)].join('\n');
}

describe('an error that leaves core/', () => {
  it('tells a secret in none of its texts, and not in what caused it', () => {
    const root = Object.assign(new TypeError(`dns of ${SECRET}.example`), {
      code: 'ENOTFOUND',
      hostname: SECRET,
    });
    const middle = new SluiceError('http-status', `saw ${SECRET}`, {
      delivery: 'answered',
      hint: SECRET,
      cause: root,
    });
    const error = new SluiceError('jsonrpc-error', `bad token ${SECRET}`, {
      server: 'docs',
      phase: 'response',
      delivery: 'answered',
      status: 400,
      retryAfterMs: 5,
      hint: `not ${SECRET}`,
      location: `https://h/login?next=${encodeURIComponent(SECRET)}`,
      rpc: {
        code: 12345678,
        message: `no ${SECRET}`,
        data: {
          [SECRET]: [SECRET, { deep: `"${SECRET}"`, number: 12345678 }],
          password: 'another one',
          count: 5,
        },
      },
      cause: middle,
    });
    const masked = maskError(error, mask);
    expect(toldBy(masked)).not.toContain('s3cr3t');
    expect(masked).toMatchObject({
      code: 'jsonrpc-error',
      message: 'bad token ••••',
      server: 'docs',
      phase: 'response',
      delivery: 'answered',
      status: 400,
      retryAfterMs: 5,
      hint: 'not ••••',
      location: 'https://h/login?next=••••',
      rpc: {
        code: 12345678,
        message: 'no ••••',
        data: { '••••': ['••••', { deep: '"••••"', number: '••••' }], password: '••••', count: 5 },
      },
    });
    expect(masked.cause).toMatchObject({ code: 'http-status', message: 'saw ••••', hint: '••••' });
    const cause = (masked.cause as Error).cause as Error;
    expect(cause).toBeInstanceOf(TypeError);
    expect(cause).toMatchObject({ message: 'dns of ••••.example', code: 'ENOTFOUND', hostname: '••••' });
    expect(isSluiceError(masked)).toBe(true);
  });

  it('leaves out what it does not know, as before', () => {
    const masked = maskError(new SluiceError('cancelled', 'no', { delivery: 'not-sent' }), mask);
    expect(masked).toEqual(new SluiceError('cancelled', 'no', { delivery: 'not-sent' }));
    expect('cause' in masked).toBe(false);
  });

  it('keeps each of several that caused it, masked as well', () => {
    const both = new AggregateError(
      [new SluiceError('http-status', SECRET, { delivery: 'answered' }), new Error(SECRET)],
      SECRET,
    );
    const { cause } = maskError(
      new SluiceError('protocol-unsupported', 'neither', { delivery: 'not-sent', cause: both }),
      mask,
    );
    expect(cause).toBeInstanceOf(AggregateError);
    expect((cause as AggregateError).errors).toMatchObject([
      { code: 'http-status', message: '••••' },
      { message: '••••' },
    ]);
    expect(toldBy(cause)).not.toContain('s3cr3t');
  });

  it('ends a chain of causes that has no end', () => {
    const error = new SluiceError('internal', 'a', { delivery: 'not-sent' });
    const other = new Error(SECRET, { cause: error });
    Object.assign(error, { cause: other });
    expect(toldBy(maskError(error, mask))).not.toContain('s3cr3t');
  });
});

describe('the data of an error', () => {
  it('is the same where nothing of it is a secret', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(maskDeep(value, (text) => text)).toEqual(maskDeep(value, createMask(['not-in-there-at-all'])));
        expect(maskDeep(value, (text) => text)).toEqual(value);
      }),
    );
  });

  it('holds the secret nowhere, whatever it is', () => {
    const leaf = fc.oneof(fc.constantFrom(SECRET, `a ${SECRET}`, 12345678), fc.integer());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree')),
        fc.dictionary(fc.constantFrom('a', '__proto__', SECRET, `${SECRET}2`), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(JSON.stringify(maskDeep(value, mask))).not.toContain('12345678');
      }),
    );
  });

  it('may be nested deeper than anything that calls itself could go', () => {
    let value: unknown = SECRET;
    for (let depth = 0; depth < MOST_VALUES - 2; depth++) value = depth % 2 === 0 ? [value] : { a: value };
    let masked = maskDeep(value, mask);
    while (typeof masked === 'object') masked = Object.values(masked as object)[0];
    expect(masked).toBe('••••');
  });

  it('is bounded in values and in characters, and says where some are left out', () => {
    const many = maskDeep({ all: Array.from({ length: 1_000_000 }, () => 1) }, mask) as { all: unknown[] };
    expect(many.all.length).toBeLessThanOrEqual(MOST_VALUES);
    expect(many.all.at(-1)).toBe('… (left out)');
    const long = maskDeep(Array(100).fill('x'.repeat(60_000)), mask) as string[];
    expect(long.join('').length).toBeLessThan(MOST_CHARACTERS + 70_000);
    expect(long.at(-1)).toBe('… (left out)');
    const object = maskDeep(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`n${n}`, n])), mask);
    expect(object).toMatchObject({ n0: 0, '…': '… (left out)' });
  });

  it('loses no member whose masked name another has', () => {
    expect(maskDeep({ [`${SECRET}`]: 1, 12345678: 2 }, mask)).toEqual({ '••••': 2, '•••• 2': 1 });
  });
});

it('a number that is kept as it was sent stays one, and is masked where it is a secret', () => {
  const data = parseExact('{"id":725653563933458433,"rate":1.0,"pin":9007199254740993}');
  const masked = maskDeep(data, createMask(['9007199254740993']));
  expect(stringifyExact(masked)).toBe('{"id":725653563933458433,"rate":1.0,"pin":"••••"}');
});
