import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { type LabProcess, startLabProcess } from '../../lab/labProcess.ts';
import type { DescribedMode } from '../../lab/modes.ts';
import { type Connected, connectTo } from './connectTo.ts';

/** `SLUICE_SOAK=200000` is the whole figure; what CI runs finds a leak of a few bytes a call as well. */
const CALLS = Number(process.env['SLUICE_SOAK'] ?? 20_000);
const EARLY = 1_000;
/** Calls in one mode before the next. */
const STRETCH = 250;
const AT_ONCE = 8;

const MODES: readonly DescribedMode[] = [
  'prompt',
  'hold-open',
  'json',
  'tail-stall',
  'split-stall',
  'no-keepalive',
  'reset',
  'prompt',
  'early-eof',
  'trickle',
  '500',
  'fin-after-request',
  'chatty-tail',
  'wrong-id',
];

interface Holdings {
  readonly heap: number;
  readonly sockets: number;
  readonly timers: number;
  readonly open: number;
  /** On the socket that has most. */
  readonly listeners: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Every socket that this process opens, for as long as it is open. */
const sockets = new Set<Socket>();
const onSocket = (message: unknown) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
};

function listenersOn(socket: Socket): number {
  return socket.eventNames().reduce((sum, event) => sum + socket.listenerCount(event), 0);
}

/** What the process holds once all is quiet: after some prompt calls one after another. */
async function holdings(client: Connected, lab: LabProcess): Promise<Holdings> {
  await lab.use('prompt');
  for (let n = 0; n < 20; n++) await client.connection.callTool('say_hello', {});
  await client.until(({ pool: { busy, draining } }) => busy + draining === 0);
  collect();
  const resources = process.getActiveResourcesInfo();
  const { pool } = client.connection.snapshot();
  return {
    heap: process.memoryUsage().heapUsed,
    sockets: pool.idle + pool.warm,
    timers: resources.filter((kind) => kind === 'Timeout').length,
    open: (await lab.counts()).open,
    listeners: Math.max(...[...sockets].map(listenersOn)),
  };
}

it(`leaves nothing behind in ${CALLS} calls over servers of every kind, cancelled ones among them`, async ({
  annotate,
}) => {
  await using lab = await startLabProcess({ mode: 'prompt' });
  subscribe('net.client.socket', onSocket);
  onTestFinished(() => void unsubscribe('net.client.socket', onSocket));
  await using client = connectTo(
    lab.url,
    { drain: { timeout: 20, maxBytes: 4096 } },
    {
      traceLevel: () => 'off',
    },
  );
  let done = 0;
  let answered = 0;
  async function stretch(): Promise<void> {
    await lab.use(MODES[(done / STRETCH) % MODES.length] ?? 'prompt');
    const one = async (n: number) => {
      const signal = n % 100 === 0 ? AbortSignal.timeout(1) : undefined;
      const options = signal === undefined ? {} : { signal };
      await client.connection.callTool('say_hello', {}, options).then(
        () => answered++,
        () => undefined,
      );
    };
    for (let n = 0; n < STRETCH; n += AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, STRETCH - n) }, (_, k) => one(n + k)));
    done += STRETCH;
  }
  while (done < EARLY) await stretch();
  const early = await holdings(client, lab);
  while (done < CALLS / 2) await stretch();
  const half = await holdings(client, lab);
  const halfAt = done;
  while (done < CALLS) await stretch();
  const late = await holdings(client, lab);
  // What is left behind is left behind in both halves; the engine's own tables grow once, in leaps of a megabyte.
  const perCall = Math.min(
    (late.heap - early.heap) / (CALLS - EARLY),
    (late.heap - half.heap) / (CALLS - halfAt),
    (half.heap - early.heap) / (halfAt - EARLY),
  );
  await annotate(
    `${CALLS} calls, ${answered} answered: heap ${perCall.toFixed(1)} bytes a call; sockets ${early.sockets} then ${late.sockets}, timers ${early.timers} then ${late.timers}, listeners on a socket ${early.listeners} then ${late.listeners}`,
  );
  expect(perCall).toBeLessThan(32);
  expect(late.sockets).toBeLessThanOrEqual(16);
  expect(late.open).toBeLessThanOrEqual(16);
  // What a connection needs, however much it has carried.
  expect(Math.max(early.listeners, late.listeners)).toBeLessThan(16);
  expect(late.timers).toBeLessThanOrEqual(early.timers + 2);
}, 900_000);
