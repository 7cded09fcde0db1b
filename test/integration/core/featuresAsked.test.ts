import { describe, expect, it } from 'vitest';
import type { ElicitRequest, SampleRequest } from '../../../src/core/mcp/mcpTypes.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import { jsonAnswer } from '../../lab/answer.ts';
import type { Message } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { type InputRequest, InputRequired, Refused, type ToolCall } from '../../lab/toolCall.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const ERAS = [
  ['modern', {}],
  ['legacy', { era: 'legacy' }],
] as const satisfies readonly (readonly [string, LabOptions])[];

function calls(lab: Lab): readonly Message[] {
  return lab.received.flatMap(({ message }) => (message?.method === 'tools/call' ? [message] : []));
}

function tool(run: (call: ToolCall) => Promise<unknown>): LabTool {
  return {
    definition: { name: 'asks', inputSchema: { type: 'object' } },
    run: async (call) => text(JSON.stringify(await run(call))),
  };
}

/** What the tool `asks` was given for what it asked. */
async function answersTo(
  requests: Readonly<Record<string, InputRequest>>,
  callbacks: Partial<ServerCallbacks>,
  options: LabOptions = {},
) {
  const lab = await startLab({ ...options, tools: [tool((call) => call.ask(requests))] });
  await using _ = lab;
  await using client = connectTo(lab.url, {}, callbacks);
  const outcome = await client.connection.callTool('asks', {});
  return { answers: JSON.parse(textOf(outcome)), lab, warnings: client.warnings() };
}

const ELICIT: InputRequest = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
};
const SAMPLE: InputRequest = {
  method: 'sampling/createMessage',
  params: {
    messages: [{ role: 'user', content: { type: 'text', text: 'Capital of France?' } }],
    maxTokens: 9,
  },
};
const TOOLS = [{ name: 'weather', inputSchema: { type: 'object' } }];
const PARIS = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'test' } as const;
const roots = () => [{ uri: 'file:///home/ada/project', name: 'project' }];

describe.each(ERAS)('what a %s server may ask', (_, options) => {
  it('is several things for one call: the user, a model and the roots', async () => {
    const asked: unknown[] = [];
    const { answers, warnings } = await answersTo(
      { who: ELICIT, what: SAMPLE, where: { method: 'roots/list' } },
      {
        onElicit: async ({ message }) => {
          asked.push(message);
          return { action: 'accept', content: { name: 'Ada' } };
        },
        onSample: async ({ messages, maxTokens }) => {
          asked.push(messages, maxTokens);
          return { ...PARIS, stopReason: 'endTurn' };
        },
        roots,
      },
      options,
    );
    expect(answers).toEqual({
      who: { action: 'accept', content: { name: 'Ada' } },
      what: { ...PARIS, stopReason: 'endTurn' },
      where: { roots: roots() },
    });
    expect(asked).toEqual(['Who?', SAMPLE.params?.['messages'], 9]);
    expect(warnings).toEqual([]);
  });

  it('may have tools for the model, where that was declared', async () => {
    const withTools: InputRequest = { ...SAMPLE, params: { ...SAMPLE.params, tools: TOOLS } };
    const seen: (SampleRequest['tools'] | undefined)[] = [];
    const onSample = async ({ tools }: SampleRequest) => {
      seen.push(tools);
      return { ...PARIS, content: [{ type: 'tool_use', id: '1', name: 'weather', input: {} }] };
    };
    await answersTo({ what: withTools }, { onSample, sampleTools: true }, options);
    expect(seen).toEqual([TOOLS]);
  });

  it('is what was declared, and nothing else', async () => {
    await using lab = await startLab({ ...options, tools: [tool((call) => call.ask({ what: SAMPLE }))] });
    await using client = connectTo(lab.url);
    const asked = client.connection.callTool('asks', {}).then(
      ({ result }) => JSON.stringify(result),
      (error: Error) => error.message,
    );
    expect(await asked).toMatch(/sampling|capability/);
  });
});

describe('what is declared', () => {
  const all: Partial<ServerCallbacks> = {
    onElicit: async () => ({ action: 'decline' }),
    onSample: async () => undefined,
    sampleTools: true,
    roots,
  };

  it.each([
    ['2026-07-28', { form: {}, url: {} }, { tools: {} }, {}],
    ['2025-11-25', { form: {}, url: {} }, { tools: {} }, { listChanged: true }],
    ['2025-06-18', {}, {}, { listChanged: true }],
    ['2025-03-26', undefined, {}, { listChanged: true }],
  ] as const)(
    'to a server of %s is what that revision has',
    async (protocol, elicitation, sampling, declaredRoots) => {
      const version = protocol === '2026-07-28' ? {} : { era: 'legacy' as const };
      await using lab = await startLab(version);
      await using client = connectTo(lab.url, { protocol }, all);
      await client.connection.connect();
      const params = lab.received[0]?.message?.params;
      const declared = params?.capabilities ?? params?._meta?.['io.modelcontextprotocol/clientCapabilities'];
      expect([declared?.elicitation, declared?.['sampling'], declared?.['roots']]).toEqual([
        elicitation,
        sampling,
        declaredRoots,
      ]);
    },
  );

  it('is nothing where nobody can answer', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    expect(
      lab.received.find(({ message }) => message?.method === 'initialize')?.message?.params?.capabilities,
    ).toEqual({});
  });
});

describe('a legacy server that asks what it may not', () => {
  /** The error that the client posted. */
  async function refusalOf(
    request: InputRequest,
    callbacks: Partial<ServerCallbacks>,
    protocol = '2025-11-25',
  ) {
    const asking = tool(async (call) => call.ask({ it: request }));
    await using lab = await startLab({ era: 'legacy', tools: [asking] });
    await using client = connectTo(lab.url, { protocol: protocol as '2025-11-25' }, callbacks);
    await client.connection.callTool('asks', {});
    return lab.received.find(({ message }) => message?.error !== undefined)?.message?.error;
  }
  const sampling = { onSample: async () => PARIS };
  const withParams = (params: object): InputRequest => ({
    ...SAMPLE,
    params: { ...SAMPLE.params, ...params },
  });
  const use = { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'weather', input: {} }] };
  const result = { type: 'tool_result', toolUseId: '1', content: [] };

  it('is told that the user would not', async () => {
    expect(await refusalOf(SAMPLE, { onSample: async () => undefined })).toMatchObject({ code: -1 });
  });

  it.each([
    ['tools that were not declared', withParams({ tools: TOOLS })],
    ['no messages', withParams({ messages: 'x' })],
    ['no bound', withParams({ maxTokens: undefined })],
    ['a use of a tool without its result', withParams({ messages: [use] })],
    ['a result that nobody asked for', withParams({ messages: [{ role: 'user', content: result }] })],
    [
      'a result mixed with text',
      withParams({ messages: [use, { role: 'user', content: [result, { type: 'text', text: 'x' }] }] }),
    ],
  ])('is told that its sampling is not legal: %s', async (_, request) => {
    expect(await refusalOf(request, sampling)).toMatchObject({ code: -32602 });
  });

  it('may ask with uses of tools and their results', async () => {
    const { answers } = await answersTo(
      { it: withParams({ messages: [use, { role: 'user', content: [result] }], tools: TOOLS }) },
      { ...sampling, sampleTools: true },
      { era: 'legacy' },
    );
    expect(answers.it).toEqual(PARIS);
  });

  it('is told that a mode of elicitation is none of the revision’s', async () => {
    const url: InputRequest = {
      method: 'elicitation/create',
      params: { mode: 'url', message: 'Log in', url: 'https://example.com' },
    };
    const onElicit = async () => ({ action: 'accept' }) as const;
    expect(await refusalOf(url, { onElicit }, '2025-06-18')).toMatchObject({ code: -32602 });
    expect(await refusalOf(url, { onElicit }, '2025-11-25')).toBeUndefined();
  });
});

describe('a server that asks for more than 16 things at one time', () => {
  const answers = (lab: Lab) =>
    lab.received.flatMap(({ message }) =>
      message?.id !== undefined && message.method === undefined ? [message] : [],
    );

  it('is told so of each that is beyond, and the trace says it; a ping is answered all the same', async () => {
    let open = 0;
    let most = 0;
    const everyone = Promise.withResolvers<void>();
    const asking = tool(async (call) => {
      const many = Promise.all(Array.from({ length: 20 }, () => call.ask({ who: ELICIT })));
      await call.ask({ alive: { method: 'ping' } });
      everyone.resolve();
      return (await many).length;
    });
    await using lab = await startLab({ era: 'legacy', tools: [asking] });
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: async () => {
          most = Math.max(most, ++open);
          await everyone.promise;
          open--;
          return { action: 'decline' };
        },
      },
    );
    await client.connection.callTool('asks', {});
    expect(most).toBe(16);
    const refused = answers(lab).filter(({ error }) => error !== undefined);
    expect(refused).toHaveLength(4);
    for (const { error } of refused)
      expect(error).toMatchObject({ code: 429, message: expect.stringContaining('16 at one time') });
    expect(answers(lab)).toHaveLength(21);
    expect(client.warnings()).toEqual(
      Array.from({ length: 4 }, () => expect.stringContaining('elicitation/create was refused')),
    );
  });

  it('may ask again as soon as one is answered', async () => {
    const held: (() => void)[] = [];
    const full = Promise.withResolvers<void>();
    const asking = tool(async (call) => {
      const many = Array.from({ length: 16 }, () => call.ask({ who: ELICIT }));
      await full.promise;
      held.pop()?.();
      await Promise.race(many);
      const more = await call.ask({ who: ELICIT });
      for (const answer of held) answer();
      return [...(await Promise.all(many)), more].length;
    });
    await using lab = await startLab({ era: 'legacy', tools: [asking] });
    const declined = { action: 'decline' } as const;
    let asked = 0;
    const onElicit = async () => {
      if (++asked === 17) return declined;
      const { promise, resolve } = Promise.withResolvers<void>();
      held.push(resolve);
      if (asked === 16) full.resolve();
      await promise;
      return declined;
    };
    await using client = connectTo(lab.url, {}, { onElicit });
    expect(textOf(await client.connection.callTool('asks', {}))).toBe('17');
    expect(client.warnings()).toEqual([]);
  });
});

describe('a call that takes several rounds', () => {
  const rounds = tool(async (call) => {
    const { first } = await call.ask({ first: ELICIT });
    if (call.round === 1) throw new InputRequired({});
    const { second, third } = await call.ask({ second: ELICIT, third: SAMPLE });
    return [call.round, first, second, third];
  });

  it('echoes each state as it came, once, under a new id, beside what was asked in that round', async () => {
    let n = 0;
    await using lab = await startLab({ tools: [rounds] });
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: async () => ({ action: 'accept', content: { n: ++n } }),
        onSample: async () => PARIS,
      },
    );
    const outcome = await client.connection.callTool('asks', { keep: 'me' });
    expect(JSON.parse(textOf(outcome))).toEqual([
      3,
      { action: 'accept', content: { n: 1 } },
      { action: 'accept', content: { n: 2 } },
      PARIS,
    ]);
    const sent = calls(lab).map(({ params }) => ({
      args: params?.arguments,
      state: params?.requestState,
      keys: Object.keys(params?.inputResponses ?? {}),
    }));
    const args = { keep: 'me' };
    expect(sent).toEqual([
      { args, state: undefined, keys: [] },
      { args, state: 'state-1', keys: ['first'] },
      // "If the InputRequiredResult does not contain the inputRequests field, the client MAY retry immediately."
      { args, state: 'state-2', keys: [] },
      { args, state: 'state-3', keys: ['second', 'third'] },
    ]);
    expect(new Set(calls(lab).map(({ id }) => id)).size).toBe(4);
    expect(client.connection.snapshot().latency.count).toBe(0);
  });

  it('echoes a state of any shape, and none where there is none', async () => {
    const states = ['{"a": "\\u00e9"}', ' ', 'Zürich\u2028'];
    for (const state of [...states, undefined]) {
      await using lab = await startLab({
        mode: async (exchange) => {
          const { id, params } = exchange.request.message ?? {};
          const done = params?.inputResponses !== undefined;
          const asking = {
            resultType: 'input_required',
            inputRequests: { who: ELICIT },
            requestState: state,
          };
          const result = done ? { resultType: 'complete', content: [] } : asking;
          await jsonAnswer(200, { jsonrpc: '2.0', id, result })(exchange);
        },
      });
      await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'accept' }) });
      await client.connection.callTool('asks', {});
      expect(calls(lab)[1]?.params?.requestState).toBe(state);
      expect('requestState' in (calls(lab)[1]?.params ?? {})).toBe(state !== undefined);
    }
  });

  it('carries what belongs to one round into that round alone', async () => {
    const results = [
      { resultType: 'input_required', inputRequests: { who: ELICIT }, requestState: 'first' },
      { resultType: 'input_required', inputRequests: { again: ELICIT } },
      { resultType: 'input_required', requestState: 'third' },
      { resultType: 'complete', content: [] },
    ];
    await using lab = await startLab({
      mode: async (exchange) => {
        const { id } = exchange.request.message ?? {};
        await jsonAnswer(200, { jsonrpc: '2.0', id, result: results.shift() })(exchange);
      },
    });
    await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'decline' }) });
    await client.connection.callTool('asks', {});
    const told = calls(lab).map(({ params: { inputResponses, requestState } = {} }) => ({
      ...(inputResponses && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    }));
    const declined = { action: 'decline' };
    expect(told).toEqual([
      {},
      { inputResponses: { who: declined }, requestState: 'first' },
      { inputResponses: { again: declined } },
      { requestState: 'third' },
    ]);
  });

  it('does not leak a state to a call beside it', async () => {
    await using lab = await startLab({ tools: [rounds] });
    await using client = connectTo(
      lab.url,
      {},
      { onElicit: async () => ({ action: 'accept', content: {} }), onSample: async () => PARIS },
    );
    await Promise.all([1, 2, 3].map((n) => client.connection.callTool('asks', { n })));
    // The lab takes each state back once, from a request with another id.
    expect(new Set(calls(lab).flatMap(({ params }) => params?.requestState ?? [])).size).toBe(9);
    await client.connection.callTool('say_hello', {});
    expect(calls(lab).at(-1)?.params).not.toHaveProperty('requestState');
  });

  it('is given up after a bound on rounds', async () => {
    const endless = tool(async () => Promise.reject(new InputRequired({})));
    await using lab = await startLab({ tools: [endless] });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.callTool('asks', {}))).toMatchObject({
      code: 'input-required-failed',
    });
    expect(calls(lab)).toHaveLength(17);
  });

  it('is not made again where the user rejects what a model is asked', async () => {
    await using lab = await startLab({ tools: [tool((call) => call.ask({ what: SAMPLE }))] });
    await using client = connectTo(lab.url, {}, { onSample: async () => undefined });
    expect(await failureOf(client.connection.callTool('asks', {}))).toMatchObject({
      code: 'input-required-failed',
      message: expect.stringContaining('rejected'),
    });
    expect(calls(lab)).toHaveLength(1);
  });

  it('withdraws the question when the call is cancelled', async () => {
    await using lab = await startLab({});
    const asked = Promise.withResolvers<AbortSignal>();
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: (_, signal) => {
          asked.resolve(signal);
          return new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
      },
    );
    const abort = new AbortController();
    const call = client.connection.callTool('ask', {}, { signal: abort.signal });
    const signal = await asked.promise;
    abort.abort();
    expect(await failureOf(call)).toMatchObject({ code: 'cancelled' });
    expect(signal.aborted).toBe(true);
  });
});

describe.each(ERAS)('the form of a %s server', (_, options) => {
  it('is one where the mode is not said', async () => {
    const { mode: __, ...params } = ELICIT.params ?? {};
    const shown: ElicitRequest[] = [];
    const { answers } = await answersTo(
      { who: { ...ELICIT, params } },
      {
        onElicit: async (request) => {
          shown.push(request);
          return { action: 'accept', content: { name: 'Ada' } };
        },
      },
      options,
    );
    expect(shown).toMatchObject([{ mode: 'form', message: 'Who?' }]);
    expect(answers.who).toEqual({ action: 'accept', content: { name: 'Ada' } });
  });
});

describe.each(ERAS)('the roots that a %s server is given', (_, options) => {
  it('are folders that a file URI leads to without a detour, as they are when it asks', async () => {
    let folders = [
      { uri: 'file:///home/ada/project', name: 'here' },
      { uri: 'vscode-vfs://github/ada/project', name: 'elsewhere' },
      { uri: 'file:///home/ada/../grace', name: 'up' },
      { uri: 'file:///home/ada/%2e%2E/grace', name: 'up' },
      { uri: 'ada', name: 'nowhere' },
    ];
    const asks = tool((call) => call.ask({ where: { method: 'roots/list' } }));
    await using lab = await startLab({ ...options, tools: [asks] });
    await using client = connectTo(lab.url, {}, { roots: async () => folders });
    const given = async () =>
      JSON.parse(textOf(await client.connection.callTool('asks', {}))).where.roots.map(
        ({ name }: { name: string }) => name,
      );
    expect(await given()).toEqual(['here']);
    folders = [{ uri: 'file:///c%3A/Users/ada', name: 'there' }];
    expect(await given()).toEqual(['there']);
  });
});

describe('the roots', () => {
  it('that changed are told to a legacy server that was told of some, and to no other', async () => {
    for (const [callbacks, options, expected] of [
      [{ roots }, { era: 'legacy' }, 1],
      [{}, { era: 'legacy' }, 0],
      [{ roots }, {}, 0],
    ] as const) {
      await using lab = await startLab(options);
      await using client = connectTo(lab.url, {}, callbacks);
      await client.connection.rootsChanged();
      expect(lab.received).toEqual([]);
      await client.connection.connect();
      await client.connection.rootsChanged();
      const told = lab.received.filter(
        ({ message }) => message?.method === 'notifications/roots/list_changed',
      );
      expect(told).toHaveLength(expected);
    }
  });
});

describe('an elicitation that leads to another place', () => {
  const elicitation = (id: string) => ({
    mode: 'url',
    elicitationId: id,
    url: `https://example.com/${id}`,
    message: 'Log in',
  });
  /** Needs two log-ins before it runs. */
  function guarded() {
    const done = new Set<string>();
    const guard = tool(async () => {
      if (done.size === 2) return 'let in';
      throw new Refused(-32042, 'Log in first', { elicitations: ['a', 'b'].map(elicitation) });
    });
    return { done, guard };
  }

  it('is asked for by -32042: the call is made again when the server says that all of it is done', async () => {
    const { done, guard } = guarded();
    await using lab = await startLab({ era: 'legacy', tools: [guard] });
    const shown: ElicitRequest[] = [];
    const complete: string[] = [];
    // Told on a stream of any request: here, on one of a call beside it.
    const finish = (id: string) => client.connection.callTool('finishes', { id });
    lab.tools.set('finishes', {
      definition: { name: 'finishes', inputSchema: { type: 'object' } },
      run: async (call) => {
        done.add(String(call.args['id']));
        for (const elicitationId of ['nobody', call.args['id'], call.args['id']])
          await call.notify('notifications/elicitation/complete', { elicitationId });
        return text('told');
      },
    });
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: async (request) => {
          shown.push(request);
          if (request.elicitationId === 'a') void finish('a');
          return { action: 'accept' };
        },
        // The second one is over only after the first.
        onElicitationComplete: (id) => {
          complete.push(id);
          if (id === 'a') void client.connection.ping().then(() => finish('b'));
        },
      },
    );
    const outcome = await client.connection.callTool('asks', {});
    expect(JSON.parse(textOf(outcome))).toBe('let in');
    expect(shown).toEqual([elicitation('a'), elicitation('b')]);
    expect(complete).toEqual(['a', 'b']);
    expect(lab.counts.calls.get('asks')).toBe(2);
  });

  it('is not waited for longer than a request: then the user is told to call again', async () => {
    await using lab = await startLab({ era: 'legacy', tools: [guarded().guard] });
    await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'accept' }) });
    const error = await failureOf(client.connection.callTool('asks', {}, { timeout: 50 }));
    expect(error).toMatchObject({ code: 'input-required-failed', rpc: { code: -32042 } });
    expect(error.hint).toContain('call again');
    expect(lab.counts.calls.get('asks')).toBe(1);
  });

  it('ends the call where the user will not, or cancels, or nobody can be asked', async () => {
    const abort = new AbortController();
    const cases: readonly [Partial<ServerCallbacks>, string][] = [
      [{ onElicit: async () => ({ action: 'decline' }) }, 'jsonrpc-error'],
      [{}, 'jsonrpc-error'],
      [
        {
          onElicit: async ({ elicitationId }) => {
            if (elicitationId === 'b') queueMicrotask(() => abort.abort());
            return { action: 'accept' };
          },
        },
        'cancelled',
      ],
    ];
    for (const [callbacks, code] of cases) {
      await using lab = await startLab({ era: 'legacy', tools: [guarded().guard] });
      await using client = connectTo(lab.url, {}, callbacks);
      const call = client.connection.callTool('asks', {}, { signal: abort.signal });
      expect(await failureOf(call)).toMatchObject({ code });
    }
  });

  it('of another revision, or one that is none, is an error as any other', async () => {
    const data = [{ elicitations: [{ ...elicitation('a'), mode: 'form' }] }, { elicitations: [] }, 7];
    for (const one of data) {
      const refuses = tool(async () => Promise.reject(new Refused(-32042, 'Log in first', one)));
      await using lab = await startLab({ era: 'legacy', tools: [refuses] });
      await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'accept' }) });
      expect(await failureOf(client.connection.callTool('asks', {}))).toMatchObject({
        rpc: { code: -32042 },
      });
    }
    await using lab = await startLab({ tools: [guarded().guard] });
    await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'accept' }) });
    expect(await failureOf(client.connection.callTool('asks', {}))).toMatchObject({ rpc: { code: -32042 } });
  });
});
