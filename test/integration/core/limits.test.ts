import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL, type PoolConfig } from '../../../src/core/config/serverConfig.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, startLab } from '../../lab/lab.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { type Connected, connectTo } from './connectTo.ts';

const tls = await tlsIdentity('private-ca');

function connect(url: string, pool: Partial<PoolConfig>): Connected {
  return connectTo(url, { pool: { ...DEFAULT_POOL, ...pool }, tls: { rejectUnauthorized: false } });
}

async function add({ connection }: Connected, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await connection.callTool('add', { a: n, b: 0 });
}

/** Which calls the server ran. */
const ran = (lab: Lab) => lab.counts.calls.get('add');

describe('settings at their limits', () => {
  it.each(['keep-alive-hint', 'close-idle', 'prompt'] as const)(
    'an idle time of 0 costs a connection a call, and no more (%s)',
    async (mode) => {
      await using lab = await startLab({ mode, on: 'all' });
      await using client = connect(lab.url, { idleTimeout: 0, queueTimeout: 2_000 });
      await add(client, 6);
      expect(ran(lab)).toBe(6);
      // The warm ones that a server who closes needs are among them.
      expect(lab.counts.accepted).toBeLessThanOrEqual(10);
    },
  );

  it('a connection that is to be warm does not take the place of one that a call needs', async () => {
    await using lab = await startLab({ mode: 'split-stall' });
    await using client = connect(lab.url, { maxConnections: 1, warmConnections: 1, queueTimeout: 2_000 });
    await add(client, 20);
    const gated = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    client.connection.warmUp();
    lab.release();
    await gated;
    await add(client, 3);
    expect(ran(lab)).toBe(23);
    expect(lab.counts.maxOpen).toBe(1);
  });

  it('a call is not said to queue while its connection is being opened', async () => {
    await using lab = await startLab({ tls });
    await using link = await startDelayedLink(lab.url, { oneWayMs: 40 });
    await using client = connect(link.url, { queueTimeout: 50 });
    await add(client, 2);
    expect(ran(lab)).toBe(2);
  });

  it('warm connections are closed soon after the last call, long before an idle one is', async () => {
    await using lab = await startLab({ mode: 'hold-open', tls });
    await using link = await startDelayedLink(lab.url, { oneWayMs: 5 });
    await using client = connect(link.url, { idleTimeout: 3_600_000 });
    await add(client, 20);
    await client.until(({ pool }) => pool.warm > 0);
    await lab.waitFor(({ counts }) => counts.open === 0);
  });
});
