import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/core/config/configProblem.ts';
import { mergeScopes } from '../../../src/core/config/mergeScopes.ts';

const user = (value: unknown) => ({ origin: 'user', rank: 0, value });
const workspace = (value: unknown) => ({ origin: 'workspace', rank: 2, value });
const folder = (name: string, value: unknown) => ({ origin: name, rank: 3, value });

describe('settings of several files', () => {
  test('are merged by name', () => {
    const merged = mergeScopes([user({ a: 1, b: 1 }), workspace({ b: 2, c: 2 })]);
    expect(merged.entries).toEqual({ a: 1, b: 2, c: 2 });
    expect([...merged.origins]).toEqual([
      ['a', 'user'],
      ['b', 'workspace'],
      ['c', 'workspace'],
    ]);
  });

  test('never mix two entries: a workspace cannot point the headers of the user to another URL', () => {
    const merged = mergeScopes([
      user({ docs: { url: 'https://docs', headers: { Authorization: 'Bearer mine' } } }),
      workspace({ docs: { url: 'https://evil' } }),
    ]);
    expect(merged.entries).toEqual({ docs: { url: 'https://evil' } });
  });

  test('override by rank, in whatever order they are given', () => {
    expect(mergeScopes([folder('web', { a: 3 }), user({ a: 1 }), workspace({ a: 2 })]).entries).toEqual({
      a: 3,
    });
  });

  test('of two folders with one name: the first is used, and the other is told', () => {
    const merged = mergeScopes([folder('api', { a: 1 }), folder('web', { a: 2, b: 2 })]);
    expect(merged.entries).toEqual({ a: 1, b: 2 });
    expect(
      merged.problems.map(({ origin, problem }) => [origin, problem.severity, formatProblem(problem)]),
    ).toEqual([
      [
        'web',
        'warning',
        'sluice.servers.a: is not used, as another folder of this workspace has an entry of that name; give one of them another name',
      ],
    ]);
  });

  test('tell which other files have an entry of a name that is used', () => {
    const scopes = [user({ a: 1 }), folder('api', { a: 2 }), folder('web', { a: 3, b: 3 })];
    const { shadowed } = mergeScopes(scopes);
    expect([...shadowed]).toEqual([
      ['a', ['user', 'web']],
      ['b', []],
    ]);
  });

  test('leave out an entry that was refused, where another file has one of that name', () => {
    const scopes = [user({ a: 1 }), workspace({ a: 2, b: 2 })];
    const merged = mergeScopes(scopes, (_, origin) => origin === 'workspace');
    expect(merged.entries).toEqual({ a: 1, b: 2 });
    expect(merged.origins.get('b')).toBe('workspace');
    expect(merged.refused).toEqual([{ origin: 'workspace', name: 'a', entry: 2 }]);
  });

  test('that are no object are told, and the others used', () => {
    const merged = mergeScopes([user(['a']), workspace({ a: 1 })]);
    expect(merged.entries).toEqual({ a: 1 });
    expect(merged.problems.map(({ origin, problem }) => [origin, formatProblem(problem)])).toEqual([
      [
        'user',
        'sluice.servers: found a list; write an object, such as { "my-server": { "url": "http://localhost:3000/mcp" } }',
      ],
    ]);
  });
});
