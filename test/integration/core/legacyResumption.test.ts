import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { type Answer, event, httpAnswer, inEventStream } from '../../lab/answer.ts';
import type { Response } from '../../lab/jsonrpc.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { resumable } from '../../lab/modes/sessions.ts';
import { END } from '../../lab/reply.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

/** GETs that take something up again. */
const resumed = ({ received }: Pick<Lab, 'received'>) =>
  received.flatMap(({ httpMethod, headers }) =>
    httpMethod === 'GET' && headers['last-event-id'] !== undefined ? [headers['last-event-id']] : [],
  );

/** The answer to a call breaks off after `first`; the GETs that take it up are answered with one of `then` each. */
function brokenOff(
  first: string | (() => string),
  ...then: readonly ((response: Response) => Answer)[]
): Answer {
  let response: Response | undefined;
  let nth = 0;
  return async (exchange) => {
    const { request, reply } = exchange;
    if (request.httpMethod === 'GET') {
      if (request.headers['last-event-id'] === undefined) return httpAnswer(405)(exchange);
      const next = then[Math.min(nth++, then.length - 1)];
      if (response === undefined || next === undefined) throw new Error('nothing to take up');
      return next(response)(exchange);
    }
    return inEventStream((answer) => {
      response = answer;
      return reply.write(reply.opening(), typeof first === 'string' ? first : first(), END);
    })(exchange);
  };
}

/** An event stream with this in it, which ends. */
const body =
  (text: (response: Response) => string) =>
  (response: Response): Answer =>
  ({ reply }) =>
    reply.write(reply.opening(), text(response), END);

const whole = body((response) => `id: last\n${event(response)}`);
const ON = ['tools/call', 'GET'];
describe('a call whose stream ends before the response', () => {
  it('after an event with an id, is answered on the stream of a GET, after the time that the server names', async () => {
    await using lab = await startLab({ era: 'legacy', mode: resumable({ retryMs: 500 }) });
    await using client = connectTo(lab.url);
    await client.connection.listTools();
    const call = client.connection.callTool('add', { a: 1, b: 2 });
    await lab.waitFor(({ counts }) => counts.calls.get('add') === 1);
    const ranAt = performance.now();
    const { result, timing, drained } = await call;
    expect(performance.now() - ranAt).toBeGreaterThan(480);
    expect(performance.now() - ranAt).toBeLessThan(700);
    expect(result.structuredContent).toEqual({ sum: 3 });
    expect(lab.counts.calls.get('add')).toBe(1);
    expect(resumed(lab)).toHaveLength(1);
    expect(timing.response).toBeGreaterThan(480);
    expect(timing.total).toBeCloseTo(
      timing.queued + timing.connect + timing.sent + timing.headers + timing.firstEvent + timing.response,
      3,
    );
    expect(await drained).toMatchObject({ outcome: 'reused', bytes: 0 });
    expect(client.warnings()).toEqual([]);
  });

  it('as often as it takes; progress comes on, and what comes twice counts once', async () => {
    const progress = (value: number) => {
      const { message } = lab.received.find((one) => one.message?.method === 'tools/call') ?? {};
      const params = { progressToken: message?.params?._meta?.progressToken, progress: value };
      return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params });
    };
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff(
        () => `retry: 10\nid: a\ndata: ${progress(1)}\n\nid: b\ndata: ${progress(2)}\n\n`,
        body(() => `id: b\ndata: ${progress(2)}\n\nid: c\ndata: ${progress(3)}\n\n`),
        body(() => ''),
        whole,
      ),
    });
    await using client = connectTo(lab.url);
    const seen: number[] = [];
    const { result } = await client.connection.callTool(
      'add',
      { a: 1, b: 2 },
      { onProgress: (one) => seen.push(one.progress) },
    );
    expect(result.structuredContent).toEqual({ sum: 3 });
    expect(seen).toEqual([1, 2, 3]);
    expect(resumed(lab)).toEqual(['b', 'c', 'c']);
    expect(lab.counts.calls.get('add')).toBe(1);
  });

  it('because its connection was lost, is taken up too', async () => {
    let response: Response | undefined;
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: async (exchange) => {
        const { request, reply } = exchange;
        if (request.httpMethod === 'GET')
          return response === undefined ? httpAnswer(405)(exchange) : whole(response)(exchange);
        return inEventStream(async (answer) => {
          response = answer;
          await reply.write(reply.opening(), 'retry: 10\nid: x\ndata: \n\n');
          reply.hangUp();
        })(exchange);
      },
    });
    await using client = connectTo(lab.url);
    const { result } = await client.connection.callTool('add', { a: 2, b: 2 });
    expect(result.structuredContent).toEqual({ sum: 4 });
    expect(resumed(lab)).toEqual(['x']);
    expect(lab.counts.calls.get('add')).toBe(1);
  });

  it('and is asked something on the stream that goes on, answers', async () => {
    const params = { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } };
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff('retry: 10\nid: a\ndata: \n\n', (response) => async ({ reply }) => {
        await reply.write(
          reply.opening(),
          event({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params }),
        );
        await lab.waitFor(({ received }) => received.some(({ message }) => message?.id === 'q'));
        await reply.write(event(response), END);
      }),
    });
    await using client = connectTo(lab.url, {}, { onElicit: async () => ({ action: 'decline' }) });
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  });

  it('is tried again while the server is away, within the time of the call', async () => {
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff(
        'retry: 10\nid: a\ndata: \n\n',
        () => httpAnswer(503),
        () => httpAnswer(502),
        whole,
      ),
    });
    await using client = connectTo(lab.url);
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(resumed(lab)).toEqual(['a', 'a', 'a']);
  });

  it('fails where the server does not know the rest; it is not called again', async () => {
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff('retry: 10\nid: a\ndata: \n\n', () => httpAnswer(404)),
    });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'stream-ended',
      delivery: 'unknown',
    });
    expect(resumed(lab)).toEqual(['a']);
    expect(lab.counts.calls.get('say_hello')).toBe(1);
  });

  it('fails by its time-out, and no GET follows', async () => {
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff(
        'retry: 20\nid: a\ndata: \n\n',
        body(() => 'id: b\ndata: \n\n'),
      ),
    });
    await using client = connectTo(lab.url);
    await client.connection.connect();
    const error = await failureOf(client.connection.callTool('say_hello', {}, { timeout: 350 }));
    expect(error.code).toBe('request-timeout');
    const before = resumed(lab).length;
    // The first is prompt, the others are a tenth of a second apart, whatever the server wants.
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThanOrEqual(4);
    await lab.waitFor(({ received }) =>
      received.some(({ message }) => message?.method === 'notifications/cancelled'),
    );
    await client.connection.callTool('say_hello', {}, { timeout: 150 }).catch(() => undefined);
  });

  it('is cancelled while it waits: the server is told, and no GET follows', async () => {
    await using lab = await startLab({
      era: 'legacy',
      on: ON,
      mode: brokenOff('retry: 60000\nid: a\ndata: \n\n', whole),
    });
    const waits = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      schedule(ms, task) {
        if (ms === 60_000) waits.add(task);
        const cancel = systemClock.schedule(ms, task);
        return () => {
          waits.delete(task);
          cancel();
        };
      },
    };
    await using client = connectTo(lab.url, { pool: { ...DEFAULT_POOL, idleTimeout: 50_000 } }, {}, clock);
    const abort = new AbortController();
    const call = client.connection.callTool('say_hello', {}, { signal: abort.signal });
    await client.until(({ pool }) => pool.idle === 1 && lab.counts.calls.get('say_hello') === 1);
    expect(waits.size).toBe(1);
    abort.abort();
    expect((await failureOf(call)).code).toBe('cancelled');
    expect(waits.size, 'it still waits to ask for the rest').toBe(0);
    await lab.waitFor(({ received }) =>
      received.some(({ message }) => message?.method === 'notifications/cancelled'),
    );
    expect(resumed(lab)).toEqual([]);
  });

  it.each([
    ['without an id', 'legacy', 'data: \n\n'],
    ['whose id was taken back', 'legacy', 'id: a\ndata: \n\nid\ndata: \n\n'],
    ['whose id no header can carry', 'legacy', 'id: a\u0001b\ndata: \n\n'],
    ['of a modern server', 'modern', 'id: a\ndata: \n\n'],
  ] as const)('after an event %s, fails', async (_, era, first) => {
    await using lab = await startLab({ era, on: ON, mode: brokenOff(`retry: 10\n${first}`, whole) });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'stream-ended',
      delivery: 'unknown',
    });
    expect(resumed(lab)).toEqual([]);
  });
});
