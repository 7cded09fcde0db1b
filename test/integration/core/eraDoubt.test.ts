import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import type { SluiceErrorCode } from '../../../src/core/errors.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { type Answer, httpAnswer, jsonAnswer, refusal } from '../../lab/answer.ts';
import { SCHEMA_UNCHECKED } from '../../lab/jsonrpc.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { HTTP_SSE_REQUESTS, httpSse } from '../../lab/modes/httpSse.ts';
import { sequence } from '../../lab/modes.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';
import { answerWith, answerWithMessage, startRawServer } from './rawServer.ts';

const asked = ({ received }: Lab) =>
  received.map(({ httpMethod, message }) => message?.method ?? httpMethod).filter((what) => what !== 'GET');

/** What the user's machine remembers of a server. */
function memory() {
  const remembered: (string | undefined)[] = [];
  return {
    remembered,
    recallProtocol: () => remembered.at(-1),
    rememberProtocol: (version: string | undefined) => void remembered.push(version),
  };
}

/** The wait after which a silent server is asked in the other era is over at once. */
const impatient: Clock = {
  ...systemClock,
  schedule: (ms, task) => systemClock.schedule(ms === 2_000 ? 0 : ms, task),
};

const page = (status: number) => httpAnswer(status, { type: 'text/html', body: '<h1>Sorry</h1>' });
const error = (status: number, code: number): Answer => {
  return (exchange) => refusal(status, { code, message: 'no' }, exchange.request.message?.id)(exchange);
};

/** What proxies say, and servers that are not well: by and by it may be otherwise. */
const PASSING: [string, Answer][] = [
  ...[400, 404, 405, 410, 500, 501].flatMap((status): [string, Answer][] => [
    [`an empty ${status}`, httpAnswer(status)],
    [`a page with ${status}`, page(status)],
  ]),
  ['a page', page(200)],
  ['an empty body', httpAnswer(200)],
  ['an empty stream', async ({ reply }) => reply.write(reply.opening(), END)],
  ['JSON that is no message', jsonAnswer(200, { status: 'starting' })],
  ['an internal error', error(200, -32603)],
  ['an internal error with 500', error(500, -32603)],
  ['an internal error with 400', error(400, -32603)],
  ['an error of its own', error(200, -32000)],
  ['an error of its own with 500', error(500, -32000)],
  ['a reset', async ({ reply }) => reply.reset()],
  ['silence', ({ hold }) => hold()],
];

describe('a server of both eras that answers server/discover with', () => {
  it.each(PASSING)(
    '%s, once, is used as a legacy one, and asked again at the next connect',
    async (_, answer) => {
      await using lab = await startLab({
        era: 'dual',
        // A lost connection is worth a second try.
        mode: sequence(answer, answer),
        on: ['server/discover'],
      });
      const { remembered, ...callbacks } = memory();
      await using client = connectTo(lab.url, {}, callbacks, impatient);
      expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(remembered).toEqual([]);
      lab.use('prompt', []);
      await client.connection.disconnect();
      expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
      expect(remembered).toEqual(['2026-07-28']);
    },
  );

  it('such a fault is found to be modern when its session is lost, too', async () => {
    await using lab = await startLab({
      era: 'dual',
      mode: sequence(page(500), 'prompt'),
      on: ['server/discover'],
    });
    const { remembered, ...callbacks } = memory();
    await using client = connectTo(lab.url, {}, callbacks);
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
    lab.sessions.forget();
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(client.connection.state).toMatchObject({ info: { era: 'modern' } });
    expect(remembered).toEqual(['2026-07-28']);
  });
});

describe('a legacy server that says in its protocol that it does not know server/discover', () => {
  it.each<[string, Answer]>([
    ['-32601', error(200, -32601)],
    ['-32601 with 404', error(404, -32601)],
    ['-32600', error(200, -32600)],
    ['-32602', error(200, -32602)],
    ['its own error with 400, as the official SDK 1.x', error(400, -32000)],
    ['its own error with 404', error(404, -32000)],
    [
      'a list of legacy revisions',
      (exchange) =>
        jsonAnswer(200, {
          jsonrpc: '2.0',
          id: exchange.request.message?.id ?? null,
          result: { supportedVersions: ['2025-11-25'], capabilities: {} },
        })(exchange),
    ],
  ])('(%s) is remembered as one', async (_, answer) => {
    await using lab = await startLab({ era: 'legacy', mode: answer, on: ['server/discover'] });
    const { remembered, ...callbacks } = memory();
    await using client = connectTo(lab.url, {}, callbacks);
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
    expect(remembered).toEqual(['2025-11-25']);
    await client.connection.disconnect();
    const before = asked(lab).length;
    await client.connection.connect();
    expect(asked(lab).slice(before)).toEqual(['initialize', 'notifications/initialized']);
  });
});

it('a modern server whose first answer was a fault is found to be modern by how it refuses initialize', async () => {
  await using lab = await startLab({
    era: 'modern',
    mode: sequence(page(500), 'prompt'),
    on: ['server/discover'],
  });
  await using client = connectTo(lab.url);
  expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  expect(asked(lab)).toEqual(['server/discover', 'initialize', 'server/discover']);
});

describe('a server that does not answer server/discover', () => {
  const pools = [DEFAULT_POOL, { ...DEFAULT_POOL, maxConnections: 1 }];

  it.each(pools)(
    'is asked with initialize after 2 s, not after a minute ($maxConnections connections)',
    async (pool) => {
      const waits: number[] = [];
      const clock: Clock = {
        ...systemClock,
        schedule(ms, task) {
          waits.push(ms);
          return impatient.schedule(ms, task);
        },
      };
      await using lab = await startLab({ era: 'legacy', toModern: 'silence' });
      await using client = connectTo(lab.url, { pool, requestTimeout: 60_000 }, {}, clock);
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(waits).toContain(2_000);
      // The question is taken back.
      await lab.waitFor(({ counts }) => counts.held === 0);
      expect(client.warnings()).toEqual([]);
    },
  );

  it('and speaks HTTP+SSE is found as well', async () => {
    const answer = httpSse();
    await using lab = await startLab({
      era: 'legacy',
      sessions: false,
      on: [...HTTP_SSE_REQUESTS, 'server/discover'],
      mode: (exchange) =>
        exchange.request.message?.method === 'server/discover' ? exchange.hold() : answer(exchange),
    });
    await using client = connectTo(lab.url, {}, {}, impatient);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  });

  it.each(pools)(
    'because it is slow, is taken as modern when it does ($maxConnections connections)',
    async (pool) => {
      await using lab = await startLab({ era: 'modern', mode: 'slow-headers', on: ['server/discover'] });
      const { remembered, ...callbacks } = memory();
      await using client = connectTo(lab.url, { pool }, callbacks, impatient);
      const connecting = client.connection.connect();
      await lab.waitFor((one) => asked(one).includes('initialize'));
      lab.release();
      expect(await connecting).toMatchObject({ era: 'modern' });
      expect(remembered).toEqual(['2026-07-28']);
      lab.use('prompt', []);
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    },
  );

  it('and initialize neither until it answers both is taken in the era that it answered in', async () => {
    await using lab = await startLab({
      era: 'dual',
      mode: 'slow-headers',
      on: ['server/discover', 'initialize'],
    });
    await using client = connectTo(lab.url, {}, {}, impatient);
    const connecting = client.connection.connect();
    await lab.waitFor(({ counts }) => counts.held === 2);
    lab.release();
    const { era } = await connecting;
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(lab.received.at(-1)?.headers['mcp-session-id'] === undefined).toBe(era === 'modern');
  });

  it.each<[string, Answer, SluiceErrorCode]>([
    ['401', httpAnswer(401), 'unauthorized'],
    ['403', page(403), 'forbidden'],
    ['429', httpAnswer(429), 'rate-limited'],
  ])('and initialize with %s is told so at once', async (_, answer, code) => {
    await using lab = await startLab({
      era: 'legacy',
      on: ['server/discover', 'initialize'],
      mode: (exchange) =>
        exchange.request.message?.method === 'initialize' ? answer(exchange) : exchange.hold(),
    });
    await using client = connectTo(lab.url, {}, {}, impatient);
    expect((await failureOf(client.connection.connect())).code).toBe(code);
    await lab.waitFor(({ counts }) => counts.held === 0);
  });

  it('and nothing else either is told with both attempts, when the time is up', async () => {
    await using lab = await startLab({
      era: 'legacy',
      mode: 'silence',
      on: ['server/discover', 'initialize'],
    });
    await using client = connectTo(lab.url, { requestTimeout: 200 }, {}, impatient);
    const failure = await failureOf(client.connection.connect());
    expect(failure).toMatchObject({
      code: 'request-timeout',
      hint: expect.stringMatching(/server\/discover.*initialize/),
    });
  });
});

describe('a server that refuses initialize and names what it speaks', () => {
  const supported = ['2025-03-26', '2024-11-05'];
  it.each<[string, number, object]>([
    ['in data.supported', 200, { code: -32602, message: 'no', data: { supported, requested: '2025-11-25' } }],
    ['in data.supported with 400', 400, { code: -32000, message: 'no', data: { supported } }],
    [
      'in data.supportedVersions',
      200,
      { code: -32602, message: 'no', data: { supportedVersions: supported } },
    ],
    [
      'in words',
      400,
      {
        code: -32000,
        message: 'Unsupported protocol version: 2025-11-25 (supported versions: 2025-03-26, 2024-11-05)',
      },
    ],
  ])('%s is spoken to in the newest of it', async (_, status, refused) => {
    await using server = await startRawServer((one) => {
      const { message, response } = one;
      if (message.method !== 'initialize') return false;
      const version = message.params?.['protocolVersion'] as string;
      if (supported.includes(version))
        return answerWith(one, { protocolVersion: version, capabilities: { tools: {} } });
      response.statusCode = status;
      return answerWithMessage(one, { error: refused });
    });
    await using client = connectTo(server.url, { headers: { [SCHEMA_UNCHECKED]: '1' } });
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2025-03-26' });
    const pinned = connectTo(server.url, { protocol: '2025-11-25' });
    const failure = await failureOf(pinned.connection.connect());
    expect(failure.hint).toMatch(/"auto"/);
    await pinned.connection.close();
  });
});

describe('a server that answers a POST with 404, and the GET of HTTP+SSE with', () => {
  it.each<[number, string, RegExp]>([
    [500, 'Already connected to a transport', /Already connected/],
    [401, 'no', /HTTP 401/],
    [403, 'not you', /HTTP 403/],
    [429, 'wait', /HTTP 429/],
    [503, 'starting', /HTTP 503/],
  ])('%i is told with that, and with the 404 besides', async (status, body, told) => {
    await using server = await startRawServer(({ httpMethod, response }) => {
      response.writeHead(httpMethod === 'GET' ? status : 404).end(httpMethod === 'GET' ? body : '');
      return true;
    });
    await using client = connectTo(server.url);
    const failure = await failureOf(client.connection.connect());
    expect(failure.message).toMatch(told);
    expect(failure.status).toBe(status);
    expect(failure.hint).toMatch(/a POST was answered with: .*HTTP 404/);
  });

  it.each([404, 405, 400, 501])('%i is told with what the POST was answered', async (status) => {
    await using server = await startRawServer(({ httpMethod, response }) => {
      response.writeHead(httpMethod === 'GET' ? status : 404).end();
      return true;
    });
    await using client = connectTo(server.url);
    expect(await failureOf(client.connection.connect())).toMatchObject({ code: 'not-found', status: 404 });
  });

  it('a stream that ends without an endpoint is told with that', async () => {
    await using server = await startRawServer(({ httpMethod, response }) => {
      if (httpMethod === 'GET')
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(': hi\n\n');
      else response.writeHead(404).end();
      return true;
    });
    await using client = connectTo(server.url);
    const failure = await failureOf(client.connection.connect());
    expect(failure).toMatchObject({ code: 'not-found', status: 404 });
    expect(failure.hint).toMatch(/GET opens an event stream there: .*endpoint/);
  });
});
