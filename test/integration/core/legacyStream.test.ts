import { describe, expect, it } from 'vitest';
import { type Answer, event, httpAnswer } from '../../lab/answer.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, textOf } from './connectTo.ts';

const gets = ({ received }: Pick<Lab, 'received'>) =>
  received.filter(({ httpMethod }) => httpMethod === 'GET');

const CHANGED = { jsonrpc: '2.0' as const, method: 'notifications/tools/list_changed' };

/** A stream that each time brings the next of these bodies and ends; after the last it stays open. */
function streams(...bodies: readonly string[]): Answer {
  let nth = 0;
  return async ({ reply, hold }) => {
    const body = bodies[nth++];
    if (body !== undefined) return reply.write(reply.opening(), body, END);
    await reply.write(reply.opening(), ':\n\n');
    await hold();
    return reply.write(END);
  };
}

describe('the stream on which a legacy server speaks unasked', () => {
  it('is open from the handshake on, in the session, on a connection that carries no calls', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    for (let n = 0; n < 3; n++) await client.connection.callTool('say_hello', {});
    expect(gets(lab)).toHaveLength(1);
    expect(gets(lab)[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      'mcp-session-id': 'lab-session-1',
      'mcp-protocol-version': '2025-11-25',
    });
    expect(gets(lab)[0]?.headers['last-event-id']).toBeUndefined();
    const { socket } = gets(lab)[0] ?? {};
    expect(lab.received.filter((request) => request.socket === socket)).toHaveLength(1);
  });

  it('tells of changes, so that a list is asked for again', async () => {
    await using lab = await startLab({ era: 'legacy', changes: true });
    let changes = 0;
    const changed = Promise.withResolvers<void>();
    await using client = connectTo(
      lab.url,
      {},
      {
        onToolsChanged: () => {
          changes++;
          changed.resolve();
        },
      },
    );
    const before = await client.connection.listTools();
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.tools.delete('add');
    await lab.notify(CHANGED.method);
    await changed.promise;
    expect(await client.connection.listTools()).toHaveLength(before.length - 1);
    expect(changes).toBe(1);
    expect(client.trace.some(({ kind }) => kind === 'sse-event')).toBe(true);
  });

  it('may bring what the server asks, and progress of a call that has a stream of its own', async () => {
    const asked = { jsonrpc: '2.0' as const, id: 'q', method: 'elicitation/create' };
    const params = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
    let say: ((text: string) => Promise<void>) | undefined;
    await using lab = await startLab({
      era: 'legacy',
      on: ['GET'],
      mode: async ({ reply, hold }) => {
        await reply.write(reply.opening(), ':\n\n');
        say = (text) => reply.write(text);
        await hold();
      },
    });
    const progressed = Promise.withResolvers<number>();
    await using client = connectTo(
      lab.url,
      {},
      { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
    );
    await client.connection.connect();
    await lab.waitFor(({ counts }) => counts.held === 1);
    const call = client.connection.callTool(
      'gated',
      {},
      { onProgress: ({ progress }) => void (progress === 0.5 && progressed.resolve(progress)) },
    );
    await lab.waitFor(({ counts }) => counts.held === 2);
    const token = lab.received.at(-1)?.message?.params?._meta?.progressToken ?? '';
    const progress = { progressToken: token, progress: 0.5 };
    await say?.(event({ jsonrpc: '2.0', method: 'notifications/progress', params: progress }));
    await progressed.promise;
    await say?.(event({ ...asked, params }));
    await lab.waitFor(({ received }) => received.some(({ message }) => message?.id === 'q'));
    expect(lab.received.at(-1)?.message?.result).toEqual({ action: 'accept', content: { name: 'Ada' } });
    lab.release();
    expect(textOf(await call)).toBe('released');
    expect(client.warnings()).toEqual([]);
  });

  it('stops the time of a call while the user is asked on it', async () => {
    const params = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
    const user = Promise.withResolvers<void>();
    await using lab = await startLab({
      era: 'legacy',
      on: ['GET'],
      mode: async ({ reply, hold }) => {
        await reply.write(reply.opening(), ':\n\n');
        await lab.waitFor(({ counts }) => counts.calls.get('gated') === 1);
        await reply.write(event({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params }));
        await hold();
      },
    });
    await using client = connectTo(
      lab.url,
      { requestTimeout: 250 },
      {
        onElicit: async () => {
          setTimeout(user.resolve, 400);
          await user.promise;
          return { action: 'decline' };
        },
      },
    );
    const call = client.connection.callTool('gated', {});
    await user.promise;
    lab.release();
    expect(textOf(await call)).toBe('released');
  });

  it.each([404, 405, 501])('that a server has not, by %i, costs one request and no warning', async (code) => {
    await using lab = await startLab({ era: 'legacy', sessions: false, mode: httpAnswer(code), on: ['GET'] });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    await lab.waitFor(({ received }) => gets({ received }).length === 1);
    for (let n = 0; n < 5; n++) await client.connection.callTool('say_hello', {});
    expect(gets(lab)).toHaveLength(1);
    expect(client.warnings()).toEqual([]);
  });

  it('that is answered with something else is told once, and not asked for again', async () => {
    const page = httpAnswer(200, { type: 'text/html', body: '<h1>Hello</h1>' });
    await using lab = await startLab({ era: 'legacy', mode: page, on: ['GET'] });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    await lab.waitFor(({ received }) => gets({ received }).length === 1);
    for (let n = 0; n < 5; n++) await client.connection.callTool('say_hello', {});
    expect(gets(lab)).toHaveLength(1);
    expect(client.warnings()).toEqual([expect.stringContaining('text/html')]);
  });

  it('is taken up where it ended, after the time that the server names; what comes twice counts once', async () => {
    let changes = 0;
    const data = JSON.stringify(CHANGED);
    await using lab = await startLab({
      era: 'legacy',
      on: ['GET'],
      mode: streams(
        `retry: 150\nid: é1\ndata: ${data}\n\nid: 2\ndata: ${data}\n\n`,
        `id: 2\ndata: ${data}\n\nid: 3\ndata: ${data}\n\n`,
      ),
    });
    await using client = connectTo(lab.url, {}, { onToolsChanged: () => changes++ });
    await client.connection.connect();
    await lab.waitFor(({ received }) => gets({ received }).length === 1);
    const endedAt = performance.now();
    await lab.waitFor(({ received }) => gets({ received }).length === 2);
    expect(performance.now() - endedAt).toBeGreaterThan(140);
    expect(performance.now() - endedAt).toBeLessThan(600);
    await lab.waitFor(({ counts }) => counts.held === 1);
    expect(gets(lab).map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '3']);
    expect(changes).toBe(3);
    expect(client.warnings()).toEqual([]);
  });

  it('may bring the response of a call, though it should not', async () => {
    let say: ((text: string) => Promise<void>) | undefined;
    await using lab = await startLab({
      era: 'legacy',
      on: ['GET', 'tools/call'],
      mode: async (exchange) => {
        const { request, reply, hold, run } = exchange;
        if (request.httpMethod === 'GET') {
          say = (text) => reply.write(text);
          await reply.write(reply.opening(), ':\n\n');
          return hold();
        }
        const outcome = await run();
        await reply.write(reply.opening(), ':\n\n');
        if (outcome.kind === 'response') await say?.(event(outcome.response));
        return hold();
      },
    });
    await using client = connectTo(lab.url);
    const answered = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(answered.result.structuredContent).toEqual({ sum: 3 });
    expect(await answered.drained).toMatchObject({ outcome: 'held-open' });
    expect(client.warnings()).toEqual([]);
  });

  it('is open before the first call is sent: the server may have something to ask in it', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    const order = lab.received.map(({ httpMethod, message }) => message?.method ?? httpMethod);
    expect(order.indexOf('GET')).toBeLessThan(order.indexOf('tools/list'));
  });

  it('that a server does not answer keeps no call waiting for long', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'silence', on: ['GET'] });
    await using client = connectTo(lab.url);
    const startedAt = performance.now();
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('ends with the session, and the goodbye does not wait for it', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ counts }) => counts.streams === 1);
    const startedAt = performance.now();
    await client.connection.disconnect();
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(lab.received.at(-1)?.httpMethod).toBe('DELETE');
    await lab.waitFor(({ counts }) => counts.streams === 0 && counts.open === 0);
    expect(gets(lab)).toHaveLength(1);
  });

  it('of a session that the server lost is left alone, and opened anew in the next one', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ counts }) => counts.streams === 1);
    lab.sessions.forget();
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ received }) => gets({ received }).length === 2);
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ counts }) => counts.streams === 1);
    await lab.notify(CHANGED.method);
    await client.connection.callTool('say_hello', {});
    expect(lab.counts.streams, 'that of the lost session is still open').toBe(1);
    expect(gets(lab).map(({ headers }) => headers['mcp-session-id'])).toEqual([
      'lab-session-1',
      'lab-session-2',
    ]);
  });

  it('that meets a lost session with its own GET is not asked for again until there is a new one', async () => {
    await using lab = await startLab({ era: 'legacy', mode: streams('retry: 100\ndata: \n\n'), on: ['GET'] });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    await lab.waitFor(({ received }) => gets({ received }).length === 1);
    lab.sessions.forget();
    lab.use('prompt', []);
    await lab.waitFor(({ received }) => gets({ received }).length === 2);
    await client.connection.callTool('say_hello', {});
    await lab.waitFor(({ counts }) => counts.streams === 1);
    expect(gets(lab).map(({ headers }) => headers['mcp-session-id'])).toEqual([
      'lab-session-1',
      'lab-session-1',
      'lab-session-2',
    ]);
  });

  it('is asked of no modern server', async () => {
    await using lab = await startLab({ era: 'modern' });
    await using client = connectTo(lab.url);
    await client.connection.callTool('say_hello', {});
    expect(gets(lab)).toEqual([]);
  });
});
