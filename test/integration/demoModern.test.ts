import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { CAN_SHOW_FORM, DemoPeer, firstText } from './demoPeer.ts';

describe('the demo server in the modern era', () => {
  let demo: DemoServer;
  let peer: DemoPeer;

  beforeEach(async () => {
    demo = await startDemoServer();
    peer = new DemoPeer(demo.url);
  });

  afterEach(async () => {
    peer.close();
    await demo.close();
  });

  it('answers say_hello without a handshake, as one event on a stream that then ends', async () => {
    const answer = await peer.call('say_hello', { name: 'Ada' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.headers['mcp-session-id']).toBeUndefined();
    const messages = await answer.all();
    expect(messages.map(firstText)).toEqual(['Hello, Ada!']);
    expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, liveSessions: 0 });
    expect(demo.stats().toolCalls).toEqual({ say_hello: 1 });
  });

  it('tells what it is on server/discover', async () => {
    const { result } = await (await peer.modern('server/discover')).response();
    expect(result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'sluice-demo' } },
    });
  });

  it('lists its tools in the order in which to try them, and lets the list be cached', async () => {
    const { result } = await (await peer.modern('tools/list')).response();
    const names = result?.tools?.map((tool) => tool.name) ?? [];
    expect(names.join(' ')).toBe('say_hello echo add slow ask structured image links large fail');
    expect(result).toMatchObject({ ttlMs: 300_000, cacheScope: 'public' });
  });

  it('names the revision it speaks to a client that asks for another', async () => {
    const answer = await peer.modern(
      'tools/list',
      {},
      {
        headers: { 'mcp-protocol-version': '1900-01-01' },
        meta: { 'io.modelcontextprotocol/protocolVersion': '1900-01-01' },
      },
    );
    expect(answer.status).toBe(400);
    const { error } = await answer.response();
    expect(error).toMatchObject({
      code: -32022,
      data: { supported: ['2026-07-28'], requested: '1900-01-01' },
    });
  });

  it.each([
    ['the method', { 'mcp-method': 'tools/list' }],
    ['the name of the tool', { 'mcp-name': 'echo' }],
    ['the revision', { 'mcp-protocol-version': '2025-11-25' }],
  ])('refuses a call whose headers disagree with its body about %s', async (_, headers) => {
    const answer = await peer.call('say_hello', {}, { headers });
    expect(answer.status).toBe(400);
    expect((await answer.response()).error?.code).toBe(-32020);
    expect(demo.stats().toolCalls).toEqual({});
  });

  it('wants the region of structured repeated in a header', async () => {
    const without = await peer.call('structured', { city: 'Delft', region: 'asia' });
    expect(without.status).toBe(400);
    expect((await without.response()).error?.code).toBe(-32020);

    const headers = { 'mcp-param-region': 'asia' };
    const { result } = await (
      await peer.call('structured', { city: 'Delft', region: 'asia' }, { headers })
    ).response();
    expect(result?.structuredContent).toMatchObject({ city: 'Delft', region: 'asia' });
  });

  it('answers an unknown method with 404 and -32601, an unknown tool with -32602', async () => {
    const method = await peer.modern('tools/invent');
    expect(method.status).toBe(404);
    expect((await method.response()).error?.code).toBe(-32601);
    const tool = await (await peer.call('invented')).response();
    expect(tool.error).toMatchObject({ code: -32602, message: 'Unknown tool: invented' });
    expect(demo.stats().toolCalls).toEqual({});
  });

  it.each(['GET', 'DELETE', 'PUT'])('has no use for %s without a session', async (method) => {
    const answer = await peer.send(method, { accept: 'text/event-stream' });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    await answer.text();
  });

  it('reports progress as it goes, each message as soon as it is said', async () => {
    const answer = await peer.call('slow', { seconds: 0.02, steps: 2 }, { meta: { progressToken: 'p1' } });
    const messages = await answer.all();
    expect(messages.slice(0, -1).map((message) => message.params)).toEqual([
      { progressToken: 'p1', progress: 0, total: 2, message: 'Starting' },
      { progressToken: 'p1', progress: 1, total: 2, message: 'Step 1 of 2' },
      { progressToken: 'p1', progress: 2, total: 2, message: 'Step 2 of 2' },
    ]);
    expect(messages.at(-1)?.result).toMatchObject({ resultType: 'complete' });
  });

  it('sends the headers of a slow answer at once, though there is no event yet', async () => {
    const answer = await peer.call('slow', { seconds: 120 });
    expect(answer.status).toBe(200);
    expect(demo.stats()).toMatchObject({ openStreams: 1, routingEntries: 1, runningCalls: 1 });
    answer.hangUp();
  });

  it('stops slow when the client closes the stream', async () => {
    const answer = await peer.call('slow', { seconds: 120 }, { meta: { progressToken: 'p1' } });
    await answer.messages().next();
    expect(demo.stats()).toMatchObject({ openStreams: 1, routingEntries: 1, runningCalls: 1 });
    answer.hangUp();
    await vi.waitFor(() =>
      expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, runningCalls: 0 }),
    );
  });

  it('fails as a result or as a JSON-RPC error, as it is told', async () => {
    const asResult = await (await peer.call('fail', { reason: 'low tide' })).response();
    expect(asResult.result).toMatchObject({ isError: true });
    expect(firstText(asResult)).toContain('low tide');
    const asError = await (await peer.call('fail', { as: 'error', reason: 'low tide' })).response();
    expect(asError.error).toMatchObject({ code: -32603, data: { reason: 'low tide' } });
  });

  it('explains what is wrong with arguments, as a result that can be acted on', async () => {
    const wrong = await (await peer.call('add', { a: 1, b: 'two' })).response();
    expect(wrong.result).toMatchObject({ isError: true });
    expect(firstText(wrong)).toBe('Invalid arguments for add: data/b must be number');
  });

  it('reads the resource that links names', async () => {
    const { result } = await (await peer.call('links')).response();
    const content = result?.content ?? [];
    expect(content.map((block) => block.type)).toEqual([
      'text',
      'resource_link',
      'resource_link',
      'resource',
    ]);
    const uri = content[1]?.uri ?? '';
    const read = await peer.modern('resources/read', { uri }, { headers: { 'mcp-name': uri } });
    expect((await read.response()).result?.contents).toEqual([
      expect.objectContaining({ uri, text: content[3]?.resource?.text }),
    ]);
  });

  it('fills in its prompt, and lets the list of prompts be cached', async () => {
    const listed = await (await peer.modern('prompts/list')).response();
    expect(listed.result).toMatchObject({
      prompts: [{ name: 'explain', arguments: [{ name: 'audience', required: false }] }],
      ttlMs: 300_000,
    });
    const params = { name: 'explain', arguments: { audience: 'a child' } };
    const { result } = await (await peer.modern('prompts/get', params)).response();
    expect(result?.messages?.map(({ content }) => content.text ?? content.resource?.text)).toEqual([
      expect.stringContaining('Open the gate'),
      'Explain this handbook to a child.',
    ]);
  });

  it('acknowledges a subscription and ends it, for nothing it offers ever changes', async () => {
    const answer = await peer.modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const methods = (await answer.all()).map((message) => message.method ?? message.result?.resultType);
    expect(methods).toEqual(['notifications/subscriptions/acknowledged', 'complete']);
  });

  describe('ask', () => {
    const question = async (args: object = {}) => {
      const { result } = await (await peer.call('ask', args, { meta: CAN_SHOW_FORM })).response();
      return { ...result };
    };
    const reply = (visitor: object, requestState: string | undefined, args: object = {}) =>
      peer.modern(
        'tools/call',
        { name: 'ask', arguments: args, inputResponses: { visitor }, requestState },
        { meta: CAN_SHOW_FORM },
      );

    it('asks for a name, a colour and a yes or no, and keeps nothing while it waits', async () => {
      const asked = await question();
      expect(asked).toMatchObject({
        resultType: 'input_required',
        inputRequests: {
          visitor: {
            method: 'elicitation/create',
            params: {
              mode: 'form',
              message: 'Who are you?',
              requestedSchema: {
                properties: {
                  name: { type: 'string' },
                  colour: { oneOf: [{ const: 'blue' }, { const: 'green' }, { const: 'red' }] },
                  postcard: { type: 'boolean', default: false },
                },
              },
            },
          },
        },
      });
      expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, runningCalls: 0 });
    });

    it('answers with what the user filled in', async () => {
      const { requestState } = await question({ greeting: 'Ahoy' });
      const content = { name: 'Ada', colour: 'green', postcard: true };
      const answer = await reply({ action: 'accept', content }, requestState, { greeting: 'Ahoy' });
      expect(firstText(await answer.response())).toBe('Ahoy, Ada! green it is. A postcard is on its way.');
    });

    it.each([
      ['decline', 'You would rather not say. That is fine.'],
      ['cancel', 'You closed the form. Call again whenever you like.'],
    ])('is polite when the user chooses to %s', async (action, text) => {
      const { requestState } = await question();
      const answered = await (await reply({ action }, requestState)).response();
      expect(firstText(answered)).toBe(text);
      expect(answered.result?.isError).toBeUndefined();
    });

    it('asks again when the answers do not fit, three times at most', async () => {
      const unfit = { action: 'accept', content: { name: '', colour: 'mauve' } };
      let { requestState } = await question();
      for (const _ of ['second', 'third']) {
        const again = await (await reply(unfit, requestState)).response();
        expect(again.result).toMatchObject({ resultType: 'input_required' });
        requestState = again.result?.requestState;
      }
      const last = await (await reply(unfit, requestState)).response();
      expect(last.result).toMatchObject({ resultType: 'complete', isError: true });
    });

    it('refuses a state that it did not seal', async () => {
      const { requestState } = await question();
      const forged = `${String(requestState).slice(0, -4)}AAAA`;
      const answer = await reply({ action: 'decline' }, forged);
      expect((await answer.response()).error?.code).toBe(-32602);
    });

    it('tells a client that cannot show a form what it lacks', async () => {
      const answer = await peer.call('ask');
      expect(answer.status).toBe(400);
      expect((await answer.response()).error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { elicitation: { form: {} } } },
      });
      const bare = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
      expect((await peer.call('ask', {}, { meta: bare })).status).toBe(200);
    });
  });
});
