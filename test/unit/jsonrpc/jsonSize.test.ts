import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import {
  COST,
  JsonSize,
  MOST_DESCRIBED,
  MOST_PLACES,
  MOST_TEXTS,
} from '../../../src/core/jsonrpc/jsonSize.ts';
import { cutAnywhere, pieces } from '../sse/cutBytes.ts';

function sizeOf(chunks: Iterable<Buffer>): JsonSize {
  const size = new JsonSize();
  for (const chunk of chunks) size.count(chunk);
  return size;
}

/** What the parts of a value cost, by another way than counting bytes: `JSON.parse` has made the value of the text. */
function weighed(text: string) {
  const value: unknown = JSON.parse(text);
  const places = new Set<string>();
  const texts = new Set<string>();
  /** Written as JSON, so that escapes and bytes show. */
  const written = (part: string) => JSON.stringify(part).slice(1, -1);
  const escapesIn = (part: string) => COST.escape * (written(part).match(/\\./g)?.length ?? 0);
  /** An escape is one character, and every other byte. */
  const lengthOf = (part: string) => Buffer.byteLength(written(part).replace(/\\u[0-9a-f]{4}|\\./g, '_'));
  const cost = (part: unknown): number => {
    if (typeof part === 'string') {
      const isNew = lengthOf(part) <= 10 && !texts.has(part);
      texts.add(part);
      return COST.text + escapesIn(part) + (isNew ? COST.newShortText : 0);
    }
    if (Array.isArray(part)) return part.reduce((sum: number, one) => sum + cost(one), COST.container);
    if (typeof part === 'number') return COST.value + (String(part).includes('.') ? COST.fraction : 0);
    if (typeof part !== 'object' || part === null) return COST.value;
    let place = '';
    return Object.entries(part).reduce((sum: number, [name, one]) => {
      place += `${JSON.stringify(name)},`;
      const isKnown = places.has(place);
      places.add(place);
      const named = /^\d*$/.test(name) ? COST.tabledName : isKnown ? 0 : COST.newName;
      return (
        sum + escapesIn(name) + named + (named === 0 ? 0 : lengthOf(name) * COST.nameCharacter) + cost(one)
      );
    }, COST.container);
  };
  return { values: (cost(value) + Buffer.byteLength(text)) / COST.value, depth: depthOf(value) };
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Texts that look like the rest of JSON, with quotes, backslashes and brackets. */
const tricky = fc.string({
  unit: fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', ':', 'a', '漢', '\n'),
  maxLength: 80,
});
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tricky,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, '', {}, []),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(tricky, tie('any'), { maxKeys: 5 }),
  ),
})).any;

describe('what a JSON text will cost is counted while its bytes come in', () => {
  it('as its parts weigh, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), cutAnywhere, (any, indent, cut) => {
        const text = JSON.stringify(any, undefined, indent);
        const { values, depth } = sizeOf(cut(Buffer.from(text)));
        expect({ values, depth }).toEqual(weighed(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('byte by byte too', () => {
    fc.assert(
      fc.property(value, (any) => {
        const text = JSON.stringify(any);
        const { values, depth } = sizeOf(pieces(Buffer.from(text), 1));
        expect({ values, depth }).toEqual(weighed(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['quotes', '\\"', 1],
    ['backslashes', '\\\\', 1],
    ['quotes that are far from each other', `${'x'.repeat(30)}\\"`, 1],
    ['escaped characters', '\\u0041', 1],
    ['commas and brackets', ',[{:}]', 0],
  ])(
    'and long texts are one value with their bytes and escapes, whatever is in them: %s',
    (_, unit, escapes) => {
      for (const length of [10, 1_000, 100_000]) {
        const text = `["${'a text '.repeat(3)}${unit.repeat(length)}",1]`;
        const cost = COST.container + COST.text + COST.value + text.length + escapes * length * COST.escape;
        for (const chunk of [7, 1_000, 1_000_000])
          expect(sizeOf(pieces(Buffer.from(text), chunk)).values * COST.value).toBe(cost);
      }
    },
  );

  const costOf = (text: string) => sizeOf([Buffer.from(text)]).values;
  const rows = (count: number, row: (n: number) => string) =>
    `[${Array.from({ length: count }, (_, n) => row(n)).join(',')}]`;

  it('and a name costs once where objects have the same names, and each time where they have not', () => {
    const alike = costOf(rows(1_000, () => '{"a":1,"b":2}'));
    const others = costOf(rows(1_000, (n) => `{"a":1,"b${n}":2}`));
    const orders = costOf(rows(1_000, (n) => (n % 2 === 0 ? '{"a":1,"b":2}' : '{"b":1,"a":2}')));
    expect(others - alike).toBeGreaterThan((998 * COST.newName) / COST.value);
    expect(orders - alike).toBeLessThan((3 * COST.newName) / COST.value);
  });

  it('and so many places of names are known again, and no more', () => {
    const objects = (places: number) => rows(10 * places, (n) => `{"k${n % places}":1}`);
    expect(costOf(objects(MOST_PLACES))).toBeLessThan(
      (1.1 * MOST_PLACES * COST.newName) / COST.value + 70_000,
    );
    expect(costOf(objects(2 * MOST_PLACES))).toBeGreaterThan((10 * MOST_PLACES * COST.newName) / COST.value);
  });

  it('and so many short texts, and no more', () => {
    const texts = (count: number) => costOf(`${rows(count, (n) => `"s${n}"`)}`);
    const twice = (count: number) => costOf(rows(2 * count, (n) => `"s${n % count}"`));
    const again = (count: number) => (twice(count) - texts(count)) / count;
    expect(again(MOST_TEXTS)).toBeLessThan(2.5);
    expect(again(2 * MOST_TEXTS)).toBeGreaterThan(5);
  });

  it('and whatever the secret of its hashes is, hardly any texts look alike', async () => {
    const bytes = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => `s${n}`)));
    const weights: number[] = [];
    for (let n = 0; n < 200; n++) {
      vi.resetModules();
      const { JsonSize: Anew } = await import('../../../src/core/jsonrpc/jsonSize.ts');
      const size = new Anew();
      size.count(bytes);
      weights.push(size.values);
    }
    expect(Math.min(...weights)).toBeGreaterThan(0.99 * Math.max(...weights));
  });

  it('and a name that is beyond the first ones of its object costs each time, and so does a number', () => {
    const names = (count: number, name: (n: number) => string) =>
      `{${Array.from({ length: count }, (_, n) => `"${name(n)}":1`).join(',')}}`;
    const again = (object: string) => costOf(`[${object},${object}]`) - costOf(`[${object}]`);
    const known = again(names(MOST_DESCRIBED, (n) => `k${n}`));
    expect(again(names(MOST_DESCRIBED + 1, (n) => `k${n}`)) - known).toBeGreaterThan(18);
    expect(again(names(1, (n) => `${n}`)) - again(names(1, (n) => `k${n}`))).toBeGreaterThan(17.9);
  });

  it.each([
    ['50 MB of text in lines of 50 characters', () => `"${`${'x'.repeat(48)}\\n`.repeat(1_000_000)}"`],
    ['50 MB of text in very short lines', () => `"${'line\\n'.repeat(10_000_000)}"`],
    [
      'a table of 10,000 rows and 40 columns',
      () =>
        `[${`{${Array.from({ length: 40 }, (_, n) => `"column ${n}":${n}`).join(',')}},`.repeat(9_999)}{}]`,
    ],
    [
      'the identifiers of 10,000 things',
      () => JSON.stringify(Array.from({ length: 10_000 }, (_, n) => `id-${n}`)),
    ],
  ])('and what honest servers send is within the bound that is set where nothing is: %s', (_, text) => {
    const bytes = Buffer.from(text());
    expect(sizeOf([bytes]).exceeded({ ...DEFAULT_MESSAGE, maxDepth: 512 })).toBeUndefined();
    expect(bytes.length).toBeLessThan(DEFAULT_MESSAGE.maxBytes);
  });

  it('and a bound is told as soon as it is met', () => {
    const size = new JsonSize();
    size.count(Buffer.from('[[1,1'));
    expect(size.exceeded({ maxValues: 11, maxDepth: 2 })).toBeUndefined();
    expect(size.exceeded({ maxValues: 10, maxDepth: 2 })).toBe('values');
    expect(size.exceeded({ maxValues: 11, maxDepth: 1 })).toBe('depth');
  });
});
