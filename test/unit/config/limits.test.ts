import { describe, expect, test } from 'vitest';
import { parseServers } from '../../../src/core/config/parseServers.ts';
import { parseEntry, told, URL } from './parse.ts';

describe('the limits of a server', () => {
  test('override those of all servers one by one', () => {
    const entry = { url: URL, pool: { maxConnections: 4 }, drain: { maxBytes: 0 } };
    const defaults = {
      pool: { maxConnections: 2, idleTimeout: 5 },
      drain: { timeout: 9 },
      requestTimeout: 7,
    };
    expect(parseEntry(entry, defaults).servers).toMatchObject([
      {
        pool: { maxConnections: 4, idleTimeout: 5, queueTimeout: 30_000 },
        drain: { timeout: 9, maxBytes: 0 },
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
      { drain: { timeout: -1 } },
      '.drain.timeout: found -1; write a whole number of milliseconds from 0 to 60000',
    ],
    [
      { drain: { maxBytes: 1e9 } },
      '.drain.maxBytes: found 1000000000; write a whole number of bytes from 0 to 16777216',
    ],
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
