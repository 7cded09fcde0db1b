import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Memento } from 'vscode';
import { parseExact } from '../../../../src/core/jsonrpc/exactJson.ts';
import { shownArguments, withoutSecrets } from '../../../../src/ui/arguments/secretArguments.ts';
import { CallHistory } from '../../../../src/ui/history/callHistory.ts';

/** Keeps what VS Code keeps: JSON. */
class Storage {
  text: string | undefined;
  get<T>(_: string, fallback?: T): T | undefined {
    return this.text === undefined ? fallback : JSON.parse(this.text);
  }
  async update(_: string, value: unknown): Promise<void> {
    this.text = value === undefined ? undefined : JSON.stringify(value);
  }
}

const anything = { type: 'object' };
const call = (tool: string, args: unknown = {}) => ({
  server: 'demo',
  tool,
  arguments: args as Record<string, unknown>,
});

/** A history, and what another window finds of it later. */
function open() {
  const storage = new Storage();
  const history = () => new CallHistory(storage as unknown as Memento);
  return { storage, history: history(), later: history };
}

describe('the calls that are remembered', () => {
  it('are one a tool, the latest first, with the latest arguments', async () => {
    const { history } = open();
    for (const one of [call('a', { n: 1 }), call('b'), call('a', { n: 2 })]) await history.add(one, anything);
    expect(history.recent.map(({ tool }) => tool)).toEqual(['a', 'b']);
    expect(history.remembered('demo', 'a')?.arguments).toEqual({ n: 2 });
    expect(history.remembered('demo', 'c')).toBeUndefined();
    expect(history.last).toEqual(call('a', { n: 2 }));
  });

  it('are fifty at most', async () => {
    const { history } = open();
    for (let count = 0; count < 60; count += 1) await history.add(call(`t${count}`), anything);
    expect(history.recent).toHaveLength(50);
    expect(history.recent[0]?.tool).toBe('t59');
  });

  it('are a megabyte at most: of large arguments, and of those too deep to write, the tool is kept', async () => {
    const { history, storage, later } = open();
    await history.add(call('big', { text: 'x'.repeat(1_000_000) }), anything);
    expect(later().last).toEqual({ server: 'demo', tool: 'big' });
    // Bytes count, and not characters.
    await history.add(call('wide', { text: '🛶'.repeat(30_000) }), anything);
    expect(history.remembered('demo', 'wide')).toBeUndefined();
    await history.add(call('deep', { a: JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`) }), anything);
    expect(history.remembered('demo', 'deep')).toBeUndefined();
    for (let count = 0; count < 60; count += 1)
      await history.add(call(`t${count}`, { text: 'x'.repeat(60_000) }), anything);
    expect(Buffer.byteLength(storage.text ?? '')).toBeLessThan(1_200_000);
    expect(history.recent).toHaveLength(50);
    expect(history.remembered('demo', 't59')).toBeDefined();
    expect(history.remembered('demo', 't20')).toBeUndefined();
  });

  it('hold numbers and names as they were sent, in a later window too', async () => {
    const { history, later } = open();
    const json = '{"id":9007199254740993,"rate":1.0,"__proto__":{"constructor":1}}';
    await history.add(call('a', parseExact(json)), anything);
    expect(JSON.stringify(later().remembered('demo', 'a')?.arguments)).toBe(json);
    expect(JSON.stringify(later().last?.arguments)).toBe(json);
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object);
  });

  it('are gone when they are cleared', async () => {
    const { history, later } = open();
    await history.add(call('a', { n: 1 }), anything);
    await history.clear();
    expect([history.last, history.recent, later().last]).toEqual([undefined, [], undefined]);
  });

  it('are not stored where the server could not be asked what of them is secret, and repeated all the same', async () => {
    const { history, later } = open();
    await history.add(call('a', { n: 1 }), anything);
    await history.add(call('a', { n: 2 }), undefined);
    expect(history.last).toEqual(call('a', { n: 2 }));
    expect(later().last).toEqual(call('a', { n: 1 }));
  });
});

describe('what a schema calls secret', () => {
  const password = { type: 'string', format: 'password' };
  const once = { type: 'string', writeOnly: true };
  const secretive = { properties: { user: { type: 'string' }, password } };

  it.each<[string, object, unknown, unknown, string[]]>([
    ['a password', secretive, { user: 'a', password: 'sesame' }, { user: 'a' }, ['/password']],
    [
      'what is only written',
      { properties: { token: once } },
      { token: 'sesame', n: 1 },
      { n: 1 },
      ['/token'],
    ],
    [
      'within an object',
      { properties: { db: secretive } },
      { db: { user: 'a', password: 'sesame' } },
      { db: { user: 'a' } },
      ['/db/password'],
    ],
    [
      'of any type',
      { properties: { key: { type: 'object', writeOnly: true } } },
      { key: { a: 'sesame' } },
      {},
      ['/key'],
    ],
    [
      'behind a reference',
      { properties: { p: { $ref: '#/$defs/p' } }, $defs: { p: { allOf: [password] } } },
      { p: 'sesame' },
      {},
      ['/p'],
    ],
    [
      'in one form of a union',
      { properties: { p: { anyOf: [{ type: 'null' }, password] } } },
      { p: 'sesame' },
      {},
      ['/p'],
    ],
    [
      'in a form of the root',
      { oneOf: [{ properties: { a: {} } }, secretive] },
      { a: 1, password: 'sesame' },
      { a: 1 },
      ['/password'],
    ],
    [
      'under names that are open',
      { additionalProperties: password },
      { a: 'sesame', b: 'sesame' },
      {},
      ['/a', '/b'],
    ],
    [
      'beside a pattern',
      { properties: { x: {} }, patternProperties: { '^x': password } },
      { x: 'sesame' },
      {},
      ['/x'],
    ],
    ['under names of a pattern', { patternProperties: { '^x': password } }, { x: 'sesame' }, {}, ['/x']],
    [
      'in a condition',
      Object.fromEntries([
        ['if', {}],
        ['then', secretive],
      ]),
      { password: 'sesame' },
      {},
      ['/password'],
    ],
    [
      'in a list, which goes as a whole',
      { properties: { keys: { type: 'array', items: once } } },
      { keys: ['sesame', 'b'] },
      {},
      ['/keys'],
    ],
    [
      'in a list of objects',
      { properties: { dbs: { items: secretive } } },
      { dbs: [{ user: 'a', password: 'sesame' }, { user: 'b' }] },
      { dbs: [{ user: 'a' }, { user: 'b' }] },
      ['/dbs/0/password'],
    ],
    [
      'under a name of any kind',
      { properties: { 'a/b': { properties: { __proto__x: password } } } },
      { 'a/b': { __proto__x: 'sesame' } },
      { 'a/b': {} },
      ['/a~1b/__proto__x'],
    ],
  ])('is not stored: %s', async (_, schema, args, kept, withheld) => {
    const { history, storage, later } = open();
    await history.add(call('t', args), schema as never);
    expect(later().remembered('demo', 't')).toEqual({ arguments: kept, withheld });
    // It is asked for again, and not left out of a repeat.
    expect(later().last).toEqual({ server: 'demo', tool: 't' });
    // In this window the same call is repeated whole.
    expect(history.last).toEqual(call('t', args));
    expect(storage.text).not.toContain('sesame');
  });

  it('is not what a pattern of other letters describes', () => {
    const patternProperties = { '^x': password, z$: password, '^aa$': password, q: password };
    const args = { y: 1, ax: 2, za: 3, aab: 4 };
    expect(withoutSecrets(args, { patternProperties })?.arguments).toEqual(args);
    const hidden = { x1: 1, az: 2, aa: 3, oqo: 4, y: 5 };
    expect(withoutSecrets(hidden, { patternProperties })?.arguments).toEqual({ y: 5 });
  });

  it('is all that is left out, however the arguments are made', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
        const open = withoutSecrets(args, { properties: { a: {} }, additionalProperties: true });
        expect(open).toEqual({ arguments: args, withheld: [] });
      }),
    );
  });

  it('is looked for within bounds: what is beyond them is not stored at all', () => {
    const next = (n: number) => ({ $ref: `#/$defs/d${n + 1}` });
    const $defs = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`d${n}`, { anyOf: [next(n), { properties: { a: next(n) } }] }]),
    );
    const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`);
    expect(withoutSecrets(deep, { $ref: '#/$defs/d0', $defs })).toBeUndefined();
  });
});

describe('arguments that are shown, or passed on in a report', () => {
  const secret = { type: 'string', format: 'password' };
  const schema = {
    properties: {
      name: { type: 'string' },
      password: secret,
      pin: { type: 'integer', writeOnly: true },
      keys: { type: 'array', items: secret },
      login: { $ref: '#/$defs/login' },
    },
    $defs: { login: { properties: { user: { type: 'string' }, token: secret } } },
  };

  it('hide what their schema calls secret, at any depth, and nothing else', () => {
    const login = { user: 'ada', token: 'sesame' };
    const args = { name: 'x', password: 'sesame', pin: 1234, keys: ['sesame'], login };
    expect(shownArguments(args, schema)).toEqual({
      name: 'x',
      password: '••••',
      pin: '••••',
      keys: '••••',
      login: { user: 'ada', token: '••••' },
    });
  });

  it('hide everything where nothing tells what is secret', () => {
    expect(shownArguments({ a: 'sesame', b: [1] }, undefined)).toEqual({ a: '••••', b: '••••' });
    const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`);
    expect(shownArguments({ deep }, schema)).toEqual({ deep: '••••' });
  });
});
