import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_DRAIN, DEFAULT_POOL, type PoolConfig } from '../../../src/core/config/serverConfig.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import { CallLane } from '../../../src/core/http/callLane.ts';
import { Exchange } from '../../../src/core/http/exchange.ts';
import { OriginFacts } from '../../../src/core/http/learning/originFacts.ts';
import { Pace } from '../../../src/core/http/pace.ts';
import { HandClock } from '../ui/questions/handClock.ts';
import { FakeConnection } from './fakePool.ts';

/** Connections of an origin that requests come from just now; none is idle or busy but what the test opens. */
function connections({
  secure = false,
  handshake = 0,
  ...limits
}: Partial<PoolConfig> & { secure?: boolean; handshake?: number } = {}) {
  const clock = new HandClock();
  const facts = new OriginFacts({ secure, reuse: 'auto', maxConnections: 16 });
  let id = 0;
  const calls = new CallLane({
    open: async ({ onClose }) => {
      const one = new FakeConnection(++id, '1.1', () => undefined, onClose);
      return Object.assign(one, { startedAt: one.openedAt - handshake });
    },
    limits: { ...DEFAULT_POOL, ...limits },
    clock,
    facts,
    signal: new AbortController().signal,
    onChange: () => undefined,
    onNews: () => undefined,
  });
  onTestFinished(() => calls.close(new SluiceError('closed', 'over', { delivery: 'not-sent' })));
  facts.arrivals.add(clock.now());
  const warm = () => calls.count().warm;
  /** What was begun to be opened is open. */
  const opened = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, facts, calls, warm, opened };
}

/** One that nobody waits for. */
function request(clock: HandClock): Exchange {
  const nobody = () => undefined;
  return new Exchange(
    { method: 'POST', path: '/', headers: {} },
    { onHeaders: nobody, onData: nobody, onEnd: nobody, onError: nobody },
    {
      requeue: nobody,
      draining: nobody,
      silent: nobody,
      setCookies: nobody,
      begun: nobody,
      ended: nobody,
    },
    { clock, budget: DEFAULT_DRAIN, pace: new Pace(clock) },
  );
}

describe('a connection opened ahead', () => {
  it('beside an idle one shows whether the server serves both, before a person misses it', async () => {
    const { facts, calls, warm, opened } = connections({ secure: true, handshake: 20 });
    calls.warmUp();
    await opened();
    expect(warm(), 'none is open that would show it').toBe(0);
    await calls.open('request');
    calls.warmUp();
    await opened();
    expect(facts.needs.beside).toBe(1);
    expect(calls.size).toBe(2);
    calls.warmUp();
    await opened();
    expect(calls.size, 'once is enough').toBe(2);
  });

  it.each([
    ['without TLS', { secure: false, handshake: 20 }],
    ['where a connection opens at once', { secure: true, handshake: 1 }],
    ['where the settings want none', { secure: true, handshake: 20, warmConnections: 0 }],
  ] as const)('is not tried beside an idle one %s', async (_, options) => {
    const { calls, opened } = connections(options);
    await calls.open('request');
    calls.warmUp();
    await opened();
    expect(calls.size).toBe(1);
  });

  it('is closed before the server closes it, where that is known', async () => {
    const { clock, facts, calls, warm, opened } = connections({ warmConnections: 1 });
    facts.keepAliveHint(1);
    calls.openAhead();
    await opened();
    clock.pass(799);
    expect(warm()).toBe(1);
    clock.pass(2);
    expect(warm()).toBe(0);
  });

  it('is kept where the server closes connections with the response: it has carried none', async () => {
    const { clock, facts, calls, warm, opened } = connections({ warmConnections: 1 });
    facts.closedIdle(2, 1_000, 0);
    facts.closedIdle(1, 3_000, 2_000);
    calls.openAhead();
    await opened();
    clock.pass(1_000);
    expect(warm()).toBe(1);
  });

  it('is closed at once where no request took it and the server may wait on it', async () => {
    const { facts, calls, warm, opened } = connections();
    await calls.open('request');
    await opened();
    calls.openAhead(1);
    expect(warm(), 'a request waits for it').toBe(1);
    calls.openAhead();
    expect(warm()).toBe(0);
    facts.servedBeside(1);
    await calls.open('request');
    calls.openAhead();
    expect(warm(), 'the server serves others beside it').toBe(1);
  });
});

describe('connections that take turns to rest', () => {
  /** What a server shows that stalls on connections which have not rested. */
  function stall(facts: OriginFacts): void {
    for (let call = 0; call < 20; call++) {
      const { trial, rest: needed } = facts.needsOf('tools/call a');
      const rest = trial ? 1 : Math.max(1, needed);
      if (trial) facts.trying();
      const drain = { outcome: 'reused', ms: 0, bytes: 0 } as const;
      const lateness = rest < 40 ? 42 : 0.4;
      facts.answered({
        rest,
        lateness,
        began: lateness,
        likeness: 'tools/call a',
        drain,
        first: false,
        multiplexed: false,
      });
    }
  }

  it('become more by half where two requests found none rested, each as soon as the one before was served, not with the next call', async () => {
    const { clock, facts, calls, opened } = connections({ secure: true, handshake: 5 });
    stall(facts);
    for (let n = 0; n < 4; n++) {
      await calls.open('request');
      for (const { connection } of calls.view(1).available) Object.assign(connection, { uses: 1 });
    }
    calls.tire();
    const [first] = calls.view(1).available;
    if (first !== undefined) calls.assign(request(clock), first.connection, true);
    calls.tire();
    calls.openAhead(1);
    expect(calls.opening, 'its handshake shows whether the server serves it').toBe(1);
    await opened();
    calls.openAhead(1);
    await opened();
    calls.openAhead(1);
    expect(calls).toMatchObject({ size: 6, opening: 0 });
  });
});
