import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, httpAnswer, jsonAnswer, refusal } from '../../lab/answer.ts';
import { SCHEMA_UNCHECKED } from '../../lab/jsonrpc.ts';
import { type Lab, refusingUrl, startLab } from '../../lab/lab.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

/** Of what was POSTed; a legacy server is asked for its stream besides. */
const methods = ({ received }: Pick<Lab, 'received'>) =>
  received.filter(({ httpMethod }) => httpMethod === 'POST').map(({ message }) => message?.method);

const discovered = (supportedVersions: unknown) => ({
  jsonrpc: '2.0',
  id: 1,
  result: { resultType: 'complete', supportedVersions, capabilities: {} },
});
const refused = (code: number) => ({ jsonrpc: '2.0', id: 1, error: { code, message: 'no' } });

describe('the revision of a server', () => {
  it('that is modern is found with one request', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2026-07-28', era: 'modern' });
    expect(methods(lab)).toEqual(['server/discover']);
  });

  it.each(['sdk-1', '404-empty', '405', '200-method-not-found', '500', '404-html'] as const)(
    'that is legacy is found, though it answers a modern request with %s',
    async (toModern) => {
      await using lab = await startLab({ era: 'legacy', toModern });
      await using client = connectTo(lab.url);
      expect(await client.connection.connect()).toMatchObject({
        protocolVersion: '2025-11-25',
        era: 'legacy',
      });
      expect(methods(lab)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    },
  );

  it('that is legacy and stays silent is found when the time is up', async () => {
    await using lab = await startLab({ era: 'legacy', toModern: 'silence' });
    await using client = connectTo(lab.url, { requestTimeout: 100 });
    expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
  });

  it.each(['2025-06-18', '2025-03-26'])('is the older one that the server offers: %s', async (version) => {
    await using lab = await startLab({ era: 'legacy', versions: { legacy: [version] } });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: version });
    await client.connection.listTools();
    expect(lab.received.at(-1)?.headers['mcp-protocol-version']).toBe(
      version === '2025-03-26' ? undefined : version,
    );
  });

  it('that speaks both eras is taken at its newest', async () => {
    await using lab = await startLab({ era: 'dual' });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });

  it('can be pinned, and then nothing else is tried', async () => {
    await using lab = await startLab({ era: 'dual' });
    await using client = connectTo(lab.url, { protocol: '2025-06-18' });
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2025-06-18' });
    expect(methods(lab)[0]).toBe('initialize');
  });

  it('that was pinned and is not spoken is told, with what to change', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, { protocol: '2026-07-28' });
    expect((await failureOf(client.connection.connect())).hint).toContain('"auto"');
  });

  it.each(['2026-07-28', '2025-11-25', '2024-11-05'] as const)(
    '(%s) that was pinned is what a bare 400, 404 or 405 is told with, and then what else it may be',
    async (protocol) => {
      for (const code of [400, 404, 405]) {
        await using lab = await startLab({
          mode: httpAnswer(code),
          on: ['server/discover', 'initialize', 'GET'],
        });
        await using client = connectTo(lab.url, { protocol });
        const error = await failureOf(client.connection.connect());
        expect(error).toMatchObject({ status: code, phase: 'negotiation' });
        expect(error.hint).toMatch(
          new RegExp(`^Set "protocol" to "auto": it is pinned to ${protocol}.*\\. \\w`),
        );
      }
    },
  );

  it('that was pinned is not blamed where there is no server', async () => {
    await using client = connectTo(await refusingUrl(), { protocol: '2026-07-28' });
    expect((await failureOf(client.connection.connect())).hint).not.toContain('pinned');
  });

  it('that Sluice does not speak is told, and not fallen back from', async () => {
    await using lab = await startLab({ era: 'modern', versions: { modern: ['2030-01-01'] } });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'protocol-unsupported',
      message: expect.stringContaining('2030-01-01'),
    });
  });

  it('is the newest that both speak, where the server names those that it does', async () => {
    const supported = ['2099-01-01', '2025-03-26', '2025-06-18'];
    await using lab = await startLab({
      era: 'legacy',
      versions: { legacy: ['2025-03-26', '2025-06-18'] },
      on: ['server/discover'],
      mode: (exchange) => {
        const error = { code: -32022, message: 'no', data: { supported } };
        return refusal(400, error, exchange.request.message?.id)(exchange);
      },
    });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2025-06-18' });
    expect(methods(lab)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
  });

  it.each([-32020, -32021])('is modern where the request is refused with %i: that is told', async (code) => {
    await using lab = await startLab({
      era: 'legacy',
      on: ['server/discover'],
      mode: (exchange) => refusal(400, { code, message: 'not so' }, exchange.request.message?.id)(exchange),
    });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'jsonrpc-error',
      rpc: { code },
    });
    expect(methods(lab)).toEqual(['server/discover']);
  });

  it('is remembered: a legacy server is not asked as a modern one again', async () => {
    await using lab = await startLab({ era: 'legacy' });
    const memory: { version: string | undefined } = { version: undefined };
    const remembering = {
      recallProtocol: () => memory.version,
      rememberProtocol: (version: string | undefined) => {
        memory.version = version;
      },
    };
    await using first = connectTo(lab.url, {}, remembering);
    await first.connection.connect();
    const before = lab.received.length;
    await using second = connectTo(lab.url, {}, remembering);
    await second.connection.connect();
    expect(methods({ received: lab.received.slice(before) })).toEqual([
      'initialize',
      'notifications/initialized',
    ]);
  });

  it.each(['2025-06-18', '2025-03-26', '2024-11-05'])(
    'is spoken as the server answers initialize, also where it is %s over Streamable HTTP',
    async (version) => {
      await using lab = await startLab({ era: 'legacy', versions: { legacy: [version] } });
      await using client = connectTo(lab.url, { headers: { [SCHEMA_UNCHECKED]: '1' } });
      expect(await client.connection.connect()).toMatchObject({ protocolVersion: version, era: 'legacy' });
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(
        lab.received.find(({ message }) => message?.method === 'initialize')?.message?.params,
      ).toMatchObject({ protocolVersion: '2025-11-25' });
    },
  );

  it.each(['1999-12-31', '2026-07-28', 'latest'])(
    'that no handshake can lead to, %s, is told with what was asked for',
    async (version) => {
      await using lab = await startLab({ era: 'legacy', versions: { legacy: [version] } });
      await using client = connectTo(lab.url);
      const { code, message } = await failureOf(client.connection.connect());
      expect(code).toBe('protocol-unsupported');
      expect(message).toContain(JSON.stringify(version));
      expect(message).toContain('2025-11-25');
      await lab.waitFor(({ counts }) => counts.open === 0);
    },
  );

  it('is waited for by the calls that come meanwhile: nothing is sent before the handshake is over', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'slow-headers', on: ['initialize'] });
    await using client = connectTo(lab.url, { protocol: '2025-11-25' });
    const calls = Array.from({ length: 3 }, () => client.connection.callTool('say_hello', {}));
    await lab.waitFor(({ counts }) => counts.held === 1);
    expect(methods(lab)).toEqual(['initialize']);
    lab.release();
    await Promise.all(calls);
    expect(methods(lab).slice(0, 3)).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
  });

  it.each<[string, Answer]>([
    ['a page', httpAnswer(200, { type: 'text/html', body: '<h1>Welcome</h1>' })],
    ['an empty 202', httpAnswer(202)],
    ['a 204', httpAnswer(204)],
    ['no JSON', httpAnswer(200, { type: 'application/json', body: 'oops' })],
    ['an empty object', jsonAnswer(200, {})],
    ['an empty batch', jsonAnswer(200, [])],
    ['an empty stream', httpAnswer(200, { type: 'text/event-stream' })],
    ['a result of another kind', jsonAnswer(200, { jsonrpc: '2.0', id: 1, result: { hello: 'world' } })],
    ['a list of revisions that is none', jsonAnswer(200, discovered('2026-07-28'))],
    ['-32600 for the request', jsonAnswer(400, refused(-32600))],
    ['-32602 for its parameters', jsonAnswer(200, refused(-32602))],
    ['a closed connection', async ({ reply }) => reply.hangUp()],
  ])('of a legacy server that answers server/discover with %s is found', async (_, answer) => {
    await using lab = await startLab({ era: 'legacy', mode: answer, on: ['server/discover'] });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: '2025-11-25', era: 'legacy' });
  });

  it('is not guessed from a question that never left: the time was up before there was a connection', async () => {
    // It accepts, and does not shake hands.
    const server = createServer((socket) => socket.on('error', () => undefined));
    let accepted = 0;
    server.on('connection', () => accepted++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await using client = connectTo(url, { requestTimeout: 200 });
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({ code: 'request-timeout', delivery: 'not-sent' });
    expect(error.message).toMatch(/^server\/discover /);
    expect(accepted).toBe(1);
  });

  it.each([401, 403, 429])('is not guessed from a %i', async (code) => {
    await using lab = await startLab({ era: 'legacy', mode: httpAnswer(code), on: ['server/discover'] });
    await using client = connectTo(lab.url);
    expect((await failureOf(client.connection.connect())).status).toBe(code);
    expect(methods(lab)).toEqual(['server/discover']);
  });

  it.each([
    ['legacy', 'modern', '2026-07-28'],
    ['modern', 'legacy', '2025-11-25'],
  ] as const)('that was %s and is %s after a restart is found anew, though remembered', async (...eras) => {
    const [before, after, version] = eras;
    let memory: string | undefined;
    const remembering = {
      recallProtocol: () => memory,
      rememberProtocol: (found: string) => {
        memory = found;
      },
    };
    await using first = await startLab({ era: before });
    {
      await using client = connectTo(first.url, {}, remembering);
      expect(await client.connection.connect()).toMatchObject({ era: before });
    }
    await using second = await startLab({ era: after });
    await using client = connectTo(second.url, {}, remembering);
    expect(await client.connection.connect()).toMatchObject({ protocolVersion: version });
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(memory).toBe(version);
    expect(methods(second).slice(0, 2)).toEqual(
      after === 'modern' ? ['initialize', 'server/discover'] : ['server/discover', 'initialize'],
    );
    expect(second.received.some(({ httpMethod }) => httpMethod === 'GET')).toBe(after === 'legacy');
  });

  it('that was remembered wrongly is found anew', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url, {}, { recallProtocol: () => '2025-11-25' });
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
  });
});
