import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL, type PoolConfig } from '../../../src/core/config/serverConfig.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { RawClient } from '../../lab/rawClient.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { hasGunicorn, startGunicorn } from '../peers/gunicorn.ts';
import { type Connected, connectTo } from './connectTo.ts';

/** Closes with each answer, and its one worker waits for a request on whatever connection it took. */
const ONE_WORKER: LabOptions = { workers: 1, mode: 'no-keepalive', on: 'all' };

function connect(lab: Lab, pool: Partial<PoolConfig> = {}): Connected {
  return connectTo(lab.url, { pool: { ...DEFAULT_POOL, ...pool }, tls: { rejectUnauthorized: false } });
}

/** Milliseconds of each call. */
async function calls(client: Connected, count: number, gap: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < count; n++) {
    took.push((await client.connection.callTool('say_hello', {})).ms);
    if (gap > 0) await pause(gap);
  }
  return took;
}

/** Milliseconds that a call of another client takes, over a connection of its own. */
async function anotherClient(lab: Lab, ca?: string): Promise<number> {
  const other = new RawClient(lab.url, ca === undefined ? {} : { ca });
  const { endMs } = await other.call('say_hello').end;
  other.close();
  return endMs;
}

/** A silent connection costs whoever waits behind it seconds; a busy machine does not. */
const STUCK = 1_500;

const inMs = (took: readonly number[]) => took.map((ms) => ms.toFixed(0)).join(' ');

describe('a server with one worker, which waits on any connection that it took', () => {
  it.each([
    ['HTTP/1.1', false],
    ['TLS', true],
  ] as const)('over %s: no call and no other client waits for a silent connection', async (_, secure) => {
    const tls = secure ? await tlsIdentity('private-ca') : undefined;
    await using lab = await startLab({ ...ONE_WORKER, ...(tls && { tls }) });
    await using client = connect(lab);
    // What is loaded and negotiated first takes a while on a busy machine.
    await calls(client, 1, 30);
    const took: number[] = [];
    const waited: number[] = [];
    for (let n = 0; n < 8; n++) {
      took.push(...(await calls(client, 3, 30)));
      waited.push(await anotherClient(lab, tls?.ca));
    }
    expect(Math.max(...took), inMs(took)).toBeLessThan(STUCK);
    expect(Math.max(...waited), inMs(waited)).toBeLessThan(STUCK);
    expect(client.connection.snapshot().pool).toMatchObject({ warm: 0, idle: 0 });
  });

  it('answers on the oldest of the connections that the settings have opened ahead', async () => {
    await using lab = await startLab(ONE_WORKER);
    await using client = connect(lab, { warmConnections: 3 });
    const took = await calls(client, 10, 10);
    expect(Math.max(...took), inMs(took)).toBeLessThan(STUCK);
  });

  it('gets a connection out of the way that it keeps, while another call waits for it', async () => {
    await using lab = await startLab({ workers: 1 });
    await using client = connect(lab);
    await calls(client, 1, 0);
    const took = await Promise.all([calls(client, 1, 0), calls(client, 1, 0), calls(client, 1, 0)]);
    expect(Math.max(...took.flat()), inMs(took.flat())).toBeLessThan(STUCK);
    expect(lab.counts.calls.get('say_hello')).toBe(4);
  });

  it('far away over TLS, is tried three times with a second connection, and then no more', async () => {
    await using lab = await startLab({ ...ONE_WORKER, tls: await tlsIdentity('private-ca') });
    await using link = await startDelayedLink(lab.url, { oneWayMs: 5 });
    await using client = connectTo(link.url, { tls: { rejectUnauthorized: false } });
    const took = await calls(client, 12, 20);
    expect(Math.max(...took), inMs(took)).toBeLessThan(STUCK);
    const { requests, accepted } = lab.counts;
    expect(accepted - requests).toBeLessThanOrEqual(3);
    expect(client.connection.snapshot().pool.warm).toBe(0);
  });

  it('has nothing opened for a call that is about to be made', async () => {
    await using lab = await startLab(ONE_WORKER);
    await using client = connect(lab);
    await calls(client, 5, 0);
    const { accepted } = lab.counts;
    client.connection.warmUp();
    expect(await anotherClient(lab)).toBeLessThan(STUCK);
    expect(lab.counts.accepted).toBe(accepted + 1);
  });
});

describe.each([5, 8])('a server with %d threads, each bound to a connection until it ends', (workers) => {
  it.each(['split-stall', 'tail-stall'] as const)(
    '%s: 300 calls without a pause take no longer than over one connection, and none is lost',
    async (mode) => {
      await using lab = await startLab({ workers, mode });
      await using client = connect(lab);
      const took = await calls(client, 300, 0);
      const total = took.reduce((sum, ms) => sum + ms, 0);
      expect(lab.counts.calls.get('say_hello')).toBe(300);
      expect(total, inMs(took)).toBeLessThan(300 * 43);
      expect(await anotherClient(lab)).toBeLessThan(STUCK);
    },
    20_000,
  );
});

if (hasGunicorn)
  it('gunicorn at its defaults keeps its worker, no call is lost, and another client hardly waits', async () => {
    await using server = await startGunicorn();
    await using client = connectTo(server.url);
    await client.connection.connect();
    const waits: number[] = [];
    for (let n = 0; n < 60; n++) {
      await client.connection.callTool('t', {});
      await pause(15);
      const other = new RawClient(server.url);
      const { endMs, body } = await other.call('t').end;
      other.close();
      expect(JSON.parse(body)).toMatchObject({ result: {} });
      waits.push(endMs);
      await pause(15);
    }
    waits.sort((one, other) => one - other);
    expect(waits[54], 'nine of ten').toBeLessThan(100);
    expect(waits.at(-1)).toBeLessThan(1_000);
    expect(server.log().match(/Booting worker/g)).toHaveLength(1);
    expect(server.log()).not.toContain('TIMEOUT');
  });
