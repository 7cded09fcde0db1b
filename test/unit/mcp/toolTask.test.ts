import { describe, expect, it } from 'vitest';
import { SluiceError, type SluiceErrorCode } from '../../../src/core/errors.ts';
import { LATEST_LEGACY, LATEST_MODERN, type Revision } from '../../../src/core/mcp/protocolVersion.ts';
import type { Requests } from '../../../src/core/mcp/requests.ts';
import type { RpcAnswer } from '../../../src/core/mcp/rpc.ts';
import { ToolTask } from '../../../src/core/mcp/toolTask.ts';
import { CallLog } from '../../../src/core/transport/callLog.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';

const working = { taskId: 't', status: 'working', pollIntervalMs: 60_000 } as const;

/** Follows a task whose polls the test answers, over time that moves by itself. */
function follow(
  poll: (nth: number, method: string, tell: (status: string) => void) => object,
  revision: Revision = LATEST_MODERN,
) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const polledAt: number[] = [];
  let tell: (status: string) => void = () => undefined;
  const requests = {
    revision,
    info: { capabilities: {} },
    onNotification: (method: string, listener: (told: object) => void) => {
      if (method.endsWith('/status')) tell = (status) => listener({ params: { taskId: 't', status } });
      return () => undefined;
    },
    warn() {},
    send: async (method: string) => {
      asked.push(method);
      polledAt.push(clock.now());
      return { result: poll(asked.length, method, tell), reply: {}, asked: false };
    },
  } as unknown as Requests;
  const created = { result: working, reply: { message: { id: 1 } }, asked: false } as unknown as RpcAnswer;
  const task = new ToolTask(requests, clock, 't', { call: new CallLog() });
  return { clock, asked, polledAt, ended: clock.runUntil(task.finish(working, created)) };
}

describe('a task', () => {
  it('is followed for a day, and then cancelled', async () => {
    const { clock, asked, ended } = follow(() => working);
    await expect(ended).rejects.toMatchObject({
      code: 'task-failed',
      message: expect.stringContaining('24 hours'),
    });
    expect(clock.now()).toBeGreaterThan(86_400_000);
    expect(clock.now()).toBeLessThanOrEqual(86_400_000 + 60_000);
    expect(asked.at(-1)).toBe('tasks/cancel');
  });

  it.each<[SluiceErrorCode, 'not-sent' | 'unknown' | 'answered']>([
    ['dns-failed', 'not-sent'],
    ['connect-refused', 'not-sent'],
    ['connect-timeout', 'unknown'],
    ['connect-failed', 'unknown'],
    ['tls-failed', 'not-sent'],
    ['proxy-failed', 'not-sent'],
    ['proxy-auth', 'not-sent'],
    ['queue-timeout', 'not-sent'],
    ['queue-full', 'not-sent'],
    ['connection-lost', 'unknown'],
    ['stream-ended', 'unknown'],
    ['request-timeout', 'unknown'],
    ['http-status', 'unknown'],
    ['rate-limited', 'answered'],
  ])('outlives three polls that end with %s, and no fourth', async (code, delivery) => {
    const lost = () => {
      throw new SluiceError(code, 'lost', { delivery });
    };
    const done = { taskId: 't', status: 'completed', result: { content: [] } };
    const outlived = follow((nth) => (nth <= 3 ? lost() : done));
    expect((await outlived.ended).result).toEqual({ content: [] });
    const given = follow(lost);
    await expect(given.ended).rejects.toMatchObject({ code });
    expect(given.asked).toEqual(Array.from({ length: 4 }, () => 'tasks/get'));
  });

  it.each<[SluiceErrorCode, 'unknown' | 'answered']>([
    ['cancelled', 'unknown'],
    ['closed', 'unknown'],
    ['jsonrpc-error', 'answered'],
    ['unauthorized', 'answered'],
    ['not-mcp', 'answered'],
  ])('ends with a poll that ends with %s', async (code, delivery) => {
    const { asked, ended } = follow(() => {
      throw new SluiceError(code, 'over', { delivery });
    });
    await expect(ended).rejects.toMatchObject({ code });
    expect(asked).toEqual(['tasks/get']);
  });

  const lost = () => {
    throw new SluiceError('connection-lost', 'lost', { delivery: 'unknown' });
  };

  it('is followed on where polls are lost again and again, and never four in a row', async () => {
    const done = { taskId: 't', status: 'completed', result: { content: [] } };
    const { ended } = follow((nth) => (nth === 41 ? done : nth % 4 === 0 ? working : lost()));
    expect((await ended).result).toEqual({ content: [] });
  });

  it('of which the server tells untruths again and again is asked about ever more seldom', async () => {
    const done = { taskId: 't', status: 'completed', result: { content: [] } };
    const { ended, polledAt } = follow((nth, _, tell) => {
      tell('completed');
      return nth === 12 ? done : working;
    });
    await ended;
    const pauses = polledAt.slice(1).map((at, n) => at - (polledAt[n] ?? 0));
    // Every minute is what it asked for.
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000]);
  });

  it('may lose the stream on which it asks as often as the user takes', async () => {
    const result = { content: [] };
    const asks = { taskId: 't', status: 'input_required', pollInterval: 100 };
    let streams = 0;
    const { ended } = follow(
      (_, method) => (method === 'tasks/get' ? asks : ++streams < 10 ? lost() : result),
      LATEST_LEGACY,
    );
    // The first state is that of a working task: the question comes with the first poll.
    expect((await ended).result).toEqual(result);
  });
});
