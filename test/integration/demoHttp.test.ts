import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { DemoPeer, firstText } from './demoPeer.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const ACCEPT = { accept: 'application/json, text/event-stream' };
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'demo-peer', version: '1.0.0' },
  },
});
const FOUR_MEBIBYTES = 4 * 1024 * 1024;

describe('the demo server as an HTTP server', () => {
  let demo: DemoServer;
  let peer: DemoPeer;

  beforeEach(async () => {
    demo = await startDemoServer();
    peer = new DemoPeer(demo.url);
  });

  afterEach(async () => {
    peer.close();
    await demo.close();
  });

  it.each([
    ['Origin', { origin: 'https://evil.example' }],
    ['opaque Origin', { origin: 'null' }],
    ['Host', { host: 'evil.example' }],
  ])('refuses a web page that rebound its name to the loopback address: %s', async (_, headers) => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await peer.send(method, { ...JSON_TYPE, ...headers });
      expect(answer.status).toBe(403);
      expect((await answer.response()).error?.message).toMatch(/^Invalid (Origin|Host)/);
    }
  });

  it('serves a page of this machine, such as an inspector', async () => {
    const answer = await peer.call('say_hello', {}, { headers: { origin: 'http://localhost:6274' } });
    expect(answer.status).toBe(200);
    await answer.text();
  });

  it('listens on the loopback address only', () => {
    expect(demo.url).toBe(`http://127.0.0.1:${demo.port}/mcp`);
  });

  it('says where the endpoint is to a client that asks elsewhere', async () => {
    const elsewhere = new DemoPeer(demo.url.replace('/mcp', '/sse'));
    const answer = await elsewhere.send('GET', {});
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('/mcp');
    elsewhere.close();
  });

  it.each([
    ['is not JSON', 400, -32700, JSON_TYPE, '{"jsonrpc":'],
    ['is empty', 400, -32700, JSON_TYPE, ''],
    ['is no JSON-RPC message', 400, -32600, JSON_TYPE, '42'],
    ['of the modern era is not said to be JSON', 415, -32000, { 'mcp-protocol-version': '2026-07-28' }, '{}'],
    ['of the legacy era is not said to be JSON', 415, -32000, { 'content-type': 'text/plain' }, INITIALIZE],
  ])('answers in JSON-RPC shape when a body %s', async (_, status, code, headers, body) => {
    const answer = await peer.send('POST', { ...ACCEPT, ...headers }, body);
    expect(answer.status).toBe(status);
    expect(await answer.response()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
  });

  it('refuses a body of more than 4 MiB, announced or not, and keeps the connection', async () => {
    const body = Buffer.alloc(FOUR_MEBIBYTES + 1, ' ');
    const single = new DemoPeer(demo.url, 1);
    const announced = { ...JSON_TYPE, 'content-length': String(body.length) };
    const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
    for (const headers of [announced, chunked]) {
      const answer = await single.send('POST', headers, body);
      expect(answer.status).toBe(413);
      expect((await answer.response()).error?.message).toContain('4194304');
    }
    await (await single.call('say_hello')).response();
    expect(demo.stats().acceptedSockets).toBe(1);
    single.close();
  });

  it('takes a body of 4 MiB', async () => {
    const message = 'x'.repeat(FOUR_MEBIBYTES - 500);
    const echoed = firstText(await (await peer.call('echo', { message })).response());
    expect(echoed?.length).toBeGreaterThan(message.length);
  });

  it('serves call after call on one connection, and says how long it keeps an idle one', async () => {
    for (let call = 0; call < 20; call += 1) {
      const answer = await peer.call('say_hello');
      expect(answer.headers['keep-alive']).toBe('timeout=60');
      await answer.response();
    }
    expect(demo.stats()).toMatchObject({ acceptedSockets: 1, openSockets: 1, openStreams: 0 });
  });

  it('writes a prompt answer at once, from the status line to the final chunk, in both eras', async () => {
    const session = await peer.openSession();
    const writes = countWrites(demo.port);
    for (const call of [() => peer.call('say_hello'), () => session.call('say_hello')]) {
      for (let index = 0; index < 10; index += 1) {
        expect(firstText(await (await call()).response())).toBe('Hello, world!');
      }
    }
    expect(writes.count()).toBe(20);
  });

  it('writes the last event and the end of a longer stream at once', async () => {
    const writes = countWrites(demo.port);
    const answer = await peer.call('slow', { seconds: 0.02, steps: 1 }, { meta: { progressToken: 1 } });
    expect(await answer.all()).toHaveLength(3);
    expect(writes.count()).toBe(2); // the headers and "Starting"; the step, the result and the end
  });

  it('delivers a large text whole', async () => {
    const text = firstText(await (await peer.call('large', { kilobytes: 8192 })).response());
    expect(text).toHaveLength(8 * 1024 * 1024);
  });

  it('ends everything on close: idle sockets, sockets that said nothing, streams, sessions', async () => {
    const session = await peer.openSession();
    const stream = await session.send('GET', { accept: 'text/event-stream' });
    const legacy = await session.call('slow', { seconds: 120 });
    const modern = await peer.call('slow', { seconds: 120 });
    const silent = connect(demo.port, '127.0.0.1');
    await once(silent, 'connect');
    expect(demo.stats()).toMatchObject({
      openStreams: 3,
      routingEntries: 2,
      liveSessions: 1,
      runningCalls: 2,
    });

    const ended = [stream, legacy, modern].map((answer) => answer.all());
    const closed = once(silent, 'close');
    await Promise.all([demo.close(), demo.close()]);
    expect(demo.stats()).toMatchObject({
      openStreams: 0,
      openSockets: 0,
      routingEntries: 0,
      liveSessions: 0,
      runningCalls: 0,
    });
    await Promise.all([closed, ...ended]);
  });

  it('gives back its port, and says so when a port is taken', async () => {
    await expect(startDemoServer({ port: demo.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await demo.close();
    const again = await startDemoServer({ port: demo.port });
    expect(again.port).toBe(demo.port);
    await again.close();
  });
});

/**
 * Counts what the server hands to the system: a call of `_write` or `_writev` is one system call.
 * Counting what arrives would prove nothing, for a client may find two writes in one read.
 */
function countWrites(port: number): { count: () => number } {
  const spies = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev')];
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return {
    count: () =>
      spies.flatMap((spy) => spy.mock.contexts).filter((socket) => (socket as Socket).localPort === port)
        .length,
  };
}
