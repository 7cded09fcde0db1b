import { describe, expect, it } from 'vitest';
import { type Answer, httpAnswer } from '../../lab/answer.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import type { LabTool } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const asked = ({ received }: Pick<Lab, 'received'>) =>
  received.map(({ httpMethod, message }) => message?.method ?? httpMethod);

/** What the user's machine keeps of a server: as JSON, for so it is kept. */
function memory() {
  let version: string | undefined;
  let server = 'null';
  return {
    get server(): { readonly info: object } {
      return JSON.parse(server);
    },
    set server(value: unknown) {
      server = JSON.stringify(value);
    },
    callbacks: {
      recallProtocol: () => version,
      rememberProtocol: (found: string | undefined) => {
        version = found;
      },
      recallServer: () => JSON.parse(server) as unknown,
      rememberServer: (found: unknown) => {
        server = JSON.stringify(found);
      },
    },
  };
}

/** A server that was called once by a client which remembers it. */
async function startKnown(options: LabOptions = {}) {
  const lab = await startLab(options);
  const known = memory();
  await using client = connectTo(lab.url, {}, known.callbacks);
  await client.connection.listTools();
  return { lab, known };
}

const inputSchema = (header?: string) => ({
  type: 'object' as const,
  properties: { region: { type: 'string', ...(header !== undefined && { 'x-mcp-header': header }) } },
});
const route = (header?: string, more: object = {}): LabTool => ({
  definition: { name: 'route', inputSchema: inputSchema(header), ...more },
  run: async ({ args }) => ({ content: [{ type: 'text', text: String(args['region']) }] }),
});

describe('the first call to a server that is remembered as a modern one', () => {
  it('goes out at once, and what is remembered is confirmed after it', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    const before = lab.received.length;
    await using client = connectTo(lab.url, {}, known.callbacks);
    const { result, violations } = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 3 });
    expect(violations).toEqual([]);
    await client.connection.connect();
    const requests = asked({ received: lab.received.slice(before) });
    expect(requests[0]).toBe('tools/call');
    expect(requests.slice(1).toSorted()).toEqual(['server/discover', 'tools/list']);
    expect(client.states).toEqual(['connecting', 'connected']);
    expect(client.warnings()).toEqual([]);
    // From here on nothing is asked but what is called.
    await client.connection.callTool('add', { a: 1, b: 2 });
    expect(asked({ received: lab.received.slice(before) })).toHaveLength(4);
  });

  it('has its parameters as headers, as they were listed', async () => {
    const { lab, known } = await startKnown({ tools: [route('Region')] });
    await using _ = lab;
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(textOf(await client.connection.callTool('route', { region: 'eu' }))).toBe('eu');
    const calls = lab.received.filter(({ message }) => message?.method === 'tools/call');
    expect(calls.map(({ headers }) => headers['mcp-param-region'])).toEqual(['eu']);
  });

  it.each([
    ['has another header now', 'Area'],
    ['has no header any more', undefined],
  ])('whose tool %s runs once, after the list was read', async (_, header) => {
    const { lab, known } = await startKnown({ tools: [route('Region')] });
    await using __ = lab;
    lab.tools.set('route', route(header));
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(textOf(await client.connection.callTool('route', { region: 'eu' }))).toBe('eu');
    expect(lab.counts.calls.get('route')).toBe(1);
  });

  it('is checked against what the tool promises now, and not what it promised', async () => {
    const output = (type: string) => ({
      outputSchema: { type: 'object', properties: { n: { type } }, required: ['n'] },
    });
    const counted = (type: string): LabTool => ({
      definition: { name: 'count', inputSchema: { type: 'object' }, ...output(type) },
      run: async () => ({ content: [], structuredContent: { n: 1 } }),
    });
    const { lab, known } = await startKnown({ tools: [counted('string')] });
    await using _ = lab;
    lab.tools.set('count', counted('number'));
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect((await client.connection.callTool('count', {})).violations).toEqual([]);
  });

  it('is not made again for what the tool promised last time', async () => {
    const hint = (readOnlyHint: boolean) => route(undefined, { annotations: { readOnlyHint } });
    const { lab, known } = await startKnown({ tools: [hint(true)] });
    await using _ = lab;
    lab.tools.set('route', hint(false));
    let calls = 0;
    lab.use(
      async ({ reply }) => {
        calls++;
        await reply.reset();
      },
      ['tools/call'],
    );
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(await failureOf(client.connection.callTool('route', {}))).toMatchObject({
      code: 'connection-lost',
      delivery: 'unknown',
    });
    expect(calls).toBe(1);
  });

  it('is made again where its answer was lost, once the list says that its tool may run twice', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    let calls = 0;
    const lost: Answer = async ({ reply }) => {
      calls++;
      await reply.reset();
    };
    lab.use(lost, ['tools/call']);
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'connection-lost',
      delivery: 'unknown',
    });
    expect(calls).toBe(2);
  });

  it.each(['sdk-1', '404-empty', '405', '200-method-not-found'] as const)(
    'finds a legacy one in its place, which refuses as %s: the call is made again as that wants it, and runs once',
    async (toModern) => {
      const { lab, known } = await startKnown({ toModern });
      await using _ = lab;
      lab.become('legacy');
      await using client = connectTo(lab.url, {}, known.callbacks);
      const { result } = await client.connection.callTool('add', { a: 1, b: 2 });
      expect(result.structuredContent).toEqual({ sum: 3 });
      expect(lab.counts.calls.get('add')).toBe(1);
      expect(await client.connection.connect()).toMatchObject({ era: 'legacy' });
      // An empty page is no word of the server's, and is not remembered.
      const isItsWord = toModern === 'sdk-1' || toModern === '200-method-not-found';
      expect(known.callbacks.recallProtocol()).toBe(isItsWord ? '2025-11-25' : '2026-07-28');
    },
  );

  it('finds one that offers tools again', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    known.server = { ...known.server, info: { ...known.server.info, capabilities: {} } };
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(lab.counts.calls.get('say_hello')).toBe(1);
  });

  it('is told as not sent where nobody listens, and the next one starts anew', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    await lab.goAway();
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'connect-refused',
      delivery: 'not-sent',
    });
    expect(client.connection.state.kind).toBe('failed');
    await lab.comeBack();
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    await client.connection.connect();
    expect(client.states).toEqual(['connecting', 'failed', 'connecting', 'connected']);
  });

  it('is answered, though the server does not say again what it is', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    lab.use(httpAnswer(503), ['server/discover']);
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(await client.connection.connect()).toMatchObject({ era: 'modern' });
    expect(client.warnings()).toEqual([expect.stringContaining('did not say so again')]);
  });

  it('goes on where the server does not say again what it is before it has answered', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    lab.use(httpAnswer(503), ['server/discover', 'tools/list']);
    const failed = Promise.withResolvers<void>();
    await using client = connectTo(
      lab.url,
      {},
      { ...known.callbacks, onState: ({ kind }) => kind === 'failed' && failed.resolve() },
    );
    const calling = client.connection.callTool('gated', {});
    await failed.promise;
    lab.release();
    expect(textOf(await calling)).toBe('released');
  });
});

describe('the first call to a server that is far away', () => {
  it.each([
    ['modern', ['server/discover']],
    ['legacy', ['server/discover', 'initialize', 'notifications/initialized']],
  ] as const)('does not wait for the list of tools, though nothing is remembered: %s', async (era, order) => {
    await using lab = await startLab({ era });
    await using link = await startDelayedLink(lab.url);
    await using client = connectTo(link.url);
    const { result, violations } = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 3 });
    expect(violations).toEqual([]);
    const requests = asked(lab).filter((one) => one !== 'GET');
    expect(requests.slice(0, order.length)).toEqual(order);
    // Each on a connection of its own, at once.
    expect(requests.slice(order.length).toSorted()).toEqual(['tools/call', 'tools/list']);
  });

  it('comes after the notification that ends the handshake, though that is not answered yet', async () => {
    await using lab = await startLab({ era: 'legacy' });
    lab.use(async ({ hold }) => hold(), ['notifications/initialized']);
    await using link = await startDelayedLink(lab.url);
    await using client = connectTo(link.url);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    const order = asked(lab).filter((one) => one !== 'GET');
    expect(order.slice(0, 3)).toEqual(['server/discover', 'initialize', 'notifications/initialized']);
    expect(order).toContain('tools/call');
    lab.release();
  });

  it('leaves no connection open that nothing was sent on', async () => {
    await using lab = await startLab({ era: 'legacy', serverStream: false });
    await using link = await startDelayedLink(lab.url);
    await using client = connectTo(link.url);
    await client.connection.callTool('say_hello', {});
    await client.until(({ pool }) => pool.warm === 0 && pool.busy === 0 && pool.draining === 0);
    const unused = () => lab.counts.open - client.connection.snapshot().pool.idle;
    await lab.waitFor(() => unused() === 0);
  });

  it('whose tool wants a header runs once, after the list was read', async () => {
    await using lab = await startLab({ tools: [route('Region')] });
    await using link = await startDelayedLink(lab.url);
    await using client = connectTo(link.url);
    expect(textOf(await client.connection.callTool('route', { region: 'eu' }))).toBe('eu');
    expect(lab.counts.calls.get('route')).toBe(1);
  });
});

describe('the first call to a far legacy server', () => {
  it('of a tool that has to be called as a task is refused, and made again as one', async () => {
    const tasked: LabTool = {
      definition: {
        name: 'report',
        inputSchema: { type: 'object' },
        execution: { taskSupport: 'required' },
      },
      steps: ['working', 'completed'],
      pollMs: 100,
      run: async () => ({ content: [] }),
    };
    await using lab = await startLab({ era: 'legacy', tools: [tasked] });
    await using link = await startDelayedLink(lab.url);
    await using client = connectTo(link.url);
    const tasks: string[] = [];
    await client.connection.callTool('report', {}, { onTask: ({ status }) => tasks.push(status) });
    expect(tasks).toEqual(['working', 'completed']);
  });
});

describe('what else is asked of a server that is remembered', () => {
  it('waits until the server has said again what it is', async () => {
    const { lab, known } = await startKnown();
    await using _ = lab;
    known.server = { ...known.server, info: { ...known.server.info, capabilities: {} } };
    const before = lab.received.length;
    await using client = connectTo(lab.url, {}, known.callbacks);
    expect((await client.connection.listTools()).length).toBeGreaterThan(1);
    expect(asked({ received: lab.received.slice(before) })).toEqual(['server/discover', 'tools/list']);
  });

  it.each([
    ['nothing', null],
    ['a number', 7],
    [
      'a revision that nobody knows',
      { info: { protocolVersion: '2099-01-01', capabilities: { tools: {} } } },
    ],
    ['a legacy revision', { info: { protocolVersion: '2025-11-25', capabilities: { tools: {} } } }],
    [
      'tools that are no list',
      { info: { protocolVersion: '2026-07-28', capabilities: { tools: {} } }, tools: 'all' },
    ],
    [
      'tools that are none',
      { info: { protocolVersion: '2026-07-28', capabilities: 1 }, tools: [null, { name: 'add' }] },
    ],
  ])('does not depend on what is remembered: %s', async (_, server) => {
    const { lab, known } = await startKnown();
    await using __ = lab;
    known.server = server;
    await using client = connectTo(lab.url, {}, known.callbacks);
    const { result, violations } = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 3 });
    expect(violations).toEqual([]);
    expect(lab.counts.calls.get('add')).toBe(1);
  });

  it('is kept once, however often its tools are listed', async () => {
    const known = memory();
    let times = 0;
    const rememberServer = () => times++;
    await using lab = await startLab({});
    await using client = connectTo(lab.url, {}, { ...known.callbacks, rememberServer });
    for (let n = 0; n < 3; n++) await client.connection.listTools({ refresh: true });
    expect(times).toBe(1);
    lab.tools.set('route', route());
    await client.connection.listTools({ refresh: true });
    expect(times).toBe(2);
  });

  it('is remembered without a tool that repeats a secret of the settings', async () => {
    const known = memory();
    await using lab = await startLab({
      tools: [route(undefined, { description: 'for hunter2-hunter2 only' })],
    });
    const headers = { authorization: 'Bearer hunter2-hunter2' };
    await using client = connectTo(lab.url, { headers, secrets: ['hunter2-hunter2'] }, known.callbacks);
    expect((await client.connection.listTools()).map(({ name }) => name)).toContain('route');
    expect(JSON.stringify(known.server)).not.toContain('hunter2');
    expect(JSON.stringify(known.server)).toContain('say_hello');
  });

  it('is remembered up to 256 KiB: a longer list of tools is asked for again', async () => {
    const known = memory();
    const long = route(undefined, { description: 'd'.repeat(256 * 1024) });
    await using lab = await startLab({ tools: [long] });
    await using client = connectTo(lab.url, {}, known.callbacks);
    await client.connection.listTools();
    expect(Object.keys(known.server)).toContain('info');
    expect(Object.keys(known.server)).not.toContain('tools');
  });
});
