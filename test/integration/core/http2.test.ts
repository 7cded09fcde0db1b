import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { sequence } from '../../lab/modes.ts';
import { type TlsIdentity, tlsIdentity } from '../../lab/tls.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

let identity: TlsIdentity;
let folder: string;
let ca: string;

beforeAll(async () => {
  identity = await tlsIdentity('private-ca');
  folder = await mkdtemp(join(tmpdir(), 'sluice-http2-'));
  ca = join(folder, 'ca.pem');
  await writeFile(ca, identity.ca);
});

afterAll(() => rm(folder, { recursive: true }));

function start(options: LabOptions = {}): Promise<Lab> {
  return startLab({ tls: identity, http2: true, ...options });
}

function connect(lab: Lab, overrides: Partial<ServerConfig> = {}) {
  return connectTo(lab.url, { tls: { ca }, ...overrides });
}

const versions = (lab: Lab) => [...new Set(lab.received.map(({ httpVersion }) => httpVersion))];

describe('a server that offers HTTP/2', () => {
  it('is spoken to in HTTP/2, and the wire says so', async () => {
    await using lab = await start();
    await using client = connect(lab);
    const outcome = await client.connection.callTool('add', { a: 1, b: 2 });
    expect(outcome.result.structuredContent).toEqual({ sum: 3 });
    expect(outcome.wire).toMatchObject({ httpVersion: '2', connection: 1, origin: 'reused' });
    expect((await outcome.drained).outcome).toMatch(/^(reused|drained)$/);
    expect(versions(lab)).toEqual(['2']);
  });

  it('is spoken to in HTTP/1.1 where the settings say so', async () => {
    await using lab = await start();
    await using client = connect(lab, { http2: 'never' });
    const { wire } = await client.connection.callTool('say_hello', {});
    expect(wire.httpVersion).toBe('1.1');
    expect(versions(lab)).toEqual(['1.1']);
  });

  it('is spoken to in HTTP/1.1 where it offers no other', async () => {
    await using lab = await start({ http2: false });
    await using client = connect(lab);
    expect((await client.connection.callTool('say_hello', {})).wire.httpVersion).toBe('1.1');
  });

  it('carries many calls at once on one connection, each of them once', async () => {
    await using lab = await start();
    await using client = connect(lab);
    await client.connection.listTools();
    const calls = Array.from({ length: 64 }, (_, n) => client.connection.callTool('add', { a: n, b: n }));
    const results = await Promise.all(calls);
    expect(results.map(({ result }) => (result.structuredContent as { sum: number }).sum)).toEqual(
      results.map((_, n) => 2 * n),
    );
    expect(lab.counts.accepted).toBe(1);
    expect(lab.counts.calls.get('add')).toBe(64);
  });

  it('is never asked for more streams at once than it allows', async () => {
    await using lab = await start({ maxConcurrentStreams: 4 });
    await using client = connect(lab);
    const calls = Array.from({ length: 40 }, () => client.connection.callTool('say_hello', {}));
    await Promise.all(calls);
    expect(lab.counts.calls.get('say_hello')).toBe(40);
  });
});

it('a connection carries a hundred streams at once, whatever its server allows', async () => {
  await using lab = await start({ maxConcurrentStreams: 1_000 });
  await using client = connect(lab, { requestTimeout: 20_000 });
  await client.connection.callTool('say_hello', {});
  const calls = Array.from({ length: 150 }, () => client.connection.callTool('gated', {}));
  await lab.waitFor(({ counts }) => counts.held === 150, 20_000);
  const on = (socket: number) =>
    lab.received.filter((one) => one.socket === socket && one.message?.params?.['name'] === 'gated').length;
  const carried = Array.from({ length: lab.counts.accepted }, (_, n) => on(n + 1));
  expect(Math.max(...carried)).toBeLessThanOrEqual(100);
  expect(carried.reduce((sum, one) => sum + one)).toBe(150);
  lab.release();
  await Promise.all(calls);
});

describe('a stream over HTTP/2', () => {
  it('that is held open is reset, and its connection carries the next call', async () => {
    await using lab = await start({ mode: 'hold-open' });
    await using client = connect(lab);
    for (let n = 0; n < 5; n++) {
      const { drained } = await client.connection.callTool('add', { a: n, b: n });
      expect((await drained).outcome).toBe('reset');
    }
    await lab.waitFor(({ counts }) => counts.held === 0);
    expect(lab.counts).toMatchObject({ accepted: 1, open: 1 });
    expect(lab.counts.calls.get('add')).toBe(5);
  });

  it('is reset when its call is cancelled, and the others go on', async () => {
    await using lab = await start();
    await using client = connect(lab);
    await client.connection.listTools();
    const abort = new AbortController();
    const gated = client.connection.callTool('gated', {}, { signal: abort.signal });
    await lab.waitFor(({ counts }) => counts.held === 1);
    abort.abort();
    expect(await failureOf(gated)).toMatchObject({ code: 'cancelled' });
    await lab.waitFor(({ counts }) => counts.cancelled === 1);
    expect(textOf(await client.connection.callTool('echo', { text: 'still here' }))).toBe('still here');
    expect(lab.counts.accepted).toBe(1);
  });

  it('that the server resets in the middle fails its call, and no other', async () => {
    await using lab = await start({ mode: sequence('reset', 'prompt') });
    await using client = connect(lab);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'connection-lost',
      delivery: 'unknown',
    });
    await client.connection.callTool('add', { a: 2, b: 2 });
    expect(lab.counts.calls.get('add')).toBe(2);
  });

  it.each(['refused-stream', 'goaway-mid'] as const)(
    'that the server did not process (%s) is sent again, and the tool runs once',
    async (mode) => {
      await using lab = await start({ mode });
      await using client = connect(lab);
      for (let n = 1; n <= 4; n++) {
        await client.connection.callTool('add', { a: n, b: n });
        expect(lab.counts.calls.get('add')).toBe(n);
      }
    },
  );

  it('whose connection goes away after each answer costs a connection, not a call', async () => {
    await using lab = await start({ mode: 'goaway-idle' });
    await using client = connect(lab);
    for (let n = 0; n < 6; n++) await client.connection.callTool('add', { a: n, b: n });
    expect(lab.counts.calls.get('add')).toBe(6);
  });

  it('that was lost after the tool ran says that delivery is unknown, and is not sent again', async () => {
    await using lab = await start({ mode: 'goaway-after-request' });
    await using client = connect(lab);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      delivery: 'unknown',
    });
    expect(lab.counts.calls.get('add')).toBe(1);
  });
});
