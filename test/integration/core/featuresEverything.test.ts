import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProtocolChoice } from '../../../src/core/config/serverConfig.ts';
import type { Task } from '../../../src/core/mcp/mcpTypes.ts';
import { type DelayedLink, startDelayedLink } from '../../lab/delayedLink.ts';
import { startEverything } from '../peers/everything.ts';
import type { Peer } from '../peers/peer.ts';
import { FEATURES, type Feature, featuresOn } from '../peers/wireFeatures.ts';
import { type AbleClient, ableClient, declared, ROOTS } from './ableClient.ts';
import { failureOf, textOf } from './connectTo.ts';

const TOOLS: readonly Feature[] = [
  'tools',
  'structured content',
  'progress',
  'cancellation',
  'sampling',
  'roots',
  'roots changed',
  'resources',
  'templates',
  'subscriptions',
  'prompts',
  'completion',
  'logging',
  'resources changed',
  'ping',
  'own stream',
];
const FORMS: readonly Feature[] = [...TOOLS, 'elicitation'];
const NEWEST: readonly Feature[] = [
  ...FORMS,
  'elicitation by url',
  'tasks',
  'list of tasks',
  'cancelling tasks',
];
const SESSION: readonly Feature[] = ['resumption', 'end of the session'];

/**
 * Declared, and not to be had: it never changes its prompts, and over Streamable HTTP it tells of its tools only before
 * there is a stream on which it could.
 */
const NEVER = ['prompts changed'];
const TOO_EARLY = ['tools changed', ...NEVER];

/**
 * Once a stream was cut: it replays to each stream what came after on all of them, with the empty messages that only
 * gave an id, and so tells what nobody waits for there.
 */
const REPLAYED =
  /^(a response on the server’s own stream|a message was ignored, because its "jsonrpc"|a second response)/;

interface Case {
  readonly transport: 'streamableHttp' | 'sse';
  readonly protocol: ProtocolChoice;
  readonly version: string;
  readonly offers: readonly Feature[];
}

const CASES: readonly Case[] = [
  { transport: 'streamableHttp', protocol: 'auto', version: '2025-11-25', offers: [...NEWEST, ...SESSION] },
  {
    transport: 'streamableHttp',
    protocol: '2025-06-18',
    version: '2025-06-18',
    offers: [...FORMS, ...SESSION],
  },
  {
    transport: 'streamableHttp',
    protocol: '2025-03-26',
    version: '2025-03-26',
    offers: [...TOOLS, ...SESSION],
  },
  { transport: 'sse', protocol: 'auto', version: '2025-11-25', offers: [...NEWEST, 'tools changed'] },
  { transport: 'sse', protocol: '2024-11-05', version: '2024-11-05', offers: [...TOOLS, 'tools changed'] },
];

describe.each(CASES)(
  'server-everything over $transport in $version',
  ({ transport, protocol, version, offers }) => {
    let peer: Peer;
    let link: DelayedLink;
    let client: AbleClient;
    const called = new Set<string>();
    const call: AbleClient['connection']['callTool'] = (name, ...rest) => {
      called.add(name);
      return client.connection.callTool(name, ...rest);
    };
    const whereOffered = (feature: Feature, title: string, test: () => Promise<void>) => {
      if (offers.includes(feature)) it(title, test);
    };
    beforeAll(async () => {
      peer = await startEverything(transport);
      link = await startDelayedLink(peer.url, { oneWayMs: 0 });
      client = ableClient(link.url, protocol);
      await client.connection.connect();
    });
    afterAll(async () => {
      await client.connection.close();
      await link.close();
      await peer.close();
    });

    it('answers its simple tools', async () => {
      expect((await client.connection.connect()).protocolVersion).toBe(version);
      expect(textOf(await call('echo', { message: 'hi' }))).toBe('Echo: hi');
      expect(textOf(await call('get-sum', { a: 20, b: 22 }))).toContain('42');
      expect(textOf(await call('get-env', {}))).toContain('PORT');
      const structured = await call('get-structured-content', { location: 'Chicago' });
      expect(structured.result.structuredContent).toHaveProperty('temperature');
      expect(structured.violations).toEqual([]);
      const image = await call('get-tiny-image', {});
      expect(image.result.content.map(({ type }) => type)).toContain('image');
      const annotated = await call('get-annotated-message', { messageType: 'error' });
      expect(annotated.result.content[0]).toHaveProperty('annotations.priority', 1);
      const links = await call('get-resource-links', { count: 3 });
      expect(links.result.content.filter(({ type }) => type === 'resource_link')).toHaveLength(3);
      const reference = await call('get-resource-reference', { resourceType: 'Text', resourceId: 1 });
      expect(reference.result.content.map(({ type }) => type)).toContain('resource');
      await client.connection.ping();
    });

    it('tells the progress of a long operation, and hears that one is cancelled', async () => {
      const seen: number[] = [];
      const operation = { duration: 0.1, steps: 4 };
      await call('trigger-long-running-operation', operation, {
        onProgress: ({ progress }) => seen.push(progress),
      });
      expect(seen).toEqual([1, 2, 3, 4]);
      const abort = new AbortController();
      const endless = call(
        'trigger-long-running-operation',
        { duration: 600, steps: 10_000 },
        { signal: abort.signal, onProgress: () => abort.abort() },
      );
      expect((await failureOf(endless)).code).toBe('cancelled');
    });

    it('gives every resource that it lists, and what its templates lead to', async () => {
      const { connection } = client;
      const resources = await connection.listResources();
      expect(resources.length).toBeGreaterThan(3);
      for (const { uri } of resources)
        expect((await connection.readResource(uri)).contents[0]?.text?.length).toBeGreaterThan(10);
      const templates = await connection.listResourceTemplates();
      expect(templates.map(({ uriTemplate }) => uriTemplate)).toContain(
        'demo://resource/dynamic/text/{resourceId}',
      );
      const blob = await connection.readResource('demo://resource/dynamic/blob/1');
      expect(blob.contents[0]?.blob).toMatch(/^[A-Za-z0-9+/]+=*$/);
    });

    it('gives its prompts, one with a resource in it, and completes their arguments', async () => {
      const { connection } = client;
      const names = (await connection.listPrompts()).map(({ name }) => name);
      expect(names.sort()).toEqual(['args-prompt', 'completable-prompt', 'resource-prompt', 'simple-prompt']);
      await connection.getPrompt('simple-prompt');
      await connection.getPrompt('args-prompt', { city: 'Paris' });
      await connection.getPrompt('completable-prompt', { department: 'Sales', name: 'Eve' });
      const withResource = await connection.getPrompt('resource-prompt', {
        resourceType: 'Text',
        resourceId: '1',
      });
      expect(withResource.messages.map(({ content }) => content.type)).toContain('resource');
      const ref = { type: 'ref/prompt', name: 'completable-prompt' } as const;
      const name = { name: 'name', value: '' };
      expect((await connection.complete({ ref, argument: name })).values).toEqual([]);
      const context = { department: 'Sales' };
      const withContext = (await connection.complete({ ref, argument: name, context })).values;
      // Older revisions cannot say what was filled in already.
      expect(withContext).toEqual(/2025-03|2024/.test(version) ? [] : ['David', 'Eve', 'Frank']);
      const template = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' } as const;
      const id = { name: 'resourceId', value: '7' };
      expect((await connection.complete({ ref: template, argument: id })).values).toEqual(['7']);
    });

    it('samples, and asks for the roots', async () => {
      const sampled = await call('trigger-sampling-request', { prompt: 'Capital?', maxTokens: 9 });
      expect(textOf(sampled)).toContain('Paris');
      expect(textOf(await call('get-roots-list', {}))).toContain(ROOTS[0]?.uri);
      await client.connection.rootsChanged();
    });

    whereOffered('elicitation', 'asks the user', async () => {
      expect(textOf(await call('trigger-elicitation-request', {}))).toContain('Ada');
    });

    whereOffered('elicitation by url', 'sends the user to another place', async () => {
      const opened = await call('trigger-url-elicitation', { url: 'https://example.com/a' });
      expect(textOf(opened)).toContain('https://example.com/a');
      // It never says that the user is done: the call ends, and the next one goes through.
      const again = { url: 'https://example.com/b', errorPath: true };
      const failed = call('trigger-url-elicitation', again, { timeout: 100 });
      expect(await failureOf(failed)).toMatchObject({ code: 'input-required-failed' });
      expect(textOf(await call('trigger-url-elicitation', again))).toContain('/b');
    });

    it('takes a subscription, a log level, and gives both up', async () => {
      const { connection } = client;
      const [resource] = await connection.listResources();
      if (resource === undefined) throw new Error('it lists no resources');
      await connection.setLogLevel('debug');
      await connection.subscribeResource(resource.uri);
      // Each of these tools begins at the first call, at once, and ends at the second.
      await call('toggle-subscriber-updates', {});
      await client.until((what) => what === resource.uri);
      await call('toggle-simulated-logging', {});
      await client.until((what) => what.includes('-level'));
      await call('toggle-subscriber-updates', {});
      await call('toggle-simulated-logging', {});
      await connection.unsubscribeResource(resource.uri);
    });

    it('gives a file of its session, and says that its list has changed', async () => {
      const data = `data:text/plain;base64,${Buffer.from('a'.repeat(1_000)).toString('base64')}`;
      const zipped = await call('gzip-file-as-resource', {
        name: 'a.txt.gz',
        data,
        outputType: 'resourceLink',
      });
      const [resource] = zipped.result.content;
      await client.until((what) => what === 'resources');
      const { contents } = await client.connection.readResource(String(resource?.['uri']));
      expect(gunzipSync(Buffer.from(contents[0]?.blob ?? '', 'base64')).toString()).toBe('a'.repeat(1_000));
    });

    whereOffered('tasks', 'runs its research as a task, asks in between, lists it, cancels it', async () => {
      const { connection } = client;
      const states: Task[] = [];
      const research = { topic: 'python', ambiguous: true };
      const outcome = await call('simulate-research-query', research, {
        onTask: (task) => states.push(task),
      });
      expect(textOf(outcome)).toContain('Research Report: python');
      expect(states.map(({ status }) => status)).toContain('input_required');
      const { taskId = '' } = states[0] ?? {};
      expect(textOf(await connection.resumeTask(taskId))).toContain('Research Report: python');
      expect((await connection.listTasks()).map((task) => task.taskId)).toContain(taskId);
      const abort = new AbortController();
      const topic = { topic: 'rust' };
      const options = { signal: abort.signal, onTask: () => abort.abort() };
      expect((await failureOf(call('simulate-research-query', topic, options))).code).toBe('cancelled');
      const isCancelled = async () =>
        (await connection.listTasks()).some(({ status }) => status === 'cancelled');
      while (!(await isCancelled()));
    });

    whereOffered('resumption', 'gives the rest of a stream that was cut', async () => {
      let wasCut = false;
      const outcome = await call(
        'trigger-long-running-operation',
        { duration: 0.3, steps: 3 },
        {
          onProgress: () => {
            if (!wasCut) link.cut();
            wasCut = true;
          },
        },
      );
      expect(textOf(outcome)).toContain('completed');
    });

    it('was used in all that it offers, every tool of it, and nothing was worth a warning', async () => {
      const { connection } = client;
      const info = await connection.connect();
      const tools = (await connection.listTools({ refresh: true })).map(({ name }) => name);
      await connection.disconnect();
      const hasTasks = offers.includes('tasks');
      const callable = tools.filter((name) => hasTasks || name !== 'simulate-research-query');
      expect([...called].sort()).toEqual(callable.sort());
      const used = featuresOn(client.trace).filter((one) => transport === 'sse' || one !== 'tools changed');
      expect(used).toEqual((Object.keys(FEATURES) as Feature[]).filter((one) => offers.includes(one)));
      const more = declared(info).filter((one) => !offers.includes(one as Feature));
      const tasks = hasTasks ? [] : ['tasks', 'list of tasks', 'cancelling tasks'];
      expect(more).toEqual([...(transport === 'sse' ? NEVER : TOO_EARLY), ...tasks]);
      expect(client.warnings().filter((one) => transport === 'sse' || !REPLAYED.test(one))).toEqual([]);
    });
  },
);
