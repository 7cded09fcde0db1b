import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_POOL, type PoolConfig } from '../../../src/core/config/serverConfig.ts';
import { SluiceError } from '../../../src/core/errors.ts';
import { CallConnections } from '../../../src/core/http/callConnections.ts';
import { OriginFacts } from '../../../src/core/http/learning/originFacts.ts';
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
  const calls = new CallConnections({
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
