import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { type Answer, httpAnswer, jsonAnswer } from '../../lab/answer.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { answerOf, sequence } from '../../lab/modes.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

const initializes = (lab: { received: readonly { message?: unknown }[] }) =>
  lab.received.filter(({ message }) => (message as { method?: string } | undefined)?.method === 'initialize')
    .length;

/** Session and cursor of each page of the resources that was asked for. */
const pages = ({ received }: Pick<Lab, 'received'>) =>
  received.flatMap(({ message, headers }) =>
    message?.method === 'resources/list' ? [[headers['mcp-session-id'], message.params?.['cursor']]] : [],
  );

describe('a session', () => {
  it('is named on every request after the handshake, and deleted at the end', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(
      lab.url,
      {},
      { onElicit: async () => ({ action: 'decline' }), roots: () => [] },
    );
    await client.connection.callTool('ask', {});
    await client.connection.rootsChanged();
    await client.connection.disconnect();
    expect(lab.received.at(-1)?.httpMethod).toBe('DELETE');
    expect(client.connection.state.kind).toBe('disconnected');
    const shaken = lab.received.findIndex(({ message }) => message?.method === 'initialize');
    const after = lab.received.slice(shaken + 1);
    // A request, a notification, an answer to the server, a GET, the DELETE.
    expect(after.length).toBeGreaterThanOrEqual(6);
    for (const { headers } of after)
      expect(headers).toMatchObject({
        'mcp-session-id': 'lab-session-1',
        'mcp-protocol-version': '2025-11-25',
      });
  });

  it('knows each request by an id of its own', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    const { connection } = client;
    await Promise.all([connection.listTools(), connection.listPrompts(), connection.listResources()]);
    for (let n = 0; n < 3; n++) await connection.callTool('say_hello', {});
    await connection.ping();
    const ids = lab.received.flatMap(({ message }) =>
      message?.method === undefined ? [] : (message.id ?? []),
    );
    expect(ids.length).toBeGreaterThan(8);
    expect(ids.every(Number.isSafeInteger)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('that the server lost is made anew, and the call made again: it is known not to have run', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.sessions.forget();
    const { result } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 4 });
    expect(lab.counts.calls.get('add')).toBe(2);
    const handshakes = lab.received.filter(({ message }) => message?.method === 'initialize');
    expect(handshakes.map(({ headers }) => headers['mcp-session-id'])).toEqual([undefined, undefined]);
  });

  it('that is lost between two pages of a list begins the list anew: its cursors mean nothing in the next one', async () => {
    await using lab = await startLab({ era: 'legacy', pageSize: 2 });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    lab.use(sequence('prompt', 'session-lost', 'prompt'), ['resources/list']);
    expect(await client.connection.listResources()).toHaveLength(3);
    expect(pages(lab)).toEqual([
      ['lab-session-1', undefined],
      ['lab-session-1', 'after-2'],
      ['lab-session-2', undefined],
      ['lab-session-2', 'after-2'],
    ]);
  });

  it('that another request found lost takes the cursors of the list with it that is on its way', async () => {
    await using lab = await startLab({ era: 'legacy', pageSize: 2 });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const late: Answer = async (exchange) => {
      const { message } = exchange.request;
      await exchange.hold();
      if (message?.method === 'initialize') return answerOf('prompt')(exchange);
      const result = { resources: [{ uri: 'lab://old', name: 'old' }], nextCursor: 'of the old session' };
      return jsonAnswer(200, { jsonrpc: '2.0', id: message?.id, result })(exchange);
    };
    lab.use(sequence(late, late, 'prompt'), ['resources/list', 'initialize']);
    const listed = client.connection.listResources();
    await lab.waitFor(({ counts }) => counts.held === 1);
    lab.sessions.forget();
    const found = client.connection.ping();
    await lab.waitFor(({ counts }) => counts.held === 2);
    lab.release();
    await found;
    expect(await listed).toHaveLength(3);
    expect(pages(lab)).toEqual([
      ['lab-session-1', undefined],
      ['lab-session-2', undefined],
      ['lab-session-2', 'after-2'],
    ]);
  });

  it('that many calls find lost at once is made anew once for all', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.sessions.forget();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => client.connection.callTool('add', { a: n, b: 1 })),
    );
    expect(lab.counts.calls.get('add')).toBe(21);
    expect(initializes(lab)).toBe(2);
  });

  it('that is being made anew is waited for by calls that come meanwhile', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.sessions.forget();
    lab.use('slow-headers', ['initialize']);
    const found = client.connection.callTool('add', { a: 2, b: 2 });
    await lab.waitFor(({ counts }) => counts.held === 1);
    const meanwhile = client.connection.callTool('add', { a: 3, b: 3 });
    lab.release();
    expect((await found).result.structuredContent).toEqual({ sum: 4 });
    expect((await meanwhile).result.structuredContent).toEqual({ sum: 6 });
    expect(lab.counts.calls.get('add')).toBe(3);
  });

  it('that the server lost while a call is under way leaves that call alone, and serves the next one anew', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    const underWay = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
    lab.sessions.forget();
    await client.connection.callTool('add', { a: 1, b: 1 });
    expect(lab.sessions.ids).toEqual(['lab-session-2']);
    lab.release();
    expect(textOf(await underWay)).not.toBe('');
    expect(lab.counts.calls.get('gated')).toBe(1);
  });

  it.each([
    ['that says nothing of where it ended', ': begun\n\n'],
    ['that could be taken up', 'id: 1\nretry: 0\ndata: \n\n'],
  ])(
    'that the server lost with the stream of a call, one %s, fails that call as not known, once',
    async (_, begun) => {
      await using lab = await startLab({
        era: 'legacy',
        mode: async ({ reply, run }) => {
          await run();
          lab.sessions.forget();
          await reply.write(reply.opening(), begun, END);
        },
      });
      await using client = connectTo(lab.url);
      expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
        code: 'stream-ended',
        delivery: 'unknown',
      });
      expect(lab.counts.calls.get('say_hello')).toBe(1);
      lab.use('prompt', []);
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(lab.sessions.ids).toEqual(['lab-session-2']);
    },
  );

  it.each([405, 404, 500])(
    'whose end the server refuses with %i ends all the same, without a word',
    async (code) => {
      await using lab = await startLab({ era: 'legacy', mode: httpAnswer(code), on: ['DELETE'] });
      await using client = connectTo(lab.url);
      await client.connection.connect();
      await client.connection.disconnect();
      expect(lab.received.filter(({ httpMethod }) => httpMethod === 'DELETE')).toHaveLength(1);
      expect(client.warnings()).toEqual([]);
      await lab.waitFor(({ counts }) => counts.open === 0);
      // And the next one is a new one.
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(lab.received.at(-1)?.headers['mcp-session-id']).toBe('lab-session-2');
    },
  );

  it('whose end the server does not answer is not waited for', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'silence', on: ['DELETE'] });
    const hasty: Clock = {
      ...systemClock,
      schedule: (ms, task) => systemClock.schedule(ms === 1_000 ? 0 : ms, task),
    };
    await using client = connectTo(lab.url, {}, {}, hasty);
    await client.connection.connect();
    await client.connection.disconnect();
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it('that could not be made anew is made at the next call: a restart takes a moment', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('add', { a: 1, b: 1 });
    lab.sessions.forget();
    lab.use('503', ['initialize']);
    expect(await failureOf(client.connection.callTool('add', { a: 2, b: 2 }))).toMatchObject({
      delivery: 'answered',
    });
    lab.use('prompt', []);
    expect((await client.connection.callTool('add', { a: 3, b: 3 })).result.structuredContent).toEqual({
      sum: 6,
    });
    expect(lab.counts.calls.get('add')).toBe(2);
  });

  it('that the server does not keep is not asked for', async () => {
    await using lab = await startLab({ era: 'legacy', sessions: false });
    await using client = connectTo(lab.url);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    await client.connection.disconnect();
    expect(lab.received.some(({ httpMethod }) => httpMethod === 'DELETE')).toBe(false);
  });
});

describe('what a server asks in the middle of a call', () => {
  it('is answered also where the call has the only connection that the cap allows', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(
      lab.url,
      { pool: { ...DEFAULT_POOL, maxConnections: 1 } },
      { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
    );
    expect(textOf(await client.connection.callTool('ask', {}))).toContain('Ada');
  });

  it('is not answered in another session, where its id may be that of another question', async () => {
    await using lab = await startLab({ era: 'legacy' });
    const asked = Promise.withResolvers<void>();
    const user = Promise.withResolvers<{ action: 'decline' }>();
    await using client = connectTo(
      lab.url,
      {},
      {
        onElicit: () => {
          asked.resolve();
          return user.promise;
        },
      },
    );
    const asking = client.connection.callTool('ask', {}).catch(() => undefined);
    await asked.promise;
    lab.sessions.forget();
    await client.connection.callTool('say_hello', {});
    expect(lab.sessions.ids).toEqual(['lab-session-2']);
    user.resolve({ action: 'decline' });
    await client.connection.ping();
    expect(lab.received.filter(({ message }) => message?.result !== undefined)).toEqual([]);
    expect(client.warnings().at(-1)).toContain('the session of that request is over');
    await client.connection.disconnect();
    await asking;
  });

  it('and a cancellation reach it while calls wait for a place', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, { pool: { ...DEFAULT_POOL, maxConnections: 1 } });
    await client.connection.listTools();
    const abort = new AbortController();
    const gated = client.connection.callTool('gated', {}, { signal: abort.signal });
    const waiting = client.connection.callTool('say_hello', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    await gated.catch(() => undefined);
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    expect(textOf(await waiting)).toBe('Hello, world!');
  });
});
