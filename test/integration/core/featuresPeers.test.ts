import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerCallbacks } from '../../../src/core/connections/serverCallbacks.ts';
import type { Task } from '../../../src/core/mcp/mcpTypes.ts';
import { startEverything } from '../peers/everything.ts';
import type { Peer } from '../peers/peer.ts';
import { startSdk1Offers } from '../peers/sdk1Offers.ts';
import { startSdk2Offers } from '../peers/sdk2Offers.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const ROOTS = [{ uri: 'file:///home/ada/project', name: 'project' }];
const PARIS = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'test' } as const;

/** A client that can do all that a server may ask, and notes what it is told. */
function ableClient(url: string) {
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string) => {
    told.push(what);
    for (const look of waiting) look();
  };
  const callbacks: Partial<ServerCallbacks> = {
    onElicit: async ({ mode }) =>
      mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { name: 'Ada' } },
    onSample: async () => PARIS,
    sampleTools: true,
    roots: () => ROOTS,
    onToolsChanged: () => tell('tools'),
    onPromptsChanged: () => tell('prompts'),
    onResourcesChanged: () => tell('resources'),
    onResourceUpdated: (uri) => tell(uri),
    onLog: ({ level, data }) => tell(`${level} ${JSON.stringify(data)}`),
  };
  const until = (is: (what: string) => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (told.some(is)) resolve();
      };
      waiting.add(look);
      look();
    });
  return { ...connectTo(url, {}, callbacks), told, until };
}

describe.each([
  ['1.x', startSdk1Offers, 'legacy'],
  ['2.x', startSdk2Offers, 'modern'],
] as const)('a server on the SDK %s', (_, start, era) => {
  let peer: Awaited<ReturnType<typeof start>>;
  let client: ReturnType<typeof ableClient>;
  beforeAll(async () => {
    peer = await start();
    client = ableClient(peer.url);
  });
  afterAll(async () => {
    await client.connection.close();
    await peer.close();
    expect(client.warnings()).toEqual([]);
  });

  it('gives its resources, prompts and completions', async () => {
    const { connection } = client;
    expect((await connection.connect()).era).toBe(era);
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

  it('asks a model and for the roots', async () => {
    const outcome = await client.connection.callTool('ask-all', {});
    expect(JSON.parse(textOf(outcome))).toEqual({ content: PARIS.content, roots: ROOTS });
  });

  it('logs as loudly as it is asked to', async () => {
    await client.connection.setLogLevel('warning');
    await client.connection.callTool('chatty', {});
    await client.until((what) => what === 'error "oh"');
  });

  it('is told which resource matters, and tells of it', async () => {
    await client.connection.subscribeResource('peer://text');
    if ('notify' in peer) {
      await client.connection.listTools();
      peer.notify.resourceUpdated('peer://text');
      await client.until((what) => what === 'peer://text');
      peer.notify.promptsChanged();
      await client.until((what) => what === 'prompts');
    } else expect([...peer.subscribed]).toEqual(['peer://text']);
    await client.connection.unsubscribeResource('peer://text');
    if ('subscribed' in peer) expect(peer.subscribed.size).toBe(0);
  });
});

describe('server-everything', () => {
  let peer: Peer;
  let client: ReturnType<typeof ableClient>;
  beforeAll(async () => {
    peer = await startEverything();
    client = ableClient(peer.url);
  });
  afterAll(async () => {
    await client.connection.close();
    await peer.close();
    expect(client.warnings()).toEqual([]);
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
    const withResource = await connection.getPrompt('resource-prompt', {
      resourceType: 'Text',
      resourceId: '1',
    });
    expect(withResource.messages.map(({ content }) => content.type)).toContain('resource');
    const ref = { type: 'ref/prompt', name: 'completable-prompt' } as const;
    const name = { name: 'name', value: '' };
    expect((await connection.complete({ ref, argument: name })).values).toEqual([]);
    const context = { department: 'Sales' };
    expect((await connection.complete({ ref, argument: name, context })).values).toEqual([
      'David',
      'Eve',
      'Frank',
    ]);
    const template = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' } as const;
    const id = { name: 'resourceId', value: '7' };
    expect((await connection.complete({ ref: template, argument: id })).values).toEqual(['7']);
  });

  it('samples, asks for the roots, and sends the user to another place', async () => {
    const { connection } = client;
    const sampled = await connection.callTool('trigger-sampling-request', {
      prompt: 'Capital?',
      maxTokens: 9,
    });
    expect(textOf(sampled)).toContain('Paris');
    await connection.rootsChanged();
    const opened = await connection.callTool('trigger-url-elicitation', { url: 'https://example.com/a' });
    expect(textOf(opened)).toContain('https://example.com/a');
    // It never says that the user is done: the call ends, and the next one goes through.
    const again = { url: 'https://example.com/b', errorPath: true };
    const failed = connection.callTool('trigger-url-elicitation', again, { timeout: 100 });
    expect(await failureOf(failed)).toMatchObject({ code: 'input-required-failed' });
    expect(textOf(await connection.callTool('trigger-url-elicitation', again))).toContain('/b');
  });

  it('takes a subscription, a log level, and gives both up', async () => {
    const { connection } = client;
    const [resource] = await connection.listResources();
    if (resource === undefined) throw new Error('it lists no resources');
    await connection.setLogLevel('debug');
    await connection.subscribeResource(resource.uri);
    // Each of these tools begins at the first call, at once, and ends at the second.
    await connection.callTool('toggle-subscriber-updates', {});
    await client.until((what) => what === resource.uri);
    await connection.callTool('toggle-simulated-logging', {});
    await client.until((what) => what.includes('-level'));
    await connection.callTool('toggle-subscriber-updates', {});
    await connection.callTool('toggle-simulated-logging', {});
    await connection.unsubscribeResource(resource.uri);
  });

  it('gives roots, annotations, links, references and a file of its session', async () => {
    const { connection } = client;
    const roots = await connection.callTool('get-roots-list', {});
    expect(textOf(roots)).toContain('file:///home/ada/project');
    const annotated = await connection.callTool('get-annotated-message', { messageType: 'error' });
    expect(annotated.result.content[0]).toHaveProperty('annotations.priority', 1);
    const links = await connection.callTool('get-resource-links', { count: 3 });
    expect(links.result.content.filter(({ type }) => type === 'resource_link')).toHaveLength(3);
    const reference = await connection.callTool('get-resource-reference', {
      resourceType: 'Text',
      resourceId: 1,
    });
    expect(reference.result.content.map(({ type }) => type)).toContain('resource');
    const data = `data:text/plain;base64,${Buffer.from('a'.repeat(1_000)).toString('base64')}`;
    const zipped = await connection.callTool('gzip-file-as-resource', {
      name: 'a.txt.gz',
      data,
      outputType: 'resourceLink',
    });
    const [link] = zipped.result.content;
    // It made a resource of it, and says that its list has changed.
    await client.until((what) => what === 'resources');
    const { contents } = await connection.readResource(String(link?.['uri']));
    expect(gunzipSync(Buffer.from(contents[0]?.blob ?? '', 'base64')).toString()).toBe('a'.repeat(1_000));
  });

  it('runs its research as a task, asks in between, and is cancelled with the call', async () => {
    const { connection } = client;
    const states: Task[] = [];
    const outcome = await connection.callTool(
      'simulate-research-query',
      { topic: 'python', ambiguous: true },
      { onTask: (task) => states.push(task) },
    );
    expect(textOf(outcome)).toContain('Research Report: python');
    expect(states.map(({ status }) => status)).toContain('input_required');
    const abort = new AbortController();
    const cancelled = connection.callTool(
      'simulate-research-query',
      { topic: 'rust' },
      { signal: abort.signal, onTask: () => abort.abort() },
    );
    expect(await failureOf(cancelled)).toMatchObject({ code: 'cancelled' });
  });
});
