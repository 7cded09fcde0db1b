import { describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../../lab/cuttingProxy.ts';
import { startLab } from '../../lab/lab.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

const tls = await tlsIdentity('private-ca');
const ca = writePem(tls.ca);
const SILENT = 1_200;

describe('a proxy that waits for its server no longer than its time-out', () => {
  it('is told as the proxy where it answers itself, with its time, and the tool may still run', async () => {
    await using lab = await startLab({ mode: 'silence' });
    await using proxy = await startCuttingProxy(lab.url, { silentMs: SILENT });
    await using client = connectTo(proxy.url);
    const error = await failureOf(client.connection.callTool('say_hello', {}));
    expect(error).toMatchObject({ code: 'http-status', status: 504, delivery: 'unknown' });
    expect(error.message).toMatch(/^A gateway gave up after 1\.[2-9] s \(HTTP 504: nginx\/1\.22\.1\)/);
    expect(error.hint).not.toContain('Try again');
  });

  it.each([
    ['cut', 'connection-lost'],
    ['end', 'stream-ended'],
  ] as const)(
    'is the likely cause where it cuts a silent stream (%s), with the time of the silence',
    async (how, code) => {
      await using lab = await startLab();
      await using proxy = await startCuttingProxy(lab.url, { silentMs: SILENT, how });
      await using client = connectTo(proxy.url);
      const error = await failureOf(client.connection.callTool('gated', {}, { onProgress: () => undefined }));
      expect(error).toMatchObject({ code, delivery: 'unknown' });
      expect(error.hint).toMatch(
        /Nothing came for 1\.[2-9] s before that.*a proxy on the way cuts streams that are silent/,
      );
    },
  );
});

describe('a loss that a proxy tells by a proper end', () => {
  it.each(['early-eof', 'reset'] as const)(
    'is repeated once for a tool that only reads, as one that is told by a cut is (%s)',
    async (mode) => {
      await using lab = await startLab();
      await using client = connectTo(lab.url);
      await client.connection.listTools();
      lab.use(mode);
      await failureOf(client.connection.callTool('say_hello', {}));
      expect(lab.counts.calls.get('say_hello')).toBe(2);
      // It may change something: nobody asked for that twice.
      await failureOf(client.connection.callTool('add', { a: 1, b: 2 }));
      expect(lab.counts.calls.get('add')).toBe(1);
    },
  );
});

it('a GOAWAY is told with its code and with the server’s own words, and not with all of them where they are many', async () => {
  await using lab = await startLab({ tls, http2: true, mode: 'goaway-words' });
  await using client = connectTo(lab.url, { tls: { ca } });
  const error = await failureOf(client.connection.callTool('add', { a: 1, b: 2 }));
  expect(error).toMatchObject({ code: 'connection-lost', delivery: 'unknown' });
  expect(error.message).toContain('GOAWAY ENHANCE_YOUR_CALM: too many requests in a minute');
  expect(error.message.length).toBeLessThan(400);
});
