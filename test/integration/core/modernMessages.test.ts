import { describe, expect, it } from 'vitest';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { type Answer, event, httpAnswer, jsonAnswer, refusal } from '../../lab/answer.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const META = 'io.modelcontextprotocol/';

const answering: Partial<ServerCallbacks> = {
  onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }),
  onSample: async () => ({ role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'test' }),
  roots: () => [{ uri: 'file:///home/ada/project', name: 'project' }],
};

/** A tool that does what a test needs. */
function tool(run: LabTool['run'], more: object = {}): LabTool {
  return { definition: { name: 'mine', inputSchema: { type: 'object' }, ...more }, run };
}

/** A lab whose `method` is answered with this result, whatever is asked. */
function giving(method: string, result: object, options: LabOptions = {}): Promise<Lab> {
  return startLab({
    ...options,
    on: [method],
    mode: (exchange) =>
      jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, result })(exchange),
  });
}

describe('every message to a modern server', () => {
  /** Everything that there is to ask, once. */
  async function askForAll(lab: Lab) {
    await using client = connectTo(lab.url, {}, answering);
    const { connection } = client;
    const ref = { type: 'ref/prompt', name: 'review' } as const;
    await connection.listTools();
    await connection.callTool('slow', { steps: 1, everyMs: 1 }, { onProgress() {} });
    await connection.callTool('ask', {});
    await connection.callTool('task', {});
    await connection.listResources();
    await connection.listResourceTemplates();
    await connection.readResource('lab://text');
    await connection.subscribeResource('lab://text');
    await connection.listPrompts();
    await connection.getPrompt('review', { language: 'Ada' });
    await connection.complete({ ref, argument: { name: 'language', value: 'p' } });
    await connection.setLogLevel('warning');
    await connection.ping();
  }
  const task: LabTool = {
    definition: { name: 'task', inputSchema: { type: 'object' } },
    steps: ['working', 'completed'],
    pollMs: 100,
    run: async () => text(''),
  };

  it('is one request in a POST of its own to the endpoint, and never a response or a notification', async () => {
    await using lab = await startLab({ changes: true, tools: [task] });
    await askForAll(lab);
    expect(new Set(lab.received.map(({ httpMethod, path }) => `${httpMethod} ${path}`))).toEqual(
      new Set(['POST /mcp']),
    );
    const methods = new Set(lab.received.map(({ message }) => message?.method));
    expect([...methods].sort()).toEqual([
      'completion/complete',
      'prompts/get',
      'prompts/list',
      'resources/list',
      'resources/read',
      'resources/templates/list',
      'server/discover',
      'subscriptions/listen',
      'tasks/get',
      'tools/call',
      'tools/list',
    ]);
    const ids = lab.received.map(({ message }) => message?.id);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says its revision twice, who asks, and what it can do', async () => {
    await using lab = await startLab({ changes: true, tools: [task] });
    await askForAll(lab);
    for (const { headers, message } of lab.received) {
      const meta = message?.params?._meta ?? {};
      expect(meta).toMatchObject({
        [`${META}protocolVersion`]: '2026-07-28',
        [`${META}clientInfo`]: { name: 'sluice', version: '0' },
        [`${META}clientCapabilities`]: {
          elicitation: { form: {}, url: {} },
          roots: {},
          sampling: {},
          extensions: { [`${META}tasks`]: {} },
        },
      });
      expect(headers).toMatchObject({
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': message?.method,
        accept: 'application/json, text/event-stream',
      });
      // Reserved names without a prefix, or those of the protocol.
      for (const key of Object.keys(meta))
        expect(key).toMatch(/^(progressToken|io\.modelcontextprotocol\/\w+)$/);
    }
  });

  it('is text in UTF-8, and so is every answer', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    for (const said of ['Zürich, 漢字, 😀', '\u2028\u0000"\\', '\u{10ffff}'])
      expect(textOf(await client.connection.callTool('echo', { text: said }))).toBe(said);
  });
});

describe('what a modern server says before it answers', () => {
  it('is not answered where it is a request: such a server asks in its results', async () => {
    const asks: Answer = async (exchange) => {
      const id = exchange.request.message?.id ?? 0;
      const params = { message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
      await exchange.reply.write(
        exchange.reply.opening(),
        event({ jsonrpc: '2.0', id: 'of-the-server', method: 'elicitation/create', params }),
        event({ jsonrpc: '2.0', id: 'again', method: 'ping' }),
        event({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } }),
        END,
      );
    };
    await using lab = await startLab({ mode: asks });
    let asked = 0;
    const onElicit = async () => {
      asked++;
      return { action: 'accept' } as const;
    };
    await using client = connectTo(lab.url, {}, { onElicit });
    await client.connection.callTool('say_hello', {});
    await client.connection.ping();
    await client.connection.disconnect();
    expect(asked).toBe(0);
    expect(lab.received.every(({ message }) => message?.method !== undefined)).toBe(true);
    expect(client.warnings()).toEqual([
      expect.stringMatching(/elicitation\/create was ignored/),
      expect.stringMatching(/ping was ignored/),
    ]);
  });

  it('is heard where it is a notification, known or not, and answered with nothing', async () => {
    const talks = tool(async (call) => {
      await call.notify('notifications/nobody_knows', { anything: [1] });
      await call.notify('notifications/progress', { progressToken: 'of another', progress: 1 });
      return text('done');
    });
    await using lab = await startLab({ tools: [talks] });
    await using client = connectTo(lab.url);
    const progress: unknown[] = [];
    await client.connection.callTool('mine', {}, { onProgress: (one) => progress.push(one) });
    await client.connection.disconnect();
    expect(progress).toEqual([]);
    expect(lab.received.map(({ message }) => message?.method)).toEqual([
      'server/discover',
      'tools/list',
      'tools/call',
    ]);
    expect(client.warnings()).toEqual([]);
  });
});

describe('the type of a result', () => {
  const asks: readonly (readonly [string, object, (lab: Lab) => Promise<unknown>])[] = [
    ['tools/call', { content: [] }, (lab) => once(lab, (it) => it.callTool('say_hello', {}))],
    ['tools/list', { tools: [] }, (lab) => once(lab, (it) => it.listTools())],
    ['prompts/list', { prompts: [] }, (lab) => once(lab, (it) => it.listPrompts())],
    ['resources/read', { contents: [] }, (lab) => once(lab, (it) => it.readResource('lab://text'))],
  ];
  async function once<T>(lab: Lab, ask: (to: ReturnType<typeof connectTo>['connection']) => Promise<T>) {
    await using client = connectTo(lab.url);
    return await ask(client.connection);
  }

  it.each(asks)('that nobody declared makes it invalid: of %s', async (method, result, ask) => {
    await using lab = await giving(method, { ...result, resultType: 'mystery' });
    expect(await failureOf(ask(lab))).toMatchObject({
      code: 'not-mcp',
      message: expect.stringContaining('"mystery"'),
    });
  });

  it('that asks back is for requests that may ask back, and for no other', async () => {
    await using lab = await giving('tools/list', {
      resultType: 'input_required',
      requestState: 'x',
      tools: [],
    });
    expect(await failureOf(once(lab, (it) => it.listTools()))).toMatchObject({ code: 'not-mcp' });
    expect(lab.received.filter(({ message }) => message?.method === 'tools/list')).toHaveLength(1);
  });

  it.each(asks)('is complete where there is none: of %s', async (method, result, ask) => {
    await using lab = await giving(method, result);
    await ask(lab);
  });
});

describe('an error with a code that has no meaning', () => {
  it.each([
    [200, -32000],
    [400, -32001],
    [404, -32001],
    [200, -32019],
    [200, -32042],
  ])('is told as it came: HTTP %i with %i', async (status, code) => {
    await using lab = await startLab({
      mode: (exchange) =>
        refusal(status, { code, message: 'as I say' }, exchange.request.message?.id)(exchange),
    });
    await using client = connectTo(lab.url, {}, answering);
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'jsonrpc-error',
      rpc: { code, message: 'as I say' },
    });
    // Nothing was concluded from it: no second call, and no handshake.
    const sent = lab.received.map(({ message }) => message?.method);
    expect(sent.filter((method) => method === 'tools/call')).toHaveLength(1);
    expect(sent).not.toContain('initialize');
  });
});

it('what a server says of itself, and under names that are reserved, changes nothing, whatever it is', async () => {
  for (const serverInfo of [7, [], null, { name: 1 }, { name: 'sluice', version: '9'.repeat(1_000) }]) {
    const said = { [`${META}serverInfo`]: serverInfo, [`${META}subscriptionId`]: {}, progressToken: [] };
    await using lab = await giving('server/discover', {
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      _meta: said,
    });
    await using client = connectTo(lab.url);
    expect(await client.connection.connect()).toMatchObject({ era: 'modern', capabilities: { tools: {} } });
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(client.warnings()).toEqual([]);
  }
});

it('the names of headers are those they are in any case', async () => {
  const shouting: Answer = async (exchange) => {
    const { id } = exchange.request.message ?? {};
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: { content: [{ type: 'text', text: 'heard' }] },
    });
    await httpAnswer(200, { headers: { 'CONTENT-type': 'application/json' }, body })(exchange);
  };
  await using lab = await startLab({ mode: shouting });
  await using client = connectTo(lab.url);
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('heard');
});

it('nothing that a server names is fetched: schemas, icons, links, or places that it sends the user to', async () => {
  const shown: (string | undefined)[] = [];
  const onElicit: ServerCallbacks['onElicit'] = async ({ url }) => {
    shown.push(url);
    return { action: 'decline' };
  };
  await using lab = await startLab({});
  const at = (path: string) => new URL(path, lab.url).href;
  const leads = tool(
    async (call) => {
      const params = { mode: 'url', message: 'Log in', url: at('/login') };
      await call.ask({ where: { method: 'elicitation/create', params } });
      return {
        content: [{ type: 'resource_link', uri: at('/link'), name: 'link', icons: [{ src: at('/icon') }] }],
        structuredContent: { any: 'thing' },
      };
    },
    { outputSchema: { $ref: at('/schema.json') }, icons: [{ src: at('/icon.png') }] },
  );
  lab.tools.set('mine', leads);
  await using client = connectTo(lab.url, {}, { onElicit });
  const { violations, unchecked } = await client.connection.callTool('mine', {});
  // What cannot be checked is not told as wrong.
  expect(violations).toEqual([]);
  expect(unchecked).toContain('/schema.json');
  expect(shown).toEqual([at('/login')]);
  await client.connection.ping();
  expect(new Set(lab.received.map(({ httpMethod, path }) => `${httpMethod} ${path}`))).toEqual(
    new Set(['POST /mcp']),
  );
});
