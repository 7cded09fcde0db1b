import { describe, expect, it } from 'vitest';
import type { LogMessage } from '../../../src/core/mcp/mcpTypes.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { jsonAnswer, refusal } from '../../lab/answer.ts';
import type { Message } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import type { ToolCall } from '../../lab/toolCall.ts';
import { text } from '../../lab/tools.ts';
import { type Connected, connectTo, failureOf, textOf } from './connectTo.ts';

/** What arrived with this method, in order. */
function received(lab: Lab, method: string): readonly Message[] {
  return lab.received.flatMap(({ message }) => (message?.method === method ? [message] : []));
}

const accepting = { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) as const };
const ERAS = [
  ['modern', {}],
  ['legacy', { era: 'legacy' }],
] as const satisfies readonly (readonly [string, LabOptions])[];

/** A lab whose `method` is answered with this result, whatever is asked. */
function answering(method: string, result: object, options: LabOptions = {}): Promise<Lab> {
  return startLab({
    ...options,
    on: [method],
    mode: (exchange) =>
      jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, result })(exchange),
  });
}

/** A lab whose list is made of the pages that follow from a cursor. */
function paged(method: string, page: (cursor: unknown) => object): Promise<Lab> {
  return startLab({
    on: [method],
    mode: (exchange) => {
      const { id, params } = exchange.request.message ?? {};
      return jsonAnswer(200, { jsonrpc: '2.0', id, result: page(params?.['cursor']) })(exchange);
    },
  });
}

describe.each(ERAS)('the resources of a %s server', (_, options) => {
  it('are listed over all pages, with every member that the server gave', async () => {
    await using lab = await startLab({ ...options, pageSize: 2 });
    await using client = connectTo(lab.url);
    const resources = await client.connection.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['lab://text', 'lab://bytes', 'lab://asks']);
    expect(resources[0]).toEqual(lab.resources.get('lab://text')?.definition);
    expect(received(lab, 'resources/list').map(({ params }) => params?.['cursor'])).toEqual([
      undefined,
      'after-2',
    ]);
    const templates = await client.connection.listResourceTemplates();
    expect(templates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'lab://files/{path}',
      'lab://users/{id}',
    ]);
    expect(templates[0]).toHaveProperty('icons');
    expect(client.warnings()).toEqual([]);
  });

  it('are read as text and as bytes, and keep what is not known', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url);
    expect(await client.connection.readResource('lab://text')).toMatchObject({
      contents: [{ uri: 'lab://text', text: 'Hello', _meta: { 'lab/kept': true } }],
    });
    expect(await client.connection.readResource('lab://bytes')).toMatchObject({
      contents: [{ blob: 'AAEC' }],
    });
    expect(client.warnings()).toEqual([]);
  });

  it('that are not there are an error of the server’s', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url);
    const error = await failureOf(client.connection.readResource('lab://none'));
    expect(error).toMatchObject({
      code: 'jsonrpc-error',
      server: 'lab',
      message: expect.stringContaining('Resource not found'),
      // -32602 in the one era, -32002 in the other: the user is told the same.
      hint: expect.stringContaining('no such resource'),
    });
  });

  it('may ask before they are read', async () => {
    await using lab = await startLab({ ...options, listTtlMs: 60_000 });
    await using client = connectTo(lab.url, {}, accepting);
    for (let n = 0; n < 2; n++)
      expect(await client.connection.readResource('lab://asks')).toMatchObject({
        contents: [{ text: 'for Ada' }],
      });
    // What the answers were made from is no part of the key: it must not be kept.
    expect(received(lab, 'resources/read')).toHaveLength('era' in options ? 2 : 4);
  });

  it('may be cancelled while they are read', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url);
    lab.resources.set('lab://slow', {
      definition: { uri: 'lab://slow', name: 'slow' },
      read: async (call) => {
        await call.hold();
        return [];
      },
    });
    const abort = new AbortController();
    const read = client.connection.readResource('lab://slow', { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    expect(client.connection.snapshot().inFlight).toBe(1);
    abort.abort();
    expect(await failureOf(read)).toMatchObject({ code: 'cancelled' });
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    expect(client.connection.snapshot().inFlight).toBe(0);
  });
});

describe('what a modern server lets be kept', () => {
  it('is asked for once while it is fresh, and again where the user wants it anew', async () => {
    await using lab = await startLab({ listTtlMs: 60_000 });
    await using client = connectTo(lab.url);
    const { connection } = client;
    for (let n = 0; n < 3; n++) {
      await connection.listResources();
      await connection.listResourceTemplates();
      await connection.listPrompts();
      await connection.readResource('lab://text');
    }
    const methods = ['resources/list', 'resources/templates/list', 'prompts/list', 'resources/read'];
    expect(methods.map((method) => received(lab, method).length)).toEqual([1, 1, 1, 1]);
    await connection.readResource('lab://text', { refresh: true });
    await connection.listResources({ refresh: true });
    expect(received(lab, 'resources/read')).toHaveLength(2);
    expect(received(lab, 'resources/list')).toHaveLength(2);
  });

  it('is asked for each time where it is stale at once, and where a server is legacy', async () => {
    for (const options of [{}, { era: 'legacy' as const, listTtlMs: 60_000 }]) {
      await using lab = await startLab(options);
      await using client = connectTo(lab.url);
      for (let n = 0; n < 2; n++) {
        await client.connection.listPrompts();
        await client.connection.readResource('lab://text');
      }
      expect(received(lab, 'prompts/list')).toHaveLength(2);
      expect(received(lab, 'resources/read')).toHaveLength(2);
    }
  });

  it('is asked for again when its time is over and somebody wants it, and not before', async () => {
    await using lab = await startLab({ listTtlMs: 60_000 });
    let ahead = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
    await using client = connectTo(lab.url, {}, {}, clock);
    const ask = async () => {
      await client.connection.listTools();
      await client.connection.readResource('lab://text');
    };
    const asked = () => [received(lab, 'tools/list').length, received(lab, 'resources/read').length];
    await ask();
    ahead = 59_000;
    await ask();
    expect(asked()).toEqual([1, 1]);
    ahead = 61_000;
    await client.connection.ping();
    expect(asked()).toEqual([1, 1]);
    await ask();
    expect(asked()).toEqual([2, 2]);
  });

  it('is as fresh as the page that is over first, and then asked for from the beginning', async () => {
    const pages = (cursor: unknown) =>
      cursor === undefined
        ? { prompts: [{ name: 'a' }], nextCursor: 'more', ttlMs: 60_000 }
        : { prompts: [{ name: 'b' }], ttlMs: 1_000 };
    await using lab = await paged('prompts/list', pages);
    let ahead = 0;
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
    await using client = connectTo(lab.url, {}, {}, clock);
    await client.connection.listPrompts();
    await client.connection.listPrompts();
    expect(received(lab, 'prompts/list')).toHaveLength(2);
    ahead = 2_000;
    await client.connection.listPrompts();
    expect(received(lab, 'prompts/list').map(({ params }) => params?.['cursor'])).toEqual([
      undefined,
      'more',
      undefined,
      'more',
    ]);
  });

  it('is kept for whoever shows these credentials, and for nobody else', async () => {
    await using lab = await startLab({ listTtlMs: 60_000 });
    for (const Authorization of ['Bearer ada', 'Bearer grace']) {
      await using client = connectTo(lab.url, { headers: { Authorization } });
      for (let n = 0; n < 2; n++) {
        await client.connection.listPrompts();
        await client.connection.readResource('lab://text');
      }
    }
    expect(received(lab, 'prompts/list')).toHaveLength(2);
    expect(received(lab, 'resources/read')).toHaveLength(2);
  });

  it('is kept for no other resource', async () => {
    await using lab = await startLab({ listTtlMs: 60_000 });
    await using client = connectTo(lab.url);
    await client.connection.readResource('lab://text');
    expect(await client.connection.readResource('lab://bytes')).toMatchObject({
      contents: [{ blob: 'AAEC' }],
    });
  });
});

describe('callers who want the same list at the same time', () => {
  it('share one request, which goes on when one of them gives up', async () => {
    await using lab = await startLab({ mode: 'slow-headers', on: ['resources/list'] });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const abort = new AbortController();
    const first = client.connection.listResources({ signal: abort.signal });
    const second = client.connection.listResources();
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    expect(await failureOf(first)).toMatchObject({ code: 'cancelled' });
    lab.release();
    expect(await second).toHaveLength(3);
    expect(received(lab, 'resources/list')).toHaveLength(1);
  });

  it('take the request back when all of them gave up', async () => {
    await using lab = await startLab({ mode: 'slow-headers', on: ['resources/list'] });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const abort = new AbortController();
    const both = [1, 2].map(() => client.connection.listResources({ signal: abort.signal }));
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    for (const one of both) expect(await failureOf(one)).toMatchObject({ code: 'cancelled' });
    // The connection is closed: over HTTP/1.1 that is what takes a request back.
    await lab.waitFor(({ counts }) => counts.held === 0);
  });
});

describe.each(ERAS)('the prompts of a %s server', (_, options) => {
  it('are listed over all pages, and become messages', async () => {
    await using lab = await startLab({ ...options, pageSize: 1 });
    await using client = connectTo(lab.url);
    const prompts = await client.connection.listPrompts();
    expect(prompts).toEqual([...lab.prompts.values()].map(({ definition }) => definition));
    const { messages } = await client.connection.getPrompt('review', { language: 'Ada' });
    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Review this Ada code.' } }]);
    expect(client.warnings()).toEqual([]);
  });

  it('may ask back, and refuse', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url, {}, accepting);
    expect(await client.connection.getPrompt('greeting')).toMatchObject({
      messages: [{ content: { text: 'Greet Ada.' } }],
    });
    expect(await failureOf(client.connection.getPrompt('review'))).toMatchObject({
      code: 'jsonrpc-error',
      rpc: { code: -32602 },
    });
  });
});

describe.each(ERAS)('completion by a %s server', (_, options) => {
  const ref = { type: 'ref/prompt', name: 'review' } as const;

  it('suggests for what is typed, and knows what is filled in', async () => {
    await using lab = await startLab(options);
    await using client = connectTo(lab.url);
    const argument = { name: 'language', value: 'p' };
    expect(await client.connection.complete({ ref, argument })).toEqual({
      values: ['perl', 'php', 'prolog', 'python'],
      total: 4,
    });
    expect(await client.connection.complete({ ref, argument, context: { other: 'php' } })).toEqual({
      values: ['perl', 'prolog', 'python'],
      total: 3,
    });
  });

  it('gives no more than a hundred, and only texts', async () => {
    const values = [7, null, ...Array.from({ length: 150 }, (_, n) => `v${n}`)];
    await using lab = await answering('completion/complete', { completion: { values } }, options);
    await using client = connectTo(lab.url);
    const completion = await client.connection.complete({ ref, argument: { name: 'language', value: '' } });
    expect(completion.values).toHaveLength(100);
    expect(completion.hasMore).toBe(true);
  });
});

it('leaves the context out where the revision has none', async () => {
  await using lab = await startLab({ era: 'legacy' });
  await using client = connectTo(lab.url, { protocol: '2025-03-26' });
  await client.connection.complete({
    ref: { type: 'ref/resource', uri: 'lab://files/{path}' },
    argument: { name: 'path', value: 'p' },
    context: { other: 'php' },
  });
  expect(received(lab, 'completion/complete')[0]?.params).not.toHaveProperty('context');
});

describe('what a server does not offer', () => {
  const SILENT = { supportedVersions: ['2026-07-28'], capabilities: {}, resultType: 'complete' };

  const asks: readonly (readonly [string, (to: Connected) => Promise<unknown>])[] = [
    ['tools', (to) => to.connection.listTools()],
    ['tools', (to) => to.connection.callTool('say_hello', {})],
    ['resources', (to) => to.connection.listResources()],
    ['resources', (to) => to.connection.listResourceTemplates()],
    ['resources', (to) => to.connection.readResource('lab://text')],
    ['changes to resources', (to) => to.connection.subscribeResource('lab://text')],
    ['prompts', (to) => to.connection.listPrompts()],
    ['prompts', (to) => to.connection.getPrompt('review')],
    [
      'completion',
      (to) =>
        to.connection.complete({
          ref: { type: 'ref/prompt', name: 'review' },
          argument: { name: 'language', value: '' },
        }),
    ],
    ['log messages', (to) => to.connection.setLogLevel('info')],
  ];

  it.each(asks)('is not asked for: %s', async (what, ask) => {
    await using lab = await answering('server/discover', SILENT);
    await using client = connectTo(lab.url);
    const error = await failureOf(ask(client));
    expect(error).toMatchObject({ code: 'not-offered', delivery: 'not-sent', server: 'lab' });
    expect(error.message).toContain(what);
    expect(lab.received.map(({ message }) => message?.method)).toEqual(['server/discover']);
  });
});

describe('the log of a server', () => {
  const tool = {
    definition: { name: 'chatty', inputSchema: { type: 'object' as const } },
    run: async (call: ToolCall) => {
      await call.log('debug', 'small talk');
      await call.log('error', { reason: 'it broke' });
      return text('done');
    },
  };

  function listening(lab: Lab) {
    const logged: LogMessage[] = [];
    return { logged, client: connectTo(lab.url, {}, { onLog: (message) => logged.push(message) }) };
  }

  it('is silent until it is asked for, in a modern one with each request and in a legacy one for the session', async () => {
    for (const [, options] of ERAS) {
      await using lab = await startLab({ ...options, tools: [tool] });
      const { logged, client } = listening(lab);
      await using _ = client;
      await client.connection.callTool('chatty', {});
      expect(logged).toEqual([]);
      await client.connection.setLogLevel('warning');
      await client.connection.callTool('chatty', {});
      expect(logged).toEqual([{ level: 'error', logger: 'lab', data: { reason: 'it broke' } }]);
      expect(received(lab, 'logging/setLevel')).toHaveLength('era' in options ? 1 : 0);
    }
  });

  it('may be asked for by one call alone, in a modern one', async () => {
    await using lab = await startLab({ tools: [tool] });
    const { logged, client } = listening(lab);
    await using _ = client;
    await client.connection.callTool('chatty', {}, { logLevel: 'debug' });
    await client.connection.callTool('chatty', {});
    expect(logged.map(({ level }) => level)).toEqual(['debug', 'error']);
  });

  it('has the level that the user chose also after the session was lost, and after a disconnect', async () => {
    await using lab = await startLab({ era: 'legacy', tools: [tool] });
    const { logged, client } = listening(lab);
    await using _ = client;
    await client.connection.setLogLevel('error');
    lab.sessions.forget();
    await client.connection.callTool('chatty', {});
    await lab.waitFor(({ sessions }) => sessions.logLevels.size === 1);
    await client.connection.disconnect();
    await client.connection.connect();
    await lab.waitFor(() => received(lab, 'logging/setLevel').length === 3);
    await client.connection.callTool('chatty', {});
    expect(logged.at(-1)?.level).toBe('error');
  });

  it('is heard only in levels that there are', async () => {
    const odd = {
      definition: tool.definition,
      run: async (call: ToolCall) => {
        await call.notify('notifications/message', { level: 'loud', data: 1 });
        await call.notify('notifications/message', { level: 'info' });
        return text('done');
      },
    };
    await using lab = await startLab({ tools: [odd] });
    const { logged, client } = listening(lab);
    await using _ = client;
    await client.connection.callTool('chatty', {});
    expect(logged).toEqual([{ level: 'info' }]);
  });
});

describe('the cursor of a list', () => {
  const one = (name: string, more: object = {}) => ({ prompts: [{ name }], ...more });

  it('is given back as it came, whatever it looks like: an empty one is one, and null is none', async () => {
    const cursors = ['', ' ', '{"page": 2}', 'é\u2028', '0', null];
    await using lab = await paged('prompts/list', (cursor) => {
      const at = cursor === undefined ? 0 : cursors.indexOf(cursor as string) + 1;
      return one(`p${at}`, { nextCursor: cursors[at] });
    });
    await using client = connectTo(lab.url);
    expect((await client.connection.listPrompts()).map(({ name }) => name)).toEqual(
      Array.from({ length: 6 }, (_, n) => `p${n}`),
    );
    expect(received(lab, 'prompts/list').map(({ params }) => params?.['cursor'])).toEqual([
      undefined,
      ...cursors.slice(0, -1),
    ]);
  });

  it('is not judged: a server may use the same one twice, for pages that differ', async () => {
    let page = 0;
    await using lab = await paged('prompts/list', () =>
      one(`p${++page}`, page < 4 ? { nextCursor: 'next' } : {}),
    );
    await using client = connectTo(lab.url);
    expect(await client.connection.listPrompts()).toHaveLength(4);
  });

  it('that the server does not know any more is dropped, and the list asked for from the beginning, once', async () => {
    let edition = 1;
    await using lab = await startLab({
      on: ['prompts/list'],
      mode: async (exchange) => {
        const { id, params } = exchange.request.message ?? {};
        const cursor = params?.['cursor'];
        if (cursor === `of ${edition}`)
          return jsonAnswer(200, { jsonrpc: '2.0', id, result: one(`b${edition}`) })(exchange);
        if (cursor !== undefined)
          return refusal(400, { code: -32602, message: 'Invalid cursor' }, id)(exchange);
        const result = one(`a${edition}`, { nextCursor: `of ${edition}` });
        // It changes after the first page was given.
        if (edition < 2) edition++;
        return jsonAnswer(200, { jsonrpc: '2.0', id, result })(exchange);
      },
    });
    await using client = connectTo(lab.url);
    expect((await client.connection.listPrompts()).map(({ name }) => name)).toEqual(['a2', 'b2']);
    expect(received(lab, 'prompts/list')).toHaveLength(4);
    lab.use(
      (exchange) => {
        const { id, params } = exchange.request.message ?? {};
        return params?.['cursor'] === undefined
          ? jsonAnswer(200, { jsonrpc: '2.0', id, result: one('a', { nextCursor: 'x' }) })(exchange)
          : refusal(400, { code: -32602, message: 'Invalid cursor' }, id)(exchange);
      },
      ['prompts/list'],
    );
    expect(await failureOf(client.connection.listPrompts({ refresh: true }))).toMatchObject({
      rpc: { code: -32602 },
    });
    expect(received(lab, 'prompts/list')).toHaveLength(8);
  });
});

describe('a hostile list', () => {
  it.each([
    ['that never ends', { resources: [{ uri: 'lab://1', name: '1' }], nextCursor: 'again' }, /never ends/],
    ['of pages with nothing in them', { resources: [], nextCursor: 'again' }, /more than 200 pages/],
    [
      'of more entries than anybody has',
      { resources: Array.from({ length: 60_000 }, () => 1) },
      /more than 50000 entries/,
    ],
    ['that is none', { resources: 'many' }, /no "resources"/],
  ])('%s is an error', async (_, result, message) => {
    await using lab = await answering('resources/list', { resultType: 'complete', ...result });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.listResources())).toMatchObject({
      code: 'not-mcp',
      message: expect.stringMatching(message),
    });
  });

  it('loses the entries that cannot be used, and says so', async () => {
    const resources = [{ uri: 'lab://1', name: 'one' }, { uri: 7 }, null];
    await using lab = await answering('resources/list', { resultType: 'complete', resources });
    await using client = connectTo(lab.url);
    expect(await client.connection.listResources()).toEqual([resources[0]]);
    expect(client.warnings()).toHaveLength(2);
  });
});

const read = ({ connection }: Connected) => connection.readResource('lab://text');
const get = ({ connection }: Connected) => connection.getPrompt('review');
const suggest = ({ connection }: Connected) =>
  connection.complete({
    ref: { type: 'ref/prompt', name: 'review' },
    argument: { name: 'language', value: 'p' },
  });

it.each([
  ['resources/read', { contents: 'x' }, read],
  ['resources/read', { contents: [null] }, read],
  ['prompts/get', { messages: 'x' }, get],
  ['prompts/get', { messages: [{ role: 'user' }] }, get],
  ['completion/complete', { completion: { values: 'x' } }, suggest],
  ['completion/complete', {}, suggest],
] as const)('an answer to %s that cannot be used is an error', async (method, result, ask) => {
  await using lab = await answering(method, { resultType: 'complete', ...result });
  await using client = connectTo(lab.url);
  expect(await failureOf(ask(client))).toMatchObject({
    code: 'not-mcp',
    message: expect.stringContaining(`The answer to ${method} cannot be used`),
  });
});

describe('the trace context', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';

  it('goes with the call that it is given to, beside what the revision wants there', async () => {
    for (const [, options] of ERAS) {
      await using lab = await startLab(options);
      await using client = connectTo(lab.url);
      const outcome = await client.connection.callTool(
        'say_hello',
        {},
        { traceparent, tracestate: 'a=1,b=2' },
      );
      expect(textOf(outcome)).toBe('Hello, world!');
      expect(received(lab, 'tools/call')[0]?.params?._meta).toMatchObject({
        traceparent,
        tracestate: 'a=1,b=2',
      });
      await client.connection.callTool('say_hello', {});
      expect(received(lab, 'tools/call')[1]?.params?._meta ?? {}).not.toHaveProperty('traceparent');
    }
  });

  it.each([
    'x',
    traceparent.toUpperCase(),
    `ff${traceparent.slice(2)}`,
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  ])('%s is none: nothing is sent', async (wrong) => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const failed = client.connection.callTool('say_hello', {}, { traceparent: wrong });
    expect(await failureOf(failed)).toMatchObject({ code: 'arguments-invalid', delivery: 'not-sent' });
    expect(received(lab, 'tools/call')).toEqual([]);
  });
});
