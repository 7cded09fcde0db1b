import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/core/config/configProblem.ts';
import { parseServers } from '../../../src/core/config/parseServers.ts';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import { NO_DEFAULTS, parseEntry, told, URL } from './parse.ts';

const EXAMPLE = `{ "url": "${URL}" }`;

describe('an entry of sluice.servers', () => {
  test('needs a URL and nothing else', () => {
    expect(parseEntry({ url: URL })).toEqual({
      problems: [],
      servers: [
        {
          name: 'docs',
          enabled: true,
          url: URL,
          headers: {},
          protocol: 'auto',
          requestTimeout: 60_000,
          pool: {
            maxConnections: 16,
            warmConnections: 'auto',
            reuse: 'auto',
            idleTimeout: 60_000,
            queueTimeout: 30_000,
          },
          drain: { timeout: 250, maxBytes: 65_536 },
          message: DEFAULT_MESSAGE,
          http2: 'auto',
          tls: {},
        },
      ],
    });
  });

  test('is taken as it is written', () => {
    const entry = {
      url: 'https://api.example.com/mcp?team=a#'.slice(0, -1),
      headers: { Authorization: 'Bearer ${input:token}', 'X-Team': 'docs' },
      protocol: '2025-06-18',
      requestTimeout: 300_000,
      pool: { maxConnections: 1, warmConnections: 0, reuse: 'always', idleTimeout: 0, queueTimeout: 500 },
      drain: { timeout: 0, maxBytes: 0 },
      message: DEFAULT_MESSAGE,
      http2: 'never',
      tls: {
        ca: 'ca.pem',
        cert: 'c.pem',
        key: 'k.pem',
        passphrase: 'p',
        servername: 's',
        rejectUnauthorized: false,
      },
      enabled: false,
    };
    expect(parseEntry(entry)).toEqual({ problems: [], servers: [{ name: 'docs', ...entry }] });
  });

  test('that is bad disables no other, and is not replaced by anything', () => {
    const { servers, problems } = parseServers(
      { a: { url: URL }, b: { url: 'b' }, c: { url: URL } },
      NO_DEFAULTS,
    );
    expect(servers.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(problems.map(({ server, path }) => [server, path])).toEqual([
      ['b', ['sluice.servers', 'b', 'url']],
    ]);
  });

  test('with a warning stays in use', () => {
    expect(parseEntry({ url: URL, colour: 'red' })).toMatchObject({
      servers: [{ name: 'docs' }],
      problems: [{ severity: 'warning' }],
    });
  });

  test('that is switched off stays in the list, and may be just that', () => {
    expect(parseEntry({ enabled: false })).toMatchObject({
      servers: [{ enabled: false, url: '' }],
      problems: [],
    });
  });

  test.each([
    [null, `E : found null; write ${EXAMPLE}`],
    [[], `E : found a list; write ${EXAMPLE}`],
    ['localhost:3000', `E : found "localhost:3000"; write ${EXAMPLE}`],
    ['http://h/mcp', 'E : found "http://h/mcp"; write { "url": "http://h/mcp" }'],
  ])('%j is told how to be an object', (entry, message) => {
    expect(told(entry)).toEqual([message]);
  });

  test.each([
    [{ url: URL, enabled: 'false' }, 'E .enabled: found "false"; write true or false, without quotes'],
    [
      { url: URL, protocol: '2024-10-07' },
      'E .protocol: found "2024-10-07"; write one of "auto", "2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"',
    ],
  ])('%j is told which values there are', (entry, message) => {
    expect(told(entry)).toEqual([message]);
  });
});

describe('a key that Sluice does not know', () => {
  test.each([
    [
      { url: URL, header: {} },
      'E .header: is not a key of Sluice and has no effect; did you mean "headers"?',
    ],
    [
      { url: URL, requestTimeOut: 1 },
      'E .requestTimeOut: is not a key of Sluice and has no effect; did you mean "requestTimeout"?',
    ],
    [{ URL }, 'E .URL: is not a key of Sluice and has no effect; did you mean "url"?'],
    [
      { url: URL, pool: { idleTimeOut: 1 } },
      'E .pool.idleTimeOut: is not a key of Sluice and has no effect; did you mean "idleTimeout"?',
    ],
  ])('%j was meant to be another', (entry, message) => {
    expect(told(entry)).toEqual([message]);
  });

  test.each([
    [
      { url: URL, colour: 'red' },
      'W .colour: is not a key of Sluice and has no effect; remove it; the keys here are url, headers, protocol, requestTimeout, pool, drain, message, http2, tls, enabled',
    ],
    [
      { url: URL, drain: { colour: 'red' } },
      'W .drain.colour: is not a key of Sluice and has no effect; remove it; the keys here are timeout, maxBytes',
    ],
  ])('%j may come from a newer version', (entry, message) => {
    expect(told(entry)).toEqual([message]);
  });
});

describe('an entry of another tool', () => {
  const start = `start the server yourself with its HTTP transport, and write ${EXAMPLE}`;
  test.each([
    [
      { command: 'npx', args: ['-y', 'some-server'], env: { A: '1' } },
      `E .command: is for a program to start, and Sluice speaks Streamable HTTP only; ${start}`,
    ],
    [
      { type: 'stdio', command: 'x' },
      `E .type: found "stdio", and Sluice speaks Streamable HTTP only; ${start}`,
    ],
    [
      { type: 'sse', url: URL },
      'W .type: found "sse", and Sluice finds out by itself how a server speaks; remove it: there is nothing to choose',
    ],
    [
      { transport: 'http+sse', url: URL },
      'W .transport: found "http+sse", and Sluice finds out by itself how a server speaks; remove it: there is nothing to choose',
    ],
    [
      { type: 'websocket', url: URL },
      'E .type: found "websocket", and Sluice speaks Streamable HTTP only; remove it, and write the server\'s Streamable HTTP endpoint as "url"',
    ],
    [
      { type: 'streamable-http', url: URL },
      'W .type: found "streamable-http", and Sluice speaks Streamable HTTP only; remove it: there is nothing to choose',
    ],
    [{ serverUrl: URL }, 'E .serverUrl: is not a key of Sluice; write "url"'],
    [{ url: URL, httpUrl: URL }, 'W .httpUrl: is not a key of Sluice and has no effect; remove it'],
    [{ url: URL, cwd: '/' }, 'W .cwd: is not a key of Sluice and has no effect; remove it'],
    [
      { url: URL, disabled: true },
      'E .disabled: found true, and this is not a key of Sluice; write "enabled": false',
    ],
    [{ url: URL, disabled: false }, 'W .disabled: is not a key of Sluice and has no effect; remove it'],
    [
      { url: URL, timeout: 30 },
      'W .timeout: is not a key of Sluice and has no effect; write "requestTimeout", in milliseconds',
    ],
  ])('%j is told what says the same here', (entry, message) => {
    expect(told(entry)).toEqual([message]);
  });

  test('pasted as a whole is told to move up', () => {
    const { problems } = parseServers({ mcpServers: { docs: { url: URL } } }, NO_DEFAULTS);
    expect(problems.map(formatProblem)).toEqual([
      'sluice.servers.mcpServers: found a whole configuration of another tool; move the entries inside "mcpServers" one level up',
    ]);
  });
});

describe('the name of a server', () => {
  test.each([
    ['', '[""]', '""'],
    [' docs', '[" docs"]', '" docs"'],
    ['a\nb', '["a\\nb"]', '"a\\nb"'],
  ])('%j is refused', (name, key, shown) => {
    expect(parseServers({ [name]: { url: URL } }, NO_DEFAULTS).problems.map(formatProblem)).toEqual([
      `sluice.servers${key}: found the name ${shown}; write a name of 1 to 100 characters, on one line, without white space around it`,
    ]);
  });

  test('may hold spaces and dots', () => {
    expect(parseServers({ 'my server v1.2': { url: URL } }, NO_DEFAULTS).problems).toEqual([]);
  });
});
