import { describe, expect, it } from 'vitest';
import type { SluiceErrorCode } from '../../../src/core/errors.ts';
import { type Answer, event, httpAnswer, inEventStream, jsonAnswer, refusal } from '../../lab/answer.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { redirect } from '../../lab/modes/statuses.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf } from './connectTo.ts';

/** What was asked, without the messages that follow a handshake. */
const asked = ({ received }: Lab) =>
  received
    .map(({ httpMethod, message }) => message?.method ?? httpMethod)
    .filter((what) => what !== 'notifications/initialized');

const page = (status: number) => httpAnswer(status, { type: 'text/html', body: '<h1>Sorry</h1>' });
const body = (text: string, type = 'application/json') => httpAnswer(200, { type, body: text });
const error = (code: number, status = 200, data?: object): Answer => {
  return (exchange) =>
    refusal(status, { code, message: 'no', ...(data && { data }) }, exchange.request.message?.id)(exchange);
};
const result = (value: object): Answer => {
  return (exchange) =>
    jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id ?? null, result: value })(exchange);
};
const stream = (...events: readonly string[]): Answer => {
  return async ({ reply }) => reply.write(reply.opening(), ...events, END);
};
const log = {
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'info', data: 'x' },
} as const;

/** Answers that no server of the protocol gives, or that say nothing of the protocol. */
const NO_ANSWERS: [string, Answer][] = [
  ['an empty 200', httpAnswer(200)],
  ['a 202', httpAnswer(202)],
  ['a 204', httpAnswer(204)],
  ['a page', page(200)],
  ['plain text', body('hello', 'text/plain')],
  ['what is no JSON', body('oops')],
  ['half of a JSON text', body('{"jsonrpc":"2.0","id":1,"res')],
  ['an empty body that is to be JSON', body('')],
  ['null', body('null')],
  ['a text', body('"hello"')],
  ['an empty object', jsonAnswer(200, {})],
  ['an empty batch', jsonAnswer(200, [])],
  ['a batch of nonsense', jsonAnswer(200, [1, null, 'x'])],
  ['a result without JSON-RPC', jsonAnswer(200, { result: { supportedVersions: ['2026-07-28'] } })],
  ['a response to another request', jsonAnswer(200, { jsonrpc: '2.0', id: 'other', result: {} })],
  ['an empty stream', stream()],
  ['a stream of comments', stream(': hello\n\n')],
  ['a stream with a notification alone', stream(event(log))],
  ['a stream of no JSON', stream('data: oops\n\n')],
  ['a body in a coding that nobody allowed', httpAnswer(200, { headers: { 'Content-Encoding': 'gzip' } })],
];

/** What the gateway, or a server that starts or stops, says: it is told, and asked nothing else. */
const PASSING = [408, 502, 503, 504, 520, 524, 530];

describe('what a server answers to server/discover', () => {
  it.each<[string, Answer]>([
    ...NO_ANSWERS,
    ...[400, 402, 404, 405, 406, 409, 410, 415, 418, 422, 426, 500, 501, 505].flatMap(
      (status): [string, Answer][] => [
        [`an empty ${status}`, httpAnswer(status)],
        [`a page with ${status}`, page(status)],
      ],
    ),
    ...[
      -32700, -32600, -32601, -32602, -32603, -32000, -32001, -32002, -32019, -32042, -32099, -1, 1,
    ].flatMap((code): [string, Answer][] => [
      [`the error ${code}`, error(code)],
      [`the error ${code} with 400`, error(code, 400)],
    ]),
    ['the error -32601 with 404', error(-32601, 404)],
    ['the error -32000 with 500', error(-32000, 500)],
    ['-32022 and legacy revisions alone', error(-32022, 400, { supported: ['2025-11-25', '2025-06-18'] })],
    ['legacy revisions', result({ supportedVersions: ['2025-06-18'], capabilities: {} })],
    ['no list of revisions', result({ supportedVersions: '2026-07-28', capabilities: {} })],
    ['the result of something else', result({ tools: [] })],
    ['a reset', async ({ reply }) => reply.reset()],
    ['a closed connection', async ({ reply }) => reply.hangUp()],
    [
      'half of an answer',
      async ({ reply }) => {
        await reply.write(reply.opening(), 'data: {"jsonrpc"');
        reply.reset();
      },
    ],
    ['silence', ({ hold }) => hold()],
    [
      'a stream that stays open and silent',
      async ({ reply, hold }) => {
        await reply.write(reply.opening(), ': here\n\n');
        await hold();
      },
    ],
  ])('may be %s: it is a legacy one', async (_, answer) => {
    await using lab = await startLab({ era: 'legacy', mode: answer, on: ['server/discover'] });
    await using client = connectTo(lab.url, { requestTimeout: 300 });
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
    // A lost connection is worth a second try.
    expect([...new Set(asked(lab))].slice(0, 2)).toEqual(['server/discover', 'initialize']);
  });

  it.each<[string, Answer, SluiceErrorCode, RegExp]>([
    ...PASSING.flatMap((status): [string, Answer, SluiceErrorCode, RegExp][] => [
      [`an empty ${status}`, httpAnswer(status), 'http-status', /Try again in a moment.*2025-11-25/],
      [`a page with ${status}`, page(status), 'http-status', /Try again in a moment/],
    ]),
    ['an error of JSON-RPC with 503', error(-32000, 503), 'jsonrpc-error', /Try again in a moment/],
    [
      '503 and when to come again',
      httpAnswer(503, { headers: { 'Retry-After': '7' } }),
      'http-status',
      /7 s/,
    ],
    ['429', httpAnswer(429), 'rate-limited', /fewer/],
    ['401', httpAnswer(401), 'unauthorized', /Authorization/],
    ['403', page(403), 'forbidden', /credentials/],
    ['407', httpAnswer(407), 'proxy-auth', /proxy/],
    ['302', httpAnswer(302, { headers: { Location: '/login' } }), 'redirected', /login/],
    ['303', httpAnswer(303, { headers: { Location: 'https://sso.example.com/' } }), 'redirected', /sso/],
    ['307 to another origin', redirect(307, { to: 'http://127.0.0.2:1/mcp' }), 'redirected', /127.0.0.2/],
    ['-32020', error(-32020, 400), 'jsonrpc-error', /./],
    ['-32021', error(-32021, 400, { requiredCapabilities: {} }), 'jsonrpc-error', /./],
    ['-32021 behind a 503', error(-32021, 503, { requiredCapabilities: {} }), 'jsonrpc-error', /./],
    ['-32022 and no revision', error(-32022, 400), 'protocol-unsupported', /2026-07-28/],
    [
      '-32022 and one that nobody knows',
      error(-32022, 400, { supported: ['2031-01-01', 7] }),
      'protocol-unsupported',
      /2026/,
    ],
    [
      'a revision that nobody knows',
      result({ supportedVersions: ['2031-01-01'] }),
      'protocol-unsupported',
      /2026/,
    ],
  ])('may be %s: it is told, and asked nothing else', async (_, answer, code, hint) => {
    await using lab = await startLab({ era: 'legacy', mode: answer, on: ['server/discover'] });
    await using client = connectTo(lab.url);
    const failure = await failureOf(client.connection.connect());
    expect(failure.code).toBe(code);
    expect(`${failure.hint} ${failure.message}`).toMatch(hint);
    expect(asked(lab)).toEqual(['server/discover']);
  });

  it('may be -32022 with the very revision that it refuses: it is asked once more', async () => {
    const answer = error(-32022, 400, { supported: ['2026-07-28'] });
    await using lab = await startLab({ era: 'modern', mode: answer, on: ['server/discover'] });
    await using client = connectTo(lab.url);
    expect((await failureOf(client.connection.connect())).code).toBe('protocol-unsupported');
    expect(asked(lab)).toEqual(['server/discover', 'server/discover']);
  });

  it('is followed where it moved within its origin', async () => {
    await using lab = await startLab({ era: 'modern', mode: 'redirect-308', on: ['server/discover'] });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });

  it('counts in a stream as well as in a body', async () => {
    const send = inEventStream(async (response, { reply }) =>
      reply.write(reply.opening(), event(log), event(response), END),
    );
    await using lab = await startLab({ era: 'modern', mode: send, on: ['server/discover'] });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });
});

describe('what a legacy server answers to initialize', () => {
  const OVER_HTTP_SSE = ['server/discover', 'initialize', 'GET'];
  const NOT = ['server/discover', 'initialize'];

  it.each<[string, Answer, SluiceErrorCode, readonly string[]]>([
    ...NO_ANSWERS.map(([name, answer]): [string, Answer, SluiceErrorCode, readonly string[]] => {
      const unanswered = /another request|stream$|comments|notification alone/.test(name);
      return [name, answer, unanswered ? 'stream-ended' : 'not-mcp', NOT];
    }),
    ['400', httpAnswer(400), 'http-status', OVER_HTTP_SSE],
    ['404', page(404), 'not-found', OVER_HTTP_SSE],
    ['405', httpAnswer(405), 'http-status', OVER_HTTP_SSE],
    ['-32000 with 400', error(-32000, 400), 'jsonrpc-error', OVER_HTTP_SSE],
    ['-32022 with 400', error(-32022, 400), 'jsonrpc-error', NOT],
    ['-32601 with 404', error(-32601, 404), 'jsonrpc-error', NOT],
    ['406', httpAnswer(406), 'http-status', NOT],
    ['415', httpAnswer(415), 'http-status', NOT],
    ['500', page(500), 'http-status', NOT],
    ...PASSING.map((status): [string, Answer, SluiceErrorCode, readonly string[]] => [
      String(status),
      page(status),
      'http-status',
      NOT,
    ]),
    ['429', httpAnswer(429), 'rate-limited', NOT],
    ['401', httpAnswer(401), 'unauthorized', NOT],
    ['403', httpAnswer(403), 'forbidden', NOT],
    ['302', httpAnswer(302, { headers: { Location: '/login' } }), 'redirected', NOT],
    ...[-32700, -32600, -32601, -32602, -32603, -32000, -32042, 1].map(
      (code): [string, Answer, SluiceErrorCode, readonly string[]] => [
        `the error ${code}`,
        error(code),
        'jsonrpc-error',
        NOT,
      ],
    ),
    ['no revision', result({ capabilities: {} }), 'protocol-unsupported', NOT],
    ['a number', result({ protocolVersion: 2025, capabilities: {} }), 'protocol-unsupported', NOT],
    ['a modern revision', result({ protocolVersion: '2026-07-28' }), 'protocol-unsupported', NOT],
    ['an empty result', result({}), 'protocol-unsupported', NOT],
    ['a reset', async ({ reply }) => reply.reset(), 'connection-lost', NOT],
    ['silence', ({ hold }) => hold(), 'request-timeout', NOT],
  ])('may be %s: it is told', async (_, answer, code, requests) => {
    await using lab = await startLab({
      era: 'legacy',
      toModern: '404-empty',
      mode: answer,
      on: ['initialize'],
    });
    await using client = connectTo(lab.url, { requestTimeout: 300 });
    const failure = await failureOf(client.connection.connect());
    expect(failure.code).toBe(code);
    expect(failure.hint).toBeDefined();
    expect([...new Set(asked(lab))]).toEqual(requests);
    expect(client.connection.state.kind).toBe('failed');
    lab.use('prompt', []);
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
  });

  it.each<[string, Answer, SluiceErrorCode]>([
    ['a failure', page(500), 'http-status'],
    ['a reset', async ({ reply }) => reply.reset(), 'connection-lost'],
    ['no MCP', page(200), 'not-mcp'],
  ])('may be %s: that is told, and not how it refused server/discover', async (_, answer, code) => {
    await using lab = await startLab({ era: 'legacy', mode: answer, on: ['initialize'] });
    await using client = connectTo(lab.url);
    const failure = await failureOf(client.connection.connect());
    expect(failure.code).toBe(code);
    expect(failure.hint).toContain('No valid session ID');
  });

  it.each(PASSING)(
    'and to a client that remembers it with %i is told, and still remembered',
    async (status) => {
      await using lab = await startLab({ era: 'legacy', mode: httpAnswer(status), on: 'all' });
      let memory: string | undefined = '2025-11-25';
      const remembering = {
        recallProtocol: () => memory,
        rememberProtocol: (version: string | undefined) => {
          memory = version;
        },
      };
      await using client = connectTo(lab.url, {}, remembering);
      expect(await failureOf(client.connection.connect())).toMatchObject({ status, delivery: 'unknown' });
      expect(asked(lab)).toEqual(['initialize']);
      expect(memory).toBe('2025-11-25');
    },
  );
});
