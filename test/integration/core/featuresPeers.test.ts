import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProtocolChoice } from '../../../src/core/config/serverConfig.ts';
import type { Task } from '../../../src/core/mcp/mcpTypes.ts';
import type { OfferingPeer } from '../peers/peerOffers.ts';
import { startSdk1Json } from '../peers/sdk1.ts';
import { startSdk1Offers, startSdk1OffersHttpSse } from '../peers/sdk1Offers.ts';
import { startSdk2Offers } from '../peers/sdk2Offers.ts';
import { FEATURES, type Feature, featuresOn } from '../peers/wireFeatures.ts';
import { type AbleClient, ableClient, declared, PARIS, ROOTS } from './ableClient.ts';
import { failureOf, textOf } from './connectTo.ts';

/** What needs neither a session nor a stream of the server's own. */
const STATELESS: readonly Feature[] = [
  'tools',
  'pagination',
  'structured content',
  'progress',
  'resources',
  'templates',
  'prompts',
  'completion',
  'logging',
  'ping',
];
const CHANGES: readonly Feature[] = [
  'subscriptions',
  'tools changed',
  'prompts changed',
  'resources changed',
];
const ASKING: readonly Feature[] = ['sampling', 'roots'];
const FORMS: readonly Feature[] = [...ASKING, 'elicitation'];
const URLS: readonly Feature[] = [...FORMS, 'elicitation by url'];
const TASKS: readonly Feature[] = ['tasks', 'list of tasks', 'cancelling tasks'];
const LEGACY: readonly Feature[] = [...STATELESS, ...CHANGES, 'cancellation', 'roots changed', 'own stream'];
const SESSION: readonly Feature[] = [...LEGACY, 'resumption', 'end of the session'];

interface Case {
  readonly peer: string;
  readonly start: () => Promise<OfferingPeer>;
  readonly protocol: ProtocolChoice;
  /** That is spoken. */
  readonly version: string;
  readonly offers: readonly Feature[];
}

const sdk1 = { peer: 'SDK 1.x', start: startSdk1Offers };
const overSse = { peer: 'SDK 1.x over HTTP+SSE', start: startSdk1OffersHttpSse };
const sdk2 = { peer: 'SDK 2.x', start: startSdk2Offers };
const CASES: readonly Case[] = [
  { ...sdk1, protocol: 'auto', version: '2025-11-25', offers: [...SESSION, ...URLS, ...TASKS] },
  { ...sdk1, protocol: '2025-06-18', version: '2025-06-18', offers: [...SESSION, ...FORMS] },
  { ...sdk1, protocol: '2025-03-26', version: '2025-03-26', offers: [...SESSION, ...ASKING] },
  { ...overSse, protocol: 'auto', version: '2025-11-25', offers: [...LEGACY, ...URLS, ...TASKS] },
  { ...overSse, protocol: '2024-11-05', version: '2024-11-05', offers: [...LEGACY, ...ASKING] },
  {
    ...sdk2,
    protocol: 'auto',
    version: '2026-07-28',
    offers: [...STATELESS, ...CHANGES, ...URLS, 'cancellation'],
  },
  { ...sdk2, protocol: '2025-11-25', version: '2025-11-25', offers: STATELESS },
  { ...sdk2, protocol: '2025-06-18', version: '2025-06-18', offers: STATELESS },
  { ...sdk2, protocol: '2025-03-26', version: '2025-03-26', offers: STATELESS },
];

describe.each(CASES)('$peer in $version', ({ start, protocol, version, offers }) => {
  let peer: OfferingPeer;
  let client: AbleClient;
  const whereOffered = (features: readonly Feature[], title: string, test: () => Promise<void>) => {
    if (features.every((one) => offers.includes(one))) it(title, test);
  };
  beforeAll(async () => {
    peer = await start();
    client = ableClient(peer.url, protocol);
    await client.connection.connect();
  });
  afterAll(async () => {
    await client.connection.close();
    await peer.close();
  });

  it('is spoken to in it, and its tools are called', async () => {
    const { connection } = client;
    expect((await connection.connect()).protocolVersion).toBe(version);
    expect((await connection.listTools()).length).toBeGreaterThan(5);
    expect(textOf(await connection.callTool('echo', { text: 'hi' }))).toBe('hi');
    const sum = await connection.callTool('add', { a: 1, b: 2 });
    expect(sum.result.structuredContent).toEqual({ sum: 3 });
    expect(sum.violations).toEqual([]);
    const seen: number[] = [];
    await connection.callTool('slow', { steps: 3 }, { onProgress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([1, 2, 3]);
    await connection.ping();
  });

  it('gives its resources, prompts and completions', async () => {
    const { connection } = client;
    expect((await connection.listResources()).map(({ uri }) => uri)).toEqual(['peer://text', 'peer://bytes']);
    expect(await connection.listResourceTemplates()).toMatchObject([{ uriTemplate: 'peer://files/{path}' }]);
    expect(await connection.readResource('peer://text')).toMatchObject({ contents: [{ text: 'Hello' }] });
    expect(await connection.readResource('peer://bytes')).toMatchObject({ contents: [{ blob: 'AAEC' }] });
    expect((await connection.listPrompts()).map(({ name }) => name)).toEqual(['review']);
    expect(await connection.getPrompt('review', { language: 'Ada' })).toMatchObject({
      messages: [{ content: { text: 'Review this Ada code.' } }],
    });
    const ref = { type: 'ref/prompt', name: 'review' } as const;
    expect(await connection.complete({ ref, argument: { name: 'language', value: 'p' } })).toEqual({
      values: ['perl', 'php', 'python'],
    });
  });

  it('logs as loudly as it is asked to', async () => {
    await client.connection.setLogLevel('warning');
    await client.connection.callTool('chatty', {});
    await client.until((what) => what === 'error "oh"');
  });

  whereOffered(['cancellation'], 'hears that a call is cancelled', async () => {
    const abort = new AbortController();
    const call = client.connection.callTool('hang', {}, { signal: abort.signal });
    await peer.hanging.begun;
    abort.abort();
    expect((await failureOf(call)).code).toBe('cancelled');
    await peer.hanging.calledOff;
  });

  whereOffered(['sampling', 'roots'], 'asks a model and for the roots', async () => {
    const outcome = await client.connection.callTool('ask-all', {});
    expect(JSON.parse(textOf(outcome))).toEqual({ content: PARIS.content, roots: ROOTS });
  });

  whereOffered(['elicitation'], 'asks the user', async () => {
    expect(textOf(await client.connection.callTool('elicit', {}))).toBe('Hello, Ada!');
  });

  whereOffered(['elicitation by url'], 'sends the user to another place', async () => {
    expect(JSON.parse(textOf(await client.connection.callTool('log-in', {})))).toBe('accept');
    if (version === '2025-11-25') await client.until((what) => what === 'elicitation complete');
  });

  whereOffered(['roots changed'], 'hears that the roots changed', () => client.connection.rootsChanged());

  whereOffered(['subscriptions'], 'tells what changed', async () => {
    const { connection, until } = client;
    await connection.subscribeResource('peer://text');
    const [tools, prompts] = await Promise.all([connection.listTools(), connection.listPrompts()]);
    expect([tools.length, prompts.length]).toEqual([expect.any(Number), 1]);
    await connection.listResources({ refresh: true });
    const heard = Promise.all(
      ['peer://text', 'tools', 'prompts', 'resources'].map((what) => until((one) => one === what)),
    );
    // A subscription takes the place of the one before a moment after it is asked for.
    while (!(await Promise.race([heard.then(() => true), connection.ping().then(() => false)]))) {
      peer.notify.resourceUpdated('peer://text');
      peer.notify.toolsChanged();
      peer.notify.promptsChanged();
      peer.notify.resourcesChanged();
    }
    await connection.unsubscribeResource('peer://text');
  });

  whereOffered(['resumption'], 'gives the rest of a stream that it broke off', async () => {
    expect(JSON.parse(textOf(await client.connection.callTool('break-off', {})))).toBe(
      'after the end of the stream',
    );
  });

  whereOffered(['tasks'], 'runs a tool as a task, lists it, cancels it', async () => {
    const { connection } = client;
    const states: Task[] = [];
    const outcome = await connection.callTool('job', {}, { onTask: (task) => states.push(task) });
    expect(JSON.parse(textOf(outcome))).toBe('done');
    expect(states.at(-1)?.status).toBe('completed');
    const { taskId = '' } = states[0] ?? {};
    expect((await connection.listTasks()).map((task) => task.taskId)).toContain(taskId);
    expect(JSON.parse(textOf(await connection.resumeTask(taskId)))).toBe('done');
    const abort = new AbortController();
    const cancelled = connection.callTool('job', {}, { signal: abort.signal, onTask: () => abort.abort() });
    expect((await failureOf(cancelled)).code).toBe('cancelled');
    const isCancelled = async () =>
      (await connection.listTasks()).some(({ status }) => status === 'cancelled');
    while (!(await isCancelled()));
  });

  it('was used in all that it offers, and nothing was worth a warning', async () => {
    const info = await client.connection.connect();
    await client.connection.disconnect();
    const used = featuresOn(client.trace);
    expect(used).toEqual((Object.keys(FEATURES) as Feature[]).filter((one) => offers.includes(one)));
    // Without a session it declares what would need one as well, and tasks in any revision.
    if (offers !== STATELESS)
      expect(declared(info).filter((one) => !offers.includes(one as Feature))).toEqual(
        offers.includes('tasks') || !('tasks' in info.capabilities) ? [] : TASKS,
      );
    expect(client.warnings()).toEqual([]);
  });
});

describe.each(['2025-11-25', '2025-06-18', '2025-03-26'] as const)(
  'SDK 1.x without sessions, in JSON bodies, in %s',
  (protocol) => {
    it('was used in all that it offers, and nothing was worth a warning', async () => {
      const peer = await startSdk1Json();
      const client = ableClient(peer.url, protocol);
      const { connection } = client;
      expect((await connection.listTools()).map(({ name }) => name)).toContain('echo');
      expect((await connection.callTool('add', { a: 1, b: 2 })).result.structuredContent).toEqual({ sum: 3 });
      expect((await connection.connect()).protocolVersion).toBe(protocol);
      await connection.ping();
      await connection.close();
      await peer.close();
      // It opens a stream for a GET, on which nobody is there to say anything.
      const offers = ['tools', 'structured content', 'ping', 'own stream'];
      expect(featuresOn(client.trace)).toEqual(offers);
      expect(client.warnings()).toEqual([]);
    });
  },
);
