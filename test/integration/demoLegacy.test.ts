import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { DemoPeer, FORM_CAPABILITY, firstText } from './demoPeer.ts';

describe('the demo server in the legacy era', () => {
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

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])(
    'shakes hands in revision %s and says hello',
    async (revision) => {
      const session = await peer.openSession(revision);
      expect(session.protocolVersion).toBe(revision);
      const answer = await session.call('say_hello');
      expect(answer.headers['content-type']).toBe('text/event-stream');
      const messages = await answer.all();
      expect(messages.map(firstText)).toEqual(['Hello, world!']);
      expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, liveSessions: 1 });
    },
  );

  it('offers its newest legacy revision to a client that asks for one it does not speak', async () => {
    expect((await peer.openSession('2024-11-05')).protocolVersion).toBe('2025-11-25');
  });

  it('serves both eras on one URL, side by side', async () => {
    const session = await peer.openSession();
    const texts = await Promise.all(
      [session.call('echo', { message: 'old' }), peer.call('echo', { message: 'new' })].map(async (answer) =>
        firstText(await (await answer).response()),
      ),
    );
    expect(texts).toEqual(['{\n  "message": "old"\n}', '{\n  "message": "new"\n}']);
  });

  it('wants the handshake first, and says so', async () => {
    const answer = await peer.post({ id: 1, method: 'tools/list' });
    expect(answer.status).toBe(400);
    expect((await answer.response()).error?.message).toContain('initialize');
  });

  it('does not know a session that it did not open', async () => {
    const answer = await peer.post({ id: 1, method: 'tools/list' }, { 'mcp-session-id': 'invented' });
    expect(answer.status).toBe(404);
    await answer.text();
  });

  it('ends a session, and its stream for messages, on DELETE', async () => {
    const session = await peer.openSession();
    const stream = await session.send('GET', { accept: 'text/event-stream' });
    expect(stream.status).toBe(200);
    expect(demo.stats()).toMatchObject({ openStreams: 1, liveSessions: 1 });

    expect((await session.send('DELETE')).status).toBe(200);
    expect(await stream.all()).toEqual([]);
    expect(demo.stats()).toMatchObject({ openStreams: 0, liveSessions: 0 });
    expect((await session.call('say_hello')).status).toBe(404);
  });

  it('keeps 64 sessions and ends the one that was used least recently', async () => {
    const first = await peer.openSession();
    const second = await peer.openSession();
    for (let opened = 2; opened < 64; opened += 1) await peer.openSession();
    await (await first.call('say_hello')).response();
    expect(demo.stats().liveSessions).toBe(64);

    await peer.openSession();
    expect(demo.stats().liveSessions).toBe(64);
    expect((await second.call('say_hello')).status).toBe(404);
    expect((await first.call('say_hello')).status).toBe(200);
  });

  it('reports progress on the stream of the call', async () => {
    const session = await peer.openSession();
    const answer = await session.call('slow', { seconds: 0.02, steps: 2 }, { progressToken: 7 });
    const progress = (await answer.all()).map((message) => message.params?.progress);
    expect(progress).toEqual([0, 1, 2, undefined]);
  });

  it('stops slow on notifications/cancelled, sends no response and keeps nothing', async () => {
    const session = await peer.openSession();
    const answer = await session.call('slow', { seconds: 120 }, { progressToken: 7 });
    const messages = answer.messages();
    await messages.next();
    expect(demo.stats()).toMatchObject({ openStreams: 1, routingEntries: 1, runningCalls: 1 });

    const params = { requestId: 1, reason: 'changed my mind' };
    const accepted = await session.post({ method: 'notifications/cancelled', params });
    expect(accepted.status).toBe(202);
    await accepted.text();
    expect(await messages.next()).toEqual({ done: true, value: undefined });
    expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, runningCalls: 0 });
  });

  it('does not mind a cancellation that comes too late or names nothing', async () => {
    const session = await peer.openSession();
    await (await session.call('say_hello')).response();
    for (const params of [{ requestId: 1 }, { requestId: 'never-sent' }, {}]) {
      const answer = await session.post({ method: 'notifications/cancelled', params });
      expect(answer.status).toBe(202);
      await answer.text();
    }
    expect(firstText(await (await session.call('say_hello')).response())).toBe('Hello, world!');
  });

  it('works on for a client that lost its connection, as the revision asks, until it is cancelled', async () => {
    const session = await peer.openSession();
    const answer = await session.call('slow', { seconds: 120 }, { progressToken: 7 });
    await answer.messages().next();
    answer.hangUp();
    await vi.waitFor(() => expect(demo.stats().openStreams).toBe(0));
    expect(demo.stats()).toMatchObject({ routingEntries: 1, runningCalls: 1 });

    await session.post({ method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(demo.stats()).toMatchObject({ routingEntries: 0, runningCalls: 0 });
  });

  it('fails as a JSON-RPC error when told to', async () => {
    const session = await peer.openSession();
    const { error } = await (await session.call('fail', { as: 'error' })).response();
    expect(error?.code).toBe(-32603);
  });

  describe('ask', () => {
    it.each([
      [
        { action: 'accept', content: { name: 'Ada', colour: 'red' } },
        'Hello, Ada! red it is. No postcard, then.',
      ],
      [{ action: 'decline' }, 'You would rather not say. That is fine.'],
      [{ action: 'cancel' }, 'You closed the form. Call again whenever you like.'],
    ])('asks with elicitation/create on the stream of the call: %j', async (result, text) => {
      const session = await peer.openSession('2025-11-25', FORM_CAPABILITY);
      const messages = (await session.call('ask')).messages();
      const { value: asked } = await messages.next();
      expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'Who are you?' } });

      const accepted = await session.post({ id: asked?.id, result });
      expect(accepted.status).toBe(202);
      await accepted.text();
      const { value: answered } = await messages.next();
      expect(firstText(answered ?? {})).toBe(text);
      expect(await messages.next()).toEqual({ done: true, value: undefined });
      expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, runningCalls: 0 });
    });

    it('explains itself to a client that cannot show a form', async () => {
      const session = await peer.openSession();
      const answered = await (await session.call('ask')).response();
      expect(answered.result).toMatchObject({ isError: true });
      expect(firstText(answered)).toContain('did not declare the required capability');
    });
  });
});
