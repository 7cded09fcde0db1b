import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { DemoPeer } from './demoPeer.ts';

const CALLS = 50_000; // in each era
const WARM_UP = 20_000; // until then the heap still shrinks, as what only the start needed is freed
const CONCURRENCY = 16;
const CANCEL_EVERY = 100;
/** What a call may leave on the heap, in bytes: less than any entry of a map takes. */
const BYTES_PER_CALL = 25;

const calls = [
  ['say_hello', {}],
  ['add', { a: 1, b: 2 }],
  ['echo', { message: 'again', details: { depth: 1 } }],
  ['fail', {}],
  ['fail', { as: 'error' }],
] as const;

describe('100,000 calls, one in a hundred of them cancelled, leave nothing behind', () => {
  let demo: DemoServer;
  let peer: DemoPeer;

  beforeAll(async () => {
    demo = await startDemoServer();
    peer = new DemoPeer(demo.url, 2 * CONCURRENCY); // a cancellation needs a connection of its own
  });

  afterAll(async () => {
    peer.close();
    await demo.close();
  });

  it('in the modern era', async () => {
    await proveFlat(async (index) => {
      if (index % CANCEL_EVERY > 0) {
        const [name, args] = calls[index % calls.length] ?? calls[0];
        await (await peer.call(name, args)).text();
        return;
      }
      const answer = await peer.call('slow', { seconds: 120 }, { meta: { progressToken: 1 } });
      await answer.messages().next();
      answer.hangUp();
    });
  });

  it('in the legacy era', async () => {
    const session = await peer.openSession();
    await proveFlat(async (index) => {
      if (index % CANCEL_EVERY > 0) {
        const [name, args] = calls[index % calls.length] ?? calls[0];
        await (await session.call(name, args)).text();
        return;
      }
      const requestId = `cancelled-${index}`;
      const params = { name: 'slow', arguments: { seconds: 120 }, _meta: { progressToken: requestId } };
      const answer = await session.post({ id: requestId, method: 'tools/call', params });
      const messages = answer.messages();
      await messages.next();
      await (await session.post({ method: 'notifications/cancelled', params: { requestId } })).text();
      expect((await messages.next()).done).toBe(true);
    });
  });

  async function proveFlat(call: (index: number) => Promise<void>): Promise<void> {
    await run(0, WARM_UP, call);
    const before = await settledHeap();
    await run(WARM_UP, CALLS, call);
    const grown = (await settledHeap()) - before;
    console.log(
      `heap ${(before / 1e6).toFixed(1)} MB, ${(grown / (CALLS - WARM_UP)).toFixed(1)} bytes a call since`,
    );
    expect(grown / (CALLS - WARM_UP)).toBeLessThan(BYTES_PER_CALL);
  }

  async function settledHeap(): Promise<number> {
    await vi.waitFor(() =>
      expect(demo.stats()).toMatchObject({ openStreams: 0, routingEntries: 0, runningCalls: 0 }),
    );
    for (let round = 0; round < 3; round += 1) {
      collectGarbage();
      await turn(); // finalizers run, and free what the next round collects
    }
    return process.memoryUsage().heapUsed;
  }
}, 120_000);

async function run(from: number, to: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < to) await call(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
