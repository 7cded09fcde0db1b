import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL, type PoolConfig, type ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { describeFinding } from '../../../src/ui/text/describeFinding.ts';
import { eventBytes, inEventStream } from '../../lab/answer.ts';
import { startDelayedLink } from '../../lab/delayedLink.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { idleTimeout } from '../../lab/modes/keepAlive.ts';
import { prompt } from '../../lab/modes/whole.ts';
import type { Mode } from '../../lab/modes.ts';
import { END } from '../../lab/reply.ts';
import { startStallingRelay } from '../../lab/stallingRelay.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { type Connected, connectTo } from './connectTo.ts';

function connect(lab: Lab, pool: Partial<PoolConfig> = {}): Connected {
  return connectTo(lab.url, { pool: { ...DEFAULT_POOL, ...pool }, tls: { rejectUnauthorized: false } });
}

/** Calls one after another; the pause between them is what is tried here. */
async function calls(client: Connected, count: number, gap: number): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < count; n++) {
    const { ms } = await client.connection.callTool('say_hello', {});
    took.push(ms);
    if (gap > 0) await pause(gap);
  }
  return took;
}

const learnt = (client: Connected) => client.connection.snapshot().findings.map(describeFinding);

describe('a server that stalls on connections that have not rested', () => {
  it.each([
    {
      over: 'HTTP/1.1',
      secure: false,
      mode: 'split-stall',
      says: /^stalls \d+ ms on connections that have rested under/,
    },
    {
      over: 'TLS',
      secure: true,
      mode: 'split-stall',
      says: /^stalls \d+ ms on connections that have rested under/,
    },
    {
      over: 'HTTP/1.1',
      secure: false,
      mode: 'head-stall',
      says: /^stalls \d+ ms on connections that have rested under/,
    },
    {
      over: 'TLS',
      secure: true,
      mode: 'head-stall',
      says: /^stalls \d+ ms on connections that have rested under/,
    },
    { over: 'HTTP/1.1', secure: false, mode: 'tail-stall', says: undefined },
    { over: 'TLS', secure: true, mode: 'tail-stall', says: undefined },
  ] as const)(
    '$mode over $over: a few connections take turns, and no call waits once that is learnt',
    async ({ secure, mode, says }) => {
      const tls = secure ? { tls: await tlsIdentity('private-ca') } : {};
      await using lab = await startLab({ mode, ...tls });
      await using client = connect(lab);
      const took = await calls(client, 80, 30);
      const late = took.slice(20).filter((ms) => ms > 20);
      expect(late.length, took.map((ms) => ms.toFixed(0)).join(' ')).toBeLessThanOrEqual(2);
      expect(lab.counts.accepted).toBeLessThanOrEqual(6);
      if (says === undefined) return;
      expect(learnt(client)).toEqual([expect.stringMatching(says)]);
      const told = client.trace.filter((event) => event.kind === 'learnt');
      expect(told.at(-1)?.findings.map(describeFinding)).toEqual([expect.stringMatching(says)]);
    },
  );

  it('is found where a relay on the way stalls, over HTTP/2 too: connections of their own take turns', async () => {
    await using lab = await startLab({ tls: await tlsIdentity('private-ca'), http2: true });
    await using relay = await startStallingRelay(lab.url);
    await using client = connectTo(relay.url, { tls: { rejectUnauthorized: false } });
    const took = await calls(client, 160, 0);
    const last = took.slice(-60).sort((one, other) => one - other);
    expect(last[30], took.map((ms) => ms.toFixed(0)).join(' ')).toBeLessThan(20);
    expect(learnt(client)).toEqual([expect.stringMatching(/^stalls \d+ ms on connections that have rested/)]);
    expect(lab.counts.accepted).toBeLessThanOrEqual(16);
  });

  it('is believed when it was mended', async () => {
    await using lab = await startLab({ mode: 'split-stall' });
    await using client = connect(lab);
    await calls(client, 20, 30);
    expect(learnt(client)).not.toEqual([]);
    lab.use('prompt');
    await calls(client, 1_000, 0);
    expect(learnt(client)).toEqual([]);
    expect(client.trace.filter((event) => event.kind === 'learnt').at(-1)).toMatchObject({ findings: [] });
  });

  it('is left to its ways where the settings say to reuse always', async () => {
    await using lab = await startLab({ mode: 'split-stall' });
    await using client = connect(lab, { reuse: 'always' });
    await calls(client, 12, 0);
    expect(lab.counts.accepted).toBe(1);
  });
});

/** Its tool `echo` sends its headers at once and takes 60 ms for the answer, `times` times; all others are quick. */
function slowEcho(times = Number.POSITIVE_INFINITY): Mode {
  let left = times;
  return inEventStream(async (response, { reply, request }) => {
    const params = request.message?.params as { name?: string } | undefined;
    if (params?.name !== 'echo' || left-- <= 0)
      return reply.write(reply.opening(), eventBytes(response), END);
    await reply.write(reply.opening());
    await pause(60);
    return reply.write(eventBytes(response), END);
  });
}

async function echo(client: Connected, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await client.connection.callTool('echo', { text: 'x' });
}

describe('a slow tool', () => {
  it.each(['HTTP/1.1', 'TLS', 'HTTP/2'])(
    'is no reason to let connections rest for the others (over %s)',
    async (over) => {
      const tls = over === 'HTTP/1.1' ? {} : { tls: await tlsIdentity('private-ca') };
      await using lab = await startLab({ mode: slowEcho(), ...tls, http2: over === 'HTTP/2' });
      await using client = connect(lab);
      await calls(client, 3, 0);
      await echo(client, 2);
      await calls(client, 200, 0);
      // One to see whether the slow tool is quick with rest.
      expect(lab.counts.accepted).toBeLessThanOrEqual(2);
      expect(learnt(client)).toEqual([]);
    },
  );

  it('that answers from its cache from then on is not taken for a stall', async () => {
    await using lab = await startLab({ mode: slowEcho(2) });
    await using client = connect(lab);
    await calls(client, 3, 0);
    await echo(client, 12);
    const { accepted } = lab.counts;
    await calls(client, 100, 0);
    expect(lab.counts.accepted).toBe(accepted);
    const told = client.trace.filter((event) => event.kind === 'learnt');
    expect(told).toEqual([]);
  });

  it('is not taken for a stall', async () => {
    const options: LabOptions = {};
    await using lab = await startLab(options);
    await using client = connect(lab);
    for (let n = 0; n < 20; n++)
      await client.connection.callTool('slow', { steps: 3, everyMs: 10 }, { onProgress: () => undefined });
    expect(learnt(client)).toEqual([]);
  });
});

/** A lab over TLS at the other end of a cable: what is opened ahead saves 20 ms and more there. */
async function startFar(options: LabOptions) {
  const lab = await startLab({ ...options, tls: await tlsIdentity('private-ca') });
  const link = await startDelayedLink(lab.url, { oneWayMs: 5 });
  const connect = (overrides: Partial<ServerConfig> = {}) =>
    connectTo(link.url, { ...overrides, tls: { rejectUnauthorized: false } });
  const close = async () => {
    await link.close();
    await lab.close();
  };
  return { lab, link, connect, [Symbol.asyncDispose]: close };
}

/** Kinds of the connections that calls found, one after another. */
async function originsOf(client: Connected, count: number): Promise<string[]> {
  const origins: string[] = [];
  for (let n = 0; n < count; n++) {
    origins.push((await client.connection.callTool('say_hello', {})).wire.origin);
    await pause(30);
  }
  return origins;
}

const SHORT_DRAIN = { drain: { timeout: 20, maxBytes: 1000 } };

describe('a server whose connections cannot be used again', () => {
  it.each([
    ['hold-open', /^holds streams open after the response, for more than/],
    ['no-keepalive', /^closes the connection after each response/],
  ] as const)('%s, far away: that is told, and each call finds a warm one', async (mode, says) => {
    await using far = await startFar({ mode });
    await using client = far.connect(SHORT_DRAIN);
    const origins = await originsOf(client, 25);
    expect(learnt(client)).toEqual([expect.stringMatching(says)]);
    expect(origins.slice(10).filter((origin) => origin !== 'warm')).toEqual([]);
    expect(far.lab.counts.maxOpen).toBeLessThanOrEqual(16);
  });

  it.each(['hold-open', 'no-keepalive'] as const)(
    '%s, near by: none is opened ahead, where a handshake takes no time',
    async (mode) => {
      await using lab = await startLab({ mode });
      await using client = connectTo(lab.url, SHORT_DRAIN);
      const origins = await originsOf(client, 15);
      expect(origins.filter((origin) => origin === 'warm')).toEqual([]);
      expect(lab.counts.accepted).toBeLessThanOrEqual(16);
    },
  );

  it('has nothing kept warm for it when no more calls come', async () => {
    await using far = await startFar({ mode: 'no-keepalive' });
    await using client = far.connect({ pool: { ...DEFAULT_POOL, idleTimeout: 200 } });
    await calls(client, 10, 10);
    await client.until(({ pool }) => pool.warm > 0);
    await far.lab.waitFor(({ counts }) => counts.open === 0);
    expect(client.connection.snapshot().pool.warm).toBe(0);
  });
});

describe('a server that closes idle connections', () => {
  it('is known by two of them, and no call meets a close', async () => {
    await using lab = await startLab({ mode: idleTimeout({ ms: 300 }) });
    await using client = connect(lab);
    /** Milliseconds from a call's beginning until its connection was seen at rest, and until that was seen closed; the longest of each. */
    let longestCall = 0;
    let longest = 0;
    for (let n = 0; n < 4; n++) {
      const startedAt = performance.now();
      await client.connection.callTool('add', { a: n, b: 0 });
      if (n <= 1) {
        await client.until(({ pool }) => pool.idle === 1 || lab.counts.open === 0);
        longestCall = Math.max(longestCall, performance.now() - startedAt);
        await lab.waitFor(({ counts }) => counts.open === 0);
        await client.until(({ pool }) => pool.idle === 0);
      } else await pause(295);
      longest = Math.max(longest, performance.now() - startedAt);
    }
    await client.connection.callTool('add', { a: 4, b: 0 });
    expect(lab.counts.calls.get('add')).toBe(5);
    expect(learnt(client)).toEqual([
      expect.stringMatching(/^closes idle connections after \d+ ms \(seen (twice|3 times)\)$/),
    ]);
    // The lab counts from when it has answered, and is late where the machine has other work. The client counts from when it has read
    // that, until it sees the close: all of that within what was seen here.
    const told = Number(/(\d+) ms/.exec(learnt(client)[0] ?? '')?.[1]);
    expect(told).toBeGreaterThanOrEqual(Math.floor(300 - longestCall));
    expect(told).toBeLessThanOrEqual(Math.ceil(longest));
  });

  it('is known by what its header says', async () => {
    await using lab = await startLab({ mode: 'keep-alive-hint' });
    await using client = connect(lab);
    await client.connection.callTool('add', { a: 1, b: 0 });
    expect(learnt(client)).toEqual(['closes idle connections after 5 s (its Keep-Alive header says)']);
  });

  it('is believed where its header says how many requests a connection carries', async () => {
    const mode: Mode = async (exchange) => {
      exchange.reply.headers.set('Keep-Alive', 'timeout=5, max=3');
      await prompt(exchange);
    };
    await using lab = await startLab({ mode, on: 'all' });
    await using client = connect(lab);
    await calls(client, 8, 0);
    expect(Math.max(...lab.received.map(({ nth }) => nth))).toBe(3);
    expect(lab.counts.calls.get('say_hello')).toBe(8);
  });
});

describe('a server that keeps idle connections', () => {
  it('is not taken for one that closes them where a tool takes its time and then its process dies', async () => {
    const mode: Mode = async (exchange) => {
      const params = exchange.request.message?.params as { name?: string } | undefined;
      if (params?.name !== 'echo') return prompt(exchange);
      await exchange.run();
      await pause(200);
      exchange.reply.hangUp();
    };
    await using lab = await startLab({ mode });
    await using client = connectTo(lab.url);
    for (let n = 0; n < 2; n++) {
      await client.connection.callTool('add', { a: n, b: 0 });
      await pause(100);
      await expect(echo(client, 1)).rejects.toMatchObject({ code: 'connection-lost' });
    }
    expect(learnt(client)).toEqual([]);
  });

  it('is believed again after two restarts that happened to be alike: one connection left idle shows it', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    for (let n = 0; n < 2; n++) {
      await client.connection.callTool('add', { a: n, b: 0 });
      await pause(200);
      lab.disconnect();
      await client.until(({ pool, findings }) => pool.idle === 0 && findings.length === n);
    }
    expect(learnt(client)).toEqual([expect.stringMatching(/^closes idle connections after 2\d\d ms/)]);
    await client.connection.callTool('add', { a: 2, b: 0 });
    await client.until(({ findings }) => findings.length === 0);
    expect(client.trace.filter((event) => event.kind === 'learnt').at(-1)).toMatchObject({ findings: [] });
    await client.connection.callTool('add', { a: 3, b: 0 });
    const { accepted } = lab.counts;
    for (let n = 0; n < 3; n++) {
      await pause(250);
      await client.connection.callTool('add', { a: n, b: 0 });
    }
    expect(lab.counts.accepted).toBe(accepted);
  });
});

describe('a server that says nothing before it closes', () => {
  it('after each answer: that is told, and no call is lost', async () => {
    await using lab = await startLab({ mode: 'close-idle' });
    await using client = connect(lab);
    for (let n = 0; n < 10; n++) {
      await client.connection.callTool('add', { a: n, b: 0 });
      await pause(30);
    }
    expect(lab.counts.calls.get('add')).toBe(10);
    expect(learnt(client)).toEqual(['closes connections right after the response, without saying so before']);
  });
});

describe('a connection opened ahead', () => {
  it('is one, where none is idle and the server is known to serve two, and the next call takes it', async () => {
    await using far = await startFar({});
    await using client = far.connect();
    await Promise.all([calls(client, 1, 0), calls(client, 1, 0)]);
    await client.until(({ pool }) => pool.idle + pool.warm === 2);
    const { accepted } = far.lab.counts;
    client.connection.warmUp();
    far.lab.disconnect();
    await client.until(({ pool }) => pool.idle + pool.warm === 0);
    expect(far.lab.counts.accepted, 'opened beside an idle one').toBe(accepted);
    client.connection.warmUp();
    client.connection.warmUp();
    await client.until(({ pool }) => pool.warm === 1);
    const { wire } = await client.connection.callTool('say_hello', {});
    expect(wire.origin).toBe('warm');
    expect(far.lab.counts.accepted).toBe(accepted + 1);
  });

  it('is closed after two seconds, if no call takes it', async () => {
    await using far = await startFar({});
    await using client = far.connect();
    await Promise.all([calls(client, 1, 0), calls(client, 1, 0)]);
    await client.until(({ pool }) => pool.idle + pool.warm === 2);
    far.lab.disconnect();
    await client.until(({ pool }) => pool.idle + pool.warm === 0);
    client.connection.warmUp();
    await client.until(({ pool }) => pool.warm === 1);
    const openedAt = performance.now();
    await far.lab.waitFor(({ counts }) => counts.open === 0);
    expect(performance.now() - openedAt).toBeLessThan(4_000);
  });

  it('is not opened again for ever, where the server closes it unused', async () => {
    await using lab = await startLab({});
    await using client = connect(lab, { warmConnections: 3 });
    await client.connection.callTool('say_hello', {});
    await client.until(({ pool }) => pool.warm === 3);
    const { accepted } = lab.counts;
    for (let n = 0; n < 5; n++) {
      lab.disconnect();
      await pause(60);
    }
    expect(lab.counts.accepted - accepted).toBeLessThanOrEqual(6);
  });
});

describe('the settings of the pool', () => {
  it('never reuse: each connection carries one request', async () => {
    await using lab = await startLab({});
    await using client = connect(lab, { reuse: 'never' });
    await calls(client, 10, 0);
    expect(Math.max(...lab.received.map(({ nth }) => nth))).toBe(1);
  });

  it('keep so many warm as they say', async () => {
    await using lab = await startLab({});
    await using client = connect(lab, { warmConnections: 3 });
    await client.connection.callTool('say_hello', {});
    await client.until(({ pool }) => pool.warm === 3);
    expect(lab.counts.open).toBeLessThanOrEqual(4);
  });

  it('keep none idle: each call gets the connection that is opened for it, whatever the server is known to close', async () => {
    await using lab = await startLab({ mode: 'keep-alive-hint' });
    await using client = connect(lab, { idleTimeout: 0, queueTimeout: 1_000 });
    await calls(client, 6, 0);
    expect(lab.counts.accepted).toBeLessThanOrEqual(8);
  });

  it('keep none warm where they say so', async () => {
    await using lab = await startLab({ mode: 'no-keepalive' });
    await using client = connect(lab, { warmConnections: 0 });
    await calls(client, 10, 10);
    expect(client.connection.snapshot().pool.warm).toBe(0);
    expect(lab.counts.accepted).toBeLessThanOrEqual(12);
  });
});
