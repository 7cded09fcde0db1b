import { describe, expect, test } from 'vitest';
import { parseServers } from '../../../src/core/config/parseServers.ts';
import { parseEntry, told, URL } from './parse.ts';

describe('the limits of a server', () => {
  test('override those of all servers one by one', () => {
    const entry = {
      url: URL,
      pool: { maxConnections: 4, reuse: 'always' },
      drain: { maxBytes: 0 },
      message: { maxBytes: 70_000 },
    };
    const defaults = {
      pool: { maxConnections: 2, warmConnections: 2, idleTimeout: 5 },
      drain: { timeout: 9 },
      http2: 'never',
      requestTimeout: 7,
    };
    expect(parseEntry(entry, defaults).servers).toMatchObject([
      {
        pool: {
          maxConnections: 4,
          warmConnections: 2,
          reuse: 'always',
          idleTimeout: 5,
          queueTimeout: 30_000,
        },
        drain: { timeout: 9, maxBytes: 0 },
        message: { maxBytes: 70_000, maxValues: 1_100_000 },
        http2: 'never',
        requestTimeout: 7,
      },
    ]);
  });

  test.each([
    [
      { requestTimeout: '5000' },
      '.requestTimeout: found "5000"; write a whole number of milliseconds from 1 to 86400000',
    ],
    [
      { requestTimeout: 0 },
      '.requestTimeout: found 0; write a whole number of milliseconds from 1 to 86400000',
    ],
    [
      { pool: { maxConnections: 0 } },
      '.pool.maxConnections: found 0; write a whole number of connections from 1 to 256',
    ],
    [
      { pool: { maxConnections: 257 } },
      '.pool.maxConnections: found 257; write a whole number of connections from 1 to 256',
    ],
    [
      { pool: { idleTimeout: 1.5 } },
      '.pool.idleTimeout: found 1.5; write a whole number of milliseconds from 0 to 3600000',
    ],
    [
      { pool: { queueTimeout: null } },
      '.pool.queueTimeout: found null; write a whole number of milliseconds from 1 to 3600000',
    ],
    [
      { message: { maxBytes: 1 } },
      '.message.maxBytes: found 1; write a whole number of bytes from 65536 to 268435456',
    ],
    [
      { message: { maxValues: 1e9 } },
      '.message.maxValues: found 1000000000; write a whole number of values from 10000 to 100000000',
    ],
    [
      { drain: { timeout: -1 } },
      '.drain.timeout: found -1; write a whole number of milliseconds from 0 to 60000',
    ],
    [
      { drain: { maxBytes: 1e9 } },
      '.drain.maxBytes: found 1000000000; write a whole number of bytes from 0 to 16777216',
    ],
    [
      { pool: { warmConnections: 'many' } },
      '.pool.warmConnections: found "many"; write "auto", or a whole number of connections from 0 to 256',
    ],
    [
      { pool: { warmConnections: 257 } },
      '.pool.warmConnections: found 257; write "auto", or a whole number of connections from 0 to 256',
    ],
    [{ pool: { reuse: true } }, '.pool.reuse: found true; write one of "auto", "always", "never"'],
    [{ http2: 'always' }, '.http2: found "always"; write one of "auto", "never"'],
    [{ pool: 16 }, '.pool: found 16; write an object, such as { "maxConnections": 4 }'],
    [{ drain: false }, '.drain: found false; write an object, such as { "timeout": 100 }'],
  ])('%j is out of range', (limits, message) => {
    expect(told({ url: URL, ...limits })).toEqual([`E ${message}`]);
  });

  test.each([
    [
      { drain: { timeout: 30_000 } },
      '.drain.timeout: found drain.timeout 30000 and pool.queueTimeout 30000, so that calls can fail while connections only drain; write a drain.timeout below 30000, or a longer pool.queueTimeout',
    ],
    [
      { pool: { queueTimeout: 200 } },
      '.pool.queueTimeout: found drain.timeout 250 and pool.queueTimeout 200, so that calls can fail while connections only drain; write a drain.timeout below 200, or a longer pool.queueTimeout',
    ],
  ])('%j would starve calls', (limits, message) => {
    expect(told({ url: URL, ...limits })).toEqual([`E ${message}`]);
  });

  test.each([
    [
      { pool: { warmConnections: 17 } },
      '.pool.warmConnections: found pool.warmConnections 17 and pool.maxConnections 16: more warm connections than may be open at once; write a pool.warmConnections up to 16, or a greater pool.maxConnections',
    ],
    [
      { pool: { warmConnections: 2, idleTimeout: 0 } },
      '.pool.warmConnections: found pool.warmConnections 2 and pool.idleTimeout 0, so that each would be closed as soon as it is open; write a pool.idleTimeout above 0, or 0 for pool.warmConnections',
    ],
  ])('%j could never be kept warm', (limits, message) => {
    expect(told({ url: URL, ...limits })).toEqual([`E ${message}`]);
  });

  test('conflict at the key that the entry itself writes', () => {
    const defaults = { pool: { warmConnections: 4 }, drain: {} };
    expect(told({ url: URL, pool: { maxConnections: 2 } }, defaults)).toEqual([
      'E .pool.maxConnections: found pool.warmConnections 4 and pool.maxConnections 2: more warm connections than may be open at once; write a pool.warmConnections up to 2, or a greater pool.maxConnections',
    ]);
    expect(told({ url: URL, pool: { idleTimeout: 0 } }, defaults)).toEqual([
      'E .pool.idleTimeout: found pool.warmConnections 4 and pool.idleTimeout 0, so that each would be closed as soon as it is open; write a pool.idleTimeout above 0, or 0 for pool.warmConnections',
    ]);
  });

  test.each([
    { pool: { maxConnections: 16, warmConnections: 16 } },
    { pool: { maxConnections: 1, warmConnections: 'auto', idleTimeout: 0 } },
    { pool: { warmConnections: 0, idleTimeout: 0 } },
    { pool: { reuse: 'never', warmConnections: 4 } },
    { pool: { maxConnections: 1, reuse: 'never' } },
  ])('%j go together', (limits) => {
    expect(told({ url: URL, ...limits })).toEqual([]);
  });

  test('without effect are a warning', () => {
    expect(told({ url: URL, requestTimeout: 900, pool: { queueTimeout: 900 } })).toEqual([
      'W .pool.queueTimeout: found 900, which has no effect, as requestTimeout ends a call after 900; write a pool.queueTimeout below 900, or a longer requestTimeout',
    ]);
    // A time that other servers wait is no mistake of this one.
    expect(told({ url: URL, requestTimeout: 900 }, { pool: { queueTimeout: 1000 }, drain: {} })).toEqual([]);
    expect(told({ url: URL, http2: 'never' })).toEqual([
      'W .http2: has no effect on an http:// URL, where HTTP/2 is never spoken; write the URL with https://, or remove it',
    ]);
  });
});

describe('the limits of all servers', () => {
  test('that are wrong disable none: the default is used, and that is said', () => {
    const defaults = { pool: { maxConnections: 1000 }, drain: { timeout: '9' }, requestTimeout: -1 };
    const { servers } = parseEntry({ url: URL }, defaults);
    expect(servers).toMatchObject([
      { pool: { maxConnections: 16 }, drain: { timeout: 250 }, requestTimeout: 60_000 },
    ]);
    expect(told({ url: URL }, defaults)).toEqual([
      'E sluice.pool.maxConnections: found 1000; write a whole number of connections from 1 to 256; 16 is used until then',
      'E sluice.drain.timeout: found "9"; write a whole number of milliseconds from 0 to 60000; 250 is used until then',
      'E sluice.requestTimeout: found -1; write a whole number of milliseconds from 1 to 86400000; 60000 is used until then',
    ]);
  });

  test('with a choice that is none use the default', () => {
    const defaults = { pool: { reuse: 'no', warmConnections: 1.5 }, drain: {}, http2: 1 };
    expect(parseEntry({ url: URL }, defaults).servers).toMatchObject([
      { pool: { reuse: 'auto', warmConnections: 'auto' }, http2: 'auto' },
    ]);
    expect(told({ url: URL }, defaults)).toEqual([
      'E sluice.pool.warmConnections: found 1.5; write "auto", or a whole number of connections from 0 to 256; "auto" is used until then',
      'E sluice.pool.reuse: found "no"; write one of "auto", "always", "never"; "auto" is used until then',
      'E sluice.http2: found 1; write one of "auto", "never"; "auto" is used until then',
    ]);
  });

  test('that could never be kept warm disable no server: as many as can be are', () => {
    const warm = (pool: Record<string, unknown>) => parseEntry({ url: URL }, { pool, drain: {} }).servers;
    expect(warm({ warmConnections: 9, maxConnections: 3 })).toMatchObject([{ pool: { warmConnections: 3 } }]);
    expect(warm({ warmConnections: 9, idleTimeout: 0 })).toMatchObject([{ pool: { warmConnections: 0 } }]);
    expect(told({ url: URL }, { pool: { warmConnections: 9, maxConnections: 3 }, drain: {} })).toEqual([
      'E sluice.pool.warmConnections: found pool.warmConnections 9 and pool.maxConnections 3: more warm connections than may be open at once; write a pool.warmConnections up to 3, or a greater pool.maxConnections; 3 warm connections are used until then',
    ]);
  });

  test('without effect are told once', () => {
    expect(told({ url: URL }, { pool: { queueTimeout: 60_000 }, drain: {} })).toEqual([
      'W sluice.pool.queueTimeout: found 60000, which has no effect, as requestTimeout ends a call after 60000; write a pool.queueTimeout below 60000, or a longer requestTimeout',
    ]);
  });

  test('that would starve calls are told once, not at every server', () => {
    const raw = { a: { url: URL }, b: { url: URL } };
    const { servers, problems } = parseServers(raw, { pool: { queueTimeout: 10 }, drain: {} });
    expect(servers).toMatchObject([{ pool: { queueTimeout: 30_000 } }, { drain: { timeout: 250 } }]);
    expect(problems).toMatchObject([
      {
        path: ['sluice.pool.queueTimeout'],
        hint: 'write a drain.timeout below 10, or a longer pool.queueTimeout; 250 and 30000 are used until then',
      },
    ]);
  });
});
