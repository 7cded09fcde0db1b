import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, ownId, parseMessages } from '../../../src/core/jsonrpc/message.ts';

const read = (value: unknown) => parseMessages(JSON.stringify(value))[0];
const response = (members: object) => ({ jsonrpc: '2.0', id: 7, ...members });

describe('a message of a server', () => {
  it.each([
    ['a result', { result: { a: 1 }, error: null, method: null, params: null }, 'result'],
    ['an error', { error: { code: 1, message: 'no', data: null }, result: null, method: null }, 'error'],
  ])('that is %s may have null for all that it has not', (_, members, kind) => {
    expect(read(response(members))).toMatchObject({ kind });
  });

  it('that is a notification may have null for its id and its params', () => {
    expect(read({ jsonrpc: '2.0', id: null, method: 'x', params: null, result: null })).toMatchObject({
      kind: 'notification',
      message: { method: 'x' },
    });
    expect(read({ jsonrpc: '2.0', id: 1, method: 'ping', params: [] })).toEqual({
      kind: 'request',
      message: { jsonrpc: '2.0', id: 1, method: 'ping' },
    });
  });

  it('without a result in it is the result of a request that wants none', () => {
    expect(read(response({ result: null }))).toEqual({ kind: 'result', message: response({ result: {} }) });
  });

  it.each([
    ['text', 'Session not found', { code: 0, message: 'Session not found' }],
    ['no code', { message: 'no' }, { code: 0, message: 'no' }],
    ['a code that is null', { code: null, message: 'no' }, { code: 0, message: 'no' }],
    ['a code as text', { code: '-32001', message: 'no' }, { code: -32001, message: 'no' }],
    ['no message', { code: -32001, data: 1 }, { code: -32001, message: 'the error has no message', data: 1 }],
    ['a message that is null', { code: 5, message: null }, { code: 5, message: 'the error has no message' }],
  ])('is an error whose error is %s', (_, error, told) => {
    expect(read(response({ error }))).toMatchObject({ kind: 'error', message: { id: 7, error: told } });
  });

  it.each([[null], [{}], [4.5], [[1]], [true]])('is an error that is nobody’s with the id %j', (id) => {
    const received = read(response({ id, error: { code: 1, message: 'no' } }));
    expect(received).toEqual({
      kind: 'error',
      message: { jsonrpc: '2.0', error: { code: 1, message: 'no' } },
    });
  });

  it.each([['text'], [3], [false], [['a']]])(
    'with the result %j is no message, and says whose answer',
    (result) => {
      expect(read(response({ result }))).toEqual({
        kind: 'invalid',
        problem: 'its "result" is not an object',
        id: 7,
      });
    },
  );

  it('is no message where it is a batch of none', () => {
    expect(parseMessages('[]')).toEqual([{ kind: 'invalid', problem: 'it is a batch without messages' }]);
  });

  it('begins with a byte order mark or not', () => {
    expect(parseMessages('\ufeff{"jsonrpc":"2.0","method":"x"}')).toMatchObject([{ kind: 'notification' }]);
  });

  it('is what its type says, whatever a server sends: no room behind it has to look again', () => {
    const some = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, '2.0', 'x', 1, {}));
    const members = fc.record(
      { jsonrpc: fc.constant('2.0'), id: some, method: some, params: some, result: some, error: some },
      { requiredKeys: ['jsonrpc'] },
    );
    fc.assert(
      fc.property(members, (value) => {
        const received = classify(structuredClone(value));
        const isId = (id: unknown) => typeof id === 'string' || Number.isSafeInteger(id);
        const isObject = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
        if (received.kind === 'invalid') return;
        const { message } = received;
        if ('method' in message && 'params' in message) expect(isObject(message.params)).toBe(true);
        if (received.kind === 'request' || received.kind === 'result')
          expect(isId(received.message.id)).toBe(true);
        if (received.kind === 'notification') expect('id' in message).toBe(false);
        if (received.kind === 'result') expect(isObject(received.message.result)).toBe(true);
        if (received.kind === 'error') {
          const { id = 0, error } = received.message;
          expect(isId(id)).toBe(true);
          expect([typeof error.code, typeof error.message]).toEqual(['number', 'string']);
        }
        if (!('method' in message)) expect('result' in message && 'error' in message).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an id of ours that came back', () => {
  it('is the number that it was, also as a text', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (id) => void expect(ownId(String(id))).toBe(id)));
  });

  it.each([
    ['7.0'],
    [' 7'],
    ['07x'],
    ['a'],
    [''],
    ['1e3'],
    ['99999999999999999999'],
    [null],
    [undefined],
    [7.5],
  ])('is not seen in %j', (id) => expect(ownId(id)).toBe(id));
});
