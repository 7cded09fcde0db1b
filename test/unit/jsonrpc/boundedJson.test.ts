import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedJson } from '../../../src/core/jsonrpc/boundedJson.ts';
import { parseExact } from '../../../src/core/jsonrpc/exactJson.ts';
import { excerpt } from '../../../src/core/jsonrpc/excerpt.ts';

describe('a value as bounded JSON', () => {
  it('is what JSON.stringify writes, as far as it goes', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(200), (json, most) => {
        const value = parseExact(json);
        const whole = JSON.stringify(value);
        const { text, isCut } = boundedJson(value, most);
        expect(whole.startsWith(isCut ? text.slice(0, Math.max(0, most - 12)) : text)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(Math.max(most, 0));
        if (!isCut) expect(text).toBe(whole);
      }),
    );
  });

  it('leaves out what JSON has no word for', () => {
    const odd = { a: undefined, b: () => 1, c: Number.NaN, d: 12n, e: [undefined] };
    expect(boundedJson(odd, 1_000).text).toBe('{"c":null,"d":12,"e":[null]}');
  });

  it.each([
    ['deep', () => JSON.parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`) as unknown],
    ['wide', () => Array(5_000_000).fill(0)],
    ['long', () => 'x'.repeat(50_000_000)],
  ])('costs no more than what is kept of it, however %s it is', (_, make) => {
    const { text, isCut } = boundedJson(make(), 100);
    expect([text.length, isCut]).toEqual([100, true]);
  });
});

describe('the beginning of a value in a sentence', () => {
  it.each([
    [null, 'null'],
    [{ a: 1 }, '{"a":1}'],
    ['x'.repeat(1_000), `"${'x'.repeat(199)}…`],
    [undefined, 'undefined'],
  ])('%j', (value, text) => expect(excerpt(value)).toBe(text));
});
