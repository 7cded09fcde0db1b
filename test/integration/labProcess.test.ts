import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startLabProcess } from '../lab/labProcess.ts';
import { messagesOf, RawClient } from '../lab/rawClient.ts';
import { RawHttp2Client } from '../lab/rawHttp2Client.ts';
import { tlsIdentity } from '../lab/tls.ts';

test('is the same lab in another process, with counts of its own', async () => {
  await using lab = await startLabProcess();
  expect(lab.pid).not.toBe(process.pid);
  using client = new RawClient(lab.url);
  const [added] = messagesOf(await client.call('add', { a: 19, b: 23 }).end);
  expect(added?.result).toMatchObject({ structuredContent: { sum: 42 } });
  const counts = await lab.counts();
  expect(counts).toMatchObject({ accepted: 1, open: 1, maxOpen: 1, requests: 1 });
  expect(counts.calls).toEqual(new Map([['add', 1]]));
});

test('takes its modes as data, with options', async () => {
  await using lab = await startLabProcess({ mode: { name: 'trickle', options: { everyMs: 1 } } });
  using client = new RawClient(lab.url);
  const call = client.call('say_hello');
  await call.until(': trickle\n\n: trickle');
  await lab.release();
  await call.end;
  await lab.use({ name: '429', options: { retryAfter: 7 } }, ['tools/list']);
  expect((await client.modern('tools/list').end).headers['retry-after']).toBe('7');
  expect((await client.call('say_hello').end).status).toBe(200);
});

test('speaks TLS and HTTP/2', async () => {
  const tls = await tlsIdentity('private-ca');
  await using lab = await startLabProcess({ tls, http2: 'only', mode: 'hold-open' });
  using client = new RawHttp2Client(lab.url, tls.ca);
  const call = client.call('say_hello');
  await call.until('Hello, world!');
  expect((await lab.counts()).held).toBe(1);
  await lab.disconnect();
  await expect(call.end).rejects.toThrow();
  await expect(lab.use('tail-stall')).rejects.toThrow('the mode tail-stall has a meaning over HTTP/1.1 only');
});

test('can be far away', async () => {
  await using lab = await startLabProcess({ oneWayMs: 25 });
  using client = new RawClient(lab.url);
  await client.call('say_hello').end;
  const { endMs } = await client.call('say_hello').end;
  expect(endMs).toBeGreaterThanOrEqual(50);
});

test('answers with as many bytes as it is asked for, the same each time', async () => {
  await using lab = await startLabProcess();
  using client = new RawClient(lab.url);
  const sized = async (bytes: number) => {
    const [response] = messagesOf(await client.call('sized', { bytes }).end);
    const { content } = (response?.result ?? {}) as { content?: readonly { text: string }[] };
    return content?.[0]?.text;
  };
  for (const bytes of [0, 1, 1024, 3_000_000]) {
    const text = await sized(bytes);
    expect(text).toHaveLength(bytes);
    expect(text).toMatch(/^[\w-]*$/);
    expect(await sized(bytes)).toBe(text);
  }
});

test('says why it does not start', async () => {
  await expect(startLabProcess({ http2: true })).rejects.toThrow('HTTP/2 is offered over TLS');
});

test('ends when it is closed', async () => {
  const lab = await startLabProcess({ mode: 'hold-open' });
  await lab.close();
  const socket = connect(Number(new URL(lab.url).port), '127.0.0.1');
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(() => process.kill(lab.pid, 0)).toThrow('ESRCH');
  await expect(lab.counts()).rejects.toThrow('has ended');
  await lab.close();
});
