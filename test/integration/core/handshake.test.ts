import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { httpAnswer } from '../../lab/answer.ts';
import { startLab } from '../../lab/lab.ts';
import { httpSse } from '../../lab/modes/httpSse.ts';
import { prompt } from '../../lab/modes/whole.ts';
import { connectTo, textOf } from './connectTo.ts';
import { answerWithMessage, startRawServer } from './rawServer.ts';

const INITIALIZED = 'notifications/initialized';

/** Waits of so many milliseconds are never over, or over at once. */
function clockWhere(when: Readonly<Record<number, 'never' | 'at once'>>): Clock {
  return {
    ...systemClock,
    schedule(ms, task) {
      if (when[ms] === 'never') return () => {};
      return systemClock.schedule(when[ms] === 'at once' ? 0 : ms, task);
    },
  };
}

describe('a server that keeps the POST of notifications/initialized open', () => {
  it('holds no call up', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'silence', on: [INITIALIZED] });
    await using client = connectTo(lab.url, {}, {}, clockWhere({ 1000: 'never' }));
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(lab.counts.held).toBe(1);
  });

  it('holds none up after the loss of a session either', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using client = connectTo(lab.url, {}, {}, clockWhere({ 1000: 'never' }));
    await client.connection.callTool('say_hello', {});
    lab.use('silence', [INITIALIZED]);
    lab.sessions.forget();
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(lab.counts.held).toBe(1);
  });

  it('has to give it up where there is no other connection, and is warned of', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'silence', on: [INITIALIZED] });
    const pool = { ...DEFAULT_POOL, maxConnections: 1 };
    await using client = connectTo(lab.url, { pool }, {}, clockWhere({ 1000: 'at once' }));
    expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
    expect(client.warnings()).toEqual([expect.stringContaining('no answer to POST in 1000 ms')]);
  });

  it('is disconnected from without a word about it', async () => {
    await using lab = await startLab({ era: 'legacy', mode: 'silence', on: [INITIALIZED] });
    await using client = connectTo(lab.url, {}, {}, clockWhere({ 1000: 'never' }));
    await client.connection.connect();
    await client.connection.disconnect();
    await lab.waitFor(({ counts }) => counts.open === 0);
    expect(client.warnings()).toEqual([]);
  });
});

it('a server that takes its time to accept notifications/initialized is left to it, and the connection kept', async () => {
  await using lab = await startLab({ era: 'legacy', mode: 'slow-headers', on: [INITIALIZED] });
  // What was torn down after a second, a proxy took back from the server.
  await using client = connectTo(lab.url, {}, {}, clockWhere({ 1000: 'at once', 2000: 'at once' }));
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  expect(lab.counts.held).toBe(1);
  const { closed } = lab.counts;
  lab.release();
  await client.until(({ pool }) => pool.busy === 0);
  expect(lab.counts).toMatchObject({ held: 0, closed });
  expect(client.warnings()).toEqual([]);
});

it('a server that takes its time for everything, behind a proxy that takes back what its client leaves, hears it', async () => {
  let isReady = false;
  await using server = await startRawServer(async (one) => {
    const { message, httpMethod, response } = one;
    if (httpMethod !== 'POST') return false;
    const left = new Promise((resolve) => response.on('close', () => resolve('left')));
    const done = new Promise((resolve) => setTimeout(resolve, 150));
    // As a proxy does: what its client leaves, the server never hears.
    if ((await Promise.race([left, done])) === 'left') return true;
    if (message.method === INITIALIZED) isReady = true;
    if (isReady || message.method === 'initialize' || message.method === 'server/discover') return false;
    response.statusCode = 400;
    return answerWithMessage(one, { error: { code: -32000, message: 'Server not initialized' } });
  });
  await using client = connectTo(server.url, {}, {}, clockWhere({ 1000: 'at once' }));
  await client.connection.callTool('t', {});
  expect(client.warnings()).toEqual([]);
  expect(server.asked.filter(({ message }) => message.method === 'initialize')).toHaveLength(1);
});

it('a server that took long for initialize, and keeps that POST open, holds a call up for 2 s at most', async () => {
  let jump = 0;
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + jump,
    schedule(ms, task) {
      waits.push(ms);
      return systemClock.schedule(ms === 2_000 ? 0 : ms, task);
    },
  };
  await using lab = await startLab({
    era: 'legacy',
    on: ['initialize', INITIALIZED],
    mode: (exchange) => {
      if (exchange.request.message?.method === INITIALIZED) return exchange.hold();
      jump = 10_000;
      return prompt(exchange);
    },
  });
  await using client = connectTo(lab.url, { requestTimeout: 60_000, protocol: '2025-11-25' }, {}, clock);
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  expect(lab.counts.held).toBe(1);
  expect(waits).toContain(2_000);
});

it('a server that is late to accept notifications/initialized gets it before the first call', async () => {
  await using lab = await startLab({ era: 'legacy', mode: 'slow-headers', on: [INITIALIZED] });
  await using client = connectTo(lab.url, {}, {}, clockWhere({ 100: 'never' }));
  const connecting = client.connection.callTool('say_hello', {});
  await lab.waitFor(({ counts }) => counts.held === 1);
  lab.release();
  await connecting;
  const posted = lab.received.flatMap(({ message }) => message?.method ?? []);
  expect(posted.indexOf(INITIALIZED)).toBeLessThan(posted.indexOf('tools/list'));
  expect(client.warnings()).toEqual([]);
});

it('a server that refuses notifications/initialized is called all the same, and warned of', async () => {
  await using lab = await startLab({ era: 'legacy', mode: httpAnswer(400), on: [INITIALIZED] });
  await using client = connectTo(lab.url);
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  expect(client.warnings()).toEqual([expect.stringContaining('HTTP 400')]);
});

it('a server that closes the connection instead of accepting it is called all the same', async () => {
  await using lab = await startLab({
    era: 'legacy',
    mode: async ({ reply }) => reply.hangUp(),
    on: [INITIALIZED],
  });
  await using client = connectTo(lab.url);
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  expect(client.warnings()).toEqual([expect.stringContaining(INITIALIZED)]);
});

it('a server of HTTP+SSE that keeps that POST open holds no call up either', async () => {
  const answer = httpSse();
  await using lab = await startLab({
    era: 'legacy',
    sessions: false,
    on: ['GET', 'server/discover', 'initialize', INITIALIZED, 'tools/list', 'tools/call'],
    mode: (exchange) =>
      exchange.request.message?.method === INITIALIZED ? exchange.hold() : answer(exchange),
  });
  await using client = connectTo(lab.url, {}, {}, clockWhere({ 1000: 'never' }));
  expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
  // Its stream, and that POST.
  expect(lab.counts.held).toBe(2);
});
