import { describe, expect, it } from 'vitest';
import { httpAnswer, jsonAnswer } from '../../lab/answer.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { prompt } from '../../lab/modes/whole.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const asked = ({ received }: Pick<Lab, 'received'>) =>
  received.map(({ httpMethod, message }) => message?.method ?? httpMethod);

/** Every request that says so is refused as the official SDK 1.x refuses one without a session. */
const REFUSAL = { code: -32000, message: 'Bad Request: Server not initialized' };

describe.each([
  ['modern', 'legacy', '2025-11-25'],
  ['legacy', 'modern', '2026-07-28'],
] as const)('a server that was %s, and has a %s one in its place', (before, after, version) => {
  it.each([
    ['over the connections that are open', false],
    ['after a restart', true],
  ])('is negotiated with anew, %s: a call was refused unseen, and is made again', async (_, isRestart) => {
    await using lab = await startLab({ era: before });
    const memory: (string | undefined)[] = [];
    await using client = connectTo(lab.url, {}, { rememberProtocol: (found) => memory.push(found) });
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.become(after);
    if (isRestart) lab.disconnect();
    if (isRestart) await client.until(({ pool }) => pool.idle + pool.warm + pool.draining === 0);
    const { result } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 4 });
    expect(lab.counts.calls.get('add')).toBe(2);
    expect(client.connection.state).toMatchObject({
      kind: 'connected',
      info: { protocolVersion: version, era: after },
    });
    expect(memory.at(-1)).toBe(version);
    expect(client.warnings().at(-1)).toContain(`speaks ${version} now`);
    const since = lab.received.length;
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    // Its tools are its own: what the one before it said of them is not believed.
    expect(asked({ received: lab.received.slice(since) }).filter((one) => one !== 'GET')).toEqual([
      'tools/list',
      'tools/call',
    ]);
    const last = lab.received.findLast(({ message }) => message !== undefined)?.headers;
    expect(last?.['mcp-protocol-version']).toBe(version);
    expect(last?.['mcp-session-id']).toBe(after === 'legacy' ? 'lab-session-1' : undefined);
  });

  it('is negotiated with once for all calls that find it so', async () => {
    await using lab = await startLab({ era: before });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.become(after);
    const calls = Array.from({ length: 20 }, (_, n) => client.connection.callTool('add', { a: n, b: 1 }));
    const sums = (await Promise.all(calls)).map(({ result }) => result.structuredContent);
    expect(sums).toEqual(Array.from({ length: 20 }, (_, n) => ({ sum: n + 1 })));
    expect(lab.counts.calls.get('add')).toBe(21);
    const requests = asked(lab);
    expect(requests.filter((method) => method === 'initialize').length).toBeLessThanOrEqual(2);
    expect(requests.filter((method) => method === 'server/discover').length).toBeLessThanOrEqual(3);
  });

  it('tells of what was subscribed to, in its own way', async () => {
    await using lab = await startLab({ era: before, changes: true });
    const updated: string[] = [];
    const told = Promise.withResolvers<void>();
    await using client = connectTo(
      lab.url,
      {},
      {
        onResourceUpdated: (uri) => {
          updated.push(uri);
          if (updated.length === 2) told.resolve();
        },
      },
    );
    const [resource] = await client.connection.listResources();
    if (resource === undefined) throw new Error('the lab has no resources');
    await client.connection.subscribeResource(resource.uri);
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.become(after);
    lab.disconnect();
    await client.connection.callTool('say_hello', {});
    const subscribing = after === 'modern' ? 'subscriptions/listen' : 'resources/subscribe';
    await lab.waitFor((one) => asked(one).includes(subscribing) && one.counts.streams === 1);
    // That it may have changed meanwhile is the first.
    await lab.notify('notifications/resources/updated', { uri: resource.uri });
    await told.promise;
    expect(updated).toEqual([resource.uri, resource.uri]);
    expect(client.warnings().filter((one) => one.includes('subscri'))).toEqual([]);
  });
});

describe('a legacy server in the place of a modern one that refuses what it does not know', () => {
  it.each(['sdk-1', '404-empty', '405', '404-html', '200-method-not-found'] as const)(
    'with %s has looked at no call: it is made again',
    async (toModern) => {
      await using lab = await startLab({ era: 'modern', toModern });
      await using client = connectTo(lab.url);
      await client.connection.callTool('add', { a: 1, b: 1 });
      lab.become('legacy');
      const { result } = await client.connection.callTool('add', { a: 2, b: 2 });
      expect(result.structuredContent).toEqual({ sum: 4 });
      expect(lab.counts.calls.get('add')).toBe(2);
    },
  );

  it('with 500 may have run it: it is made again where that does no harm, and else told', async () => {
    for (const tool of ['add', 'echo']) {
      await using lab = await startLab({ era: 'modern', toModern: '500' });
      await using client = connectTo(lab.url);
      await client.connection.listTools();
      lab.become('legacy');
      const call = client.connection.callTool(tool, { a: 2, b: 2, text: 'hi' });
      if (tool === 'echo') expect(textOf(await call)).toBe('hi');
      else expect(await failureOf(call)).toMatchObject({ status: 500, delivery: 'answered' });
      const { result } = await client.connection.callTool('add', { a: 1, b: 2 });
      expect(result.structuredContent).toEqual({ sum: 3 });
      expect(lab.counts.calls.get('add')).toBe(1);
    }
  });
});

describe('a modern server in the place of a legacy one', () => {
  const unsupported = { supported: ['2026-07-28'], requested: '2025-11-25' };
  it.each<[string, number, { code: number; message: string; data?: object } | undefined]>([
    ['-32022', 400, { code: -32022, message: 'Unsupported protocol version', data: unsupported }],
    ['-32020, for the header that it misses', 400, { code: -32020, message: 'Mcp-Method is missing' }],
    ['-32602, for what `_meta` lacks', 400, { code: -32602, message: '_meta lacks the revision' }],
    ['404', 404, undefined],
    ['400 alone', 400, undefined],
  ])('that refuses with %s has looked at no call: it is made again', async (_, code, error) => {
    await using lab = await startLab({ era: 'legacy', sessions: code !== 404 });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.become('modern');
    const refuse =
      error === undefined ? httpAnswer(code) : jsonAnswer(code, { jsonrpc: '2.0', id: null, error });
    lab.use(
      (exchange) =>
        exchange.request.headers['mcp-method'] === undefined ? refuse(exchange) : prompt(exchange),
      ['tools/call', 'ping', 'initialize'],
    );
    const { result } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 4 });
    expect(lab.counts.calls.get('add')).toBe(2);
    expect(client.connection.state).toMatchObject({ info: { era: 'modern' } });
  });
});

it('a stream of the revision before is let go, and no session named any more', async () => {
  await using lab = await startLab({ era: 'legacy' });
  await using client = connectTo(lab.url);
  await client.connection.connect();
  await lab.waitFor(({ counts }) => counts.streams === 1);
  lab.become('modern');
  await client.connection.callTool('say_hello', {});
  await lab.waitFor(({ counts }) => counts.streams === 0);
  expect(lab.received.at(-1)?.headers).not.toHaveProperty('mcp-session-id');
});

it('what waits for its next try is of the revision before, and not tried', async () => {
  await using lab = await startLab({ era: 'modern', changes: true });
  await using client = connectTo(lab.url);
  await client.connection.listTools();
  await lab.waitFor(({ counts }) => counts.streams === 1);
  lab.become('legacy');
  lab.disconnect();
  await client.connection.callTool('say_hello', {});
  await lab.waitFor(({ counts }) => counts.streams === 1);
  const since = lab.received.length;
  await client.connection.listTools({ refresh: true });
  expect(asked({ received: lab.received.slice(since) })).toEqual(['tools/list']);
  expect(client.warnings().filter((one) => one.includes('subscriptions'))).toEqual([]);
});

describe('a refusal that another server may have sent', () => {
  it('is told as it is where the server answers what asks for nothing', async () => {
    for (const era of ['modern', 'legacy'] as const) {
      const refuse = jsonAnswer(400, { jsonrpc: '2.0', id: null, error: REFUSAL });
      await using lab = await startLab({ era, mode: refuse });
      await using client = connectTo(lab.url);
      await client.connection.listTools();
      const since = lab.received.length;
      const failure = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
      expect(failure).toMatchObject({ status: 400, rpc: REFUSAL, delivery: 'answered' });
      const smallest = era === 'modern' ? 'server/discover' : 'ping';
      expect(asked({ received: lab.received.slice(since) })).toEqual(['tools/call', smallest]);
      expect(client.warnings()).toEqual([]);
      if (era === 'legacy') expect(lab.received.at(-1)?.headers['mcp-session-id']).toBe('lab-session-1');
    }
  });

  it('and came in other words than that of what asks for nothing says that the call was answered', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    const refuse = (message: string) =>
      jsonAnswer(400, { jsonrpc: '2.0', id: null, error: { code: -32000, message } });
    let pings = 0;
    lab.use(
      (exchange) => {
        const isPing = exchange.request.message?.method === 'ping';
        if (isPing) pings++;
        return refuse(isPing ? 'Server not initialized' : 'It went wrong')(exchange);
      },
      ['ping', 'tools/call'],
    );
    const unsafe = client.connection.callTool('add', { a: 1, b: 1 });
    expect(await failureOf(unsafe)).toMatchObject({
      delivery: 'answered',
      message: expect.stringContaining('wrong'),
    });
    expect(pings).toBe(1);
    expect(lab.received.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(1);
    lab.use('prompt', []);
    expect((await client.connection.callTool('add', { a: 1, b: 2 })).result.structuredContent).toEqual({
      sum: 3,
    });
    // The new session.
    expect(lab.received.at(-1)?.headers['mcp-session-id']).toBe('lab-session-2');
  });

  it('makes a new session where a server that restarted says 400 instead of 404', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    const uninitialized = jsonAnswer(400, { jsonrpc: '2.0', id: null, error: REFUSAL });
    lab.use(
      (exchange) =>
        exchange.request.headers['mcp-session-id'] === 'lab-session-1'
          ? uninitialized(exchange)
          : exchange
              .run()
              .then((outcome) =>
                outcome.kind === 'response'
                  ? jsonAnswer(200, outcome.response)(exchange)
                  : exchange.reply.hangUp(),
              ),
      ['tools/call', 'ping'],
    );
    expect((await client.connection.callTool('add', { a: 2, b: 2 })).result.structuredContent).toEqual({
      sum: 4,
    });
    expect(lab.counts.calls.get('add')).toBe(2);
  });

  it('is told where the server cannot be negotiated with; the next call negotiates first', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.become('legacy');
    lab.use('503', ['initialize']);
    const failure = await failureOf(client.connection.callTool('add', { a: 2, b: 2 }));
    expect(failure).toMatchObject({ status: 400, delivery: 'answered' });
    lab.use('prompt', []);
    const since = lab.received.length;
    await client.connection.callTool('add', { a: 3, b: 3 });
    expect(asked({ received: lab.received.slice(since) })[0]).toBe('server/discover');
    expect(lab.counts.calls.get('add')).toBe(2);
  });

  it('does not hold up one who cancels', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    lab.become('legacy');
    lab.use('silence', ['initialize']);
    const abort = new AbortController();
    const call = client.connection.callTool('add', { a: 1, b: 1 }, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    expect((await failureOf(call)).code).toBe('cancelled');
  });
});
