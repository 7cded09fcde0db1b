import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../../src/core/mcp/toolSchema.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** What is wrong, as far as it could be told. */
async function violationsOf(schema: unknown, value: unknown) {
  const outcome = await checkSchema(schema, value);
  expect(outcome.kind).not.toBe('unchecked');
  return outcome.kind === 'violations' ? outcome.violations : [];
}

async function whyUnchecked(schema: unknown, value: unknown): Promise<string> {
  const outcome = await checkSchema(schema, value);
  return outcome.kind === 'unchecked' ? outcome.reason : `it was checked: ${outcome.kind}`;
}

describe('arguments against a schema', () => {
  it.each([
    [{ type: 'string' }, 5, '', 'it is of type number, and must be of type string'],
    [{ type: ['string', 'null'] }, 5, '', 'it is of type number, and must be of type string or null'],
    [{ required: ['a'] }, {}, '', 'it lacks the required member "a"'],
    [{ properties: { a: { enum: ['x', 'y'] } } }, { a: 'z' }, '/a', 'it must be one of ["x","y"]'],
    [{ additionalProperties: false }, { b: 1 }, '/b', 'it is not allowed here'],
    [{ properties: { n: { minimum: 3 } } }, { n: 1 }, '/n', '1 is less than 3'],
    [{ const: 4 }, 5, '', 'it does not match 4'],
  ])('%j and %j', async (schema, value, path, message) => {
    expect(await violationsOf(schema, value)).toContainEqual({ path, message });
  });

  it('that fit', async () => {
    expect(await violationsOf({ type: 'object', properties: { a: { type: 'integer' } } }, { a: 1 })).toEqual(
      [],
    );
    expect(await violationsOf(true, 'anything')).toEqual([]);
  });

  it('are not fetched for: a $ref to the network is told', async () => {
    expect(await whyUnchecked({ $ref: 'https://example.com/schema.json' }, {})).toMatch(
      /example\.com\/schema\.json/,
    );
  });

  it('are checked within bounds', async () => {
    let deep: object = {};
    for (let n = 0; n < 100; n++) deep = { not: deep };
    expect(await whyUnchecked(deep, {})).toMatch(/nested deeper than 64/);
    const wide = { anyOf: Array.from({ length: 20_000 }, () => ({ type: 'string' })) };
    expect(await whyUnchecked(wide, {})).toMatch(/more than 10000 parts/);
  });

  it.each([
    ['objects that are compared, each with all others', { uniqueItems: true }, DISTINCT],
    ['references that branch again and again', { $defs: branching(20), $ref: '#/$defs/0' }, 'a'],
    [
      'many parts against many choices',
      { items: { enum: Array.from({ length: 4_000 }, (_, n) => ({ n })) } },
      Array.from({ length: 20_000 }, () => ({ n: -1 })),
    ],
    ['many members, each looked for in many values', { items: { properties: MANY } }, Array(20_000).fill({})],
    ['many violations', { items: { type: 'string' } }, Array(2_000_000).fill(1)],
  ])('are given up after a time: %s', async (_, schema, value) => {
    const startedAt = performance.now();
    expect(await whyUnchecked(schema, value)).toMatch(
      /^(it takes longer|the value has more than 100000 parts)/,
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('are checked again by a schema that took too long for others: one value does not blind the next ones', async () => {
    const schema = { type: 'array', uniqueItems: true };
    for (let round = 0; round < 2; round++) {
      expect(await whyUnchecked(schema, DISTINCT)).toBe('it takes longer than 500 ms');
      expect(await violationsOf(schema, [1, 1])).toHaveLength(1);
    }
  });

  it('cost a schema three times in a row all its time, and then once a minute, until a check of it ends', async () => {
    const schema = { type: 'array', uniqueItems: true };
    let started = 0;
    let now = 0;
    const clock: Clock = {
      ...systemClock,
      now: () => now,
      schedule: (ms, task) => {
        if (ms === 500) started++;
        return systemClock.schedule(ms, task);
      },
    };
    const check = async (value: unknown) => (await checkSchema(schema, value, clock)).kind;
    const all = (count: number) => Promise.all(Array.from({ length: count }, () => check(DISTINCT)));
    expect(new Set(await all(5))).toEqual(new Set(['unchecked']));
    expect(started).toBe(3);
    now = 59_999;
    expect(await check([])).toBe('unchecked');
    expect(started).toBe(3);
    now = 60_000;
    expect(new Set(await all(2))).toEqual(new Set(['unchecked']));
    expect(started).toBe(4);
    now = 120_000;
    expect(await check([])).toBe('fits');
    await all(5);
    expect(started).toBe(8);
  });

  it('are checked at once against 64 choices at most: more are for the thread', async () => {
    let isTimed = false;
    const clock: Clock = {
      ...systemClock,
      schedule: (ms, task) => {
        isTimed = true;
        return systemClock.schedule(ms, task);
      },
    };
    for (const choices of [64, 65]) {
      const schema = { enum: Array.from({ length: choices }, (_, n) => n) };
      expect(await checkSchema(schema, 1, clock)).toMatchObject({ kind: 'fits' });
      expect(isTimed).toBe(choices > 64);
    }
  });

  it('are checked while the main thread goes on', async () => {
    const checked = checkSchema({ uniqueItems: true }, DISTINCT);
    let turns = 0;
    const before = process.threadCpuUsage?.() ?? process.cpuUsage();
    while (!(await Promise.race([checked.then(() => true), nextTurn()]))) turns++;
    const used = process.threadCpuUsage?.(before) ?? { user: 0, system: 0 };
    expect(turns).toBeGreaterThan(10);
    // What the loop above takes by itself is most of it.
    expect((used.user + used.system) / 1000 / turns).toBeLessThan(10);
  });

  it('hold the main thread up no longer at once than parsing the value did, however many members it has', async () => {
    const text = `{${Array.from({ length: 40_000 }, (_, n) => `"k${n}_${Math.imul(n, 2_654_435_761)}":${n}`).join()}}`;
    await checkSchema({ pattern: 'a' }, 'a');
    // What runs on the side, such as collecting garbage, may hit one round.
    const ratios: number[] = [];
    for (let round = 0; round < 3; round++) {
      const begun = cpuNow();
      const value = JSON.parse(text);
      let last = cpuNow();
      const parsing = last - begun;
      let longest = 0;
      const checked = checkSchema({ minProperties: 1 }, value);
      while (!(await Promise.race([checked.then(() => true), nextTurn()]))) {
        longest = Math.max(longest, cpuNow() - last);
        last = cpuNow();
      }
      ratios.push(longest / parsing);
    }
    expect(Math.min(...ratios)).toBeLessThan(1.5);
  });

  it('that nobody can judge are not told as wrong', async () => {
    for (const schema of [
      { pattern: '(?i)^a' },
      { $ref: '#/$defs/absent' },
      { $ref: 'https://example.com/schema.json' },
      { $schema: 'https://example.com/mine' },
      'a text',
      7,
      [],
    ])
      expect((await checkSchema(schema, 'a')).kind, JSON.stringify(schema)).not.toBe('violations');
  });

  it('are told of twenty violations, however many there are', async () => {
    expect(await violationsOf({ items: { type: 'string' } }, Array(100).fill(1))).toHaveLength(20);
  });

  it('are checked against the clock and without it to the same end', async () => {
    for (const more of [{}, { pattern: '^a' }])
      expect(await violationsOf({ type: 'string', maxLength: 2, ...more }, 'abc')).toEqual([
        { path: '', message: expect.stringMatching(/too long/) },
      ]);
  });

  it('are checked as 2020-12 where no dialect is named', async () => {
    const schema = {
      $defs: { name: { type: 'string' } },
      prefixItems: [{ $ref: '#/$defs/name' }],
      items: false,
    };
    expect(await violationsOf(schema, ['a'])).toEqual([]);
    expect(await violationsOf(schema, [1])).toHaveLength(1);
    expect(await violationsOf(schema, ['a', 'b'])).toHaveLength(1);
    // What stands beside a $ref counted for nothing before 2019-09.
    expect(
      await violationsOf({ $defs: { any: true }, $ref: '#/$defs/any', maxLength: 1 }, 'ab'),
    ).toHaveLength(1);
  });

  it.each([
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }] }],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'string' }] }],
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'string' }] }],
    ['http://json-schema.org/draft-04/schema#', { items: [{ type: 'string' }] }],
  ])('may name a dialect that is known: %s', async ($schema, schema) => {
    expect(await violationsOf({ $schema, ...schema }, ['a'])).toEqual([]);
    expect(await violationsOf({ $schema, ...schema }, [1])).toHaveLength(1);
  });

  it('are checked in the dialect that the schema names, and not in one that nobody knows', async () => {
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] };
    expect(await violationsOf(draft7, [1])).toHaveLength(1);
    expect(await whyUnchecked({ $schema: 'https://example.com/mine' }, 1)).toMatch(
      /mine is not supported; 2020-12, 2019-09, draft-07 and draft-04 are$/,
    );
  });
});

const nextTurn = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));

/** To be compared each with all others: seconds of work, which ends. */
const DISTINCT = Array.from({ length: 10_000 }, (_, n) => ({ n }));

const MANY = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`p${n}`, true]));

/** Each definition looks at the next one twice: so many levels are two to the power of it. */
function branching(levels: number): Record<string, object> {
  const next = (n: number) => ({ $ref: `#/$defs/${n + 1}` });
  const definitions = Array.from({ length: levels }, (_, n) => [`${n}`, { anyOf: [next(n), next(n)] }]);
  return { ...Object.fromEntries(definitions), [levels]: { type: 'string' } };
}
