import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';
import { refusingUrl, startLab } from '../../lab/lab.ts';
import { endlessLine } from '../../lab/modes/broken.ts';
import { unknownCoding } from '../../lab/modes/encodings.ts';
import { redirect } from '../../lab/modes/statuses.ts';
import { type Mode, sequence } from '../../lab/modes.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { type LabTool, text } from '../../lab/tools.ts';
import { connectTo, failureOf, textOf } from './connectTo.ts';

describe('a call that fails', () => {
  it.each([
    ['early-eof', 'stream-ended', 'unknown', /ended its answer to tools\/call without a response/],
    ['wrong-id', 'stream-ended', 'unknown', /it answered the id .* instead/],
    ['reset', 'connection-lost', 'unknown', /in the middle of its answer/],
    ['fin-after-request', 'connection-lost', 'unknown', /without answering/],
    ['reset-after-request', 'connection-lost', 'unknown', /without answering/],
    ['json-cut', 'connection-lost', 'unknown', /in the middle of its answer/],
    ['bad-json', 'not-mcp', 'answered', /it is not JSON/],
    ['wrong-content-type', 'not-mcp', 'answered', /HTTP 200 with text\/html/],
    [unknownCoding, 'not-mcp', 'answered', /compressed \(compress\), in a way/],
    ['accepted-request', 'not-mcp', 'unknown', /HTTP 202 with no content type/],
    ['401', 'unauthorized', 'answered', /credentials/],
    ['403', 'forbidden', 'answered', /refuses/],
    ['404', 'not-found', 'answered', /no MCP endpoint at \/mcp/],
    ['405', 'http-status', 'answered', /405/],
    ['429', 'rate-limited', 'answered', /limits the rate of requests/],
    ['500', 'http-status', 'answered', /500/],
    ['503', 'http-status', 'unknown', /503/],
    ['redirect-loop', 'redirected', 'answered', /redirects to/],
  ] as const)('%s: %s, with what happened and what to do', async (mode, code, delivery, message) => {
    await using lab = await startLab({ mode });
    await using client = connectTo(lab.url);
    const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    expect(error).toMatchObject({ code, delivery, server: 'lab', message: expect.stringMatching(message) });
    expect(error.hint).toMatch(/\w{3,}/);
  });

  it('with a status whose body never ends is told all the same', async () => {
    await using lab = await startLab({
      mode: async ({ reply, hold }) => {
        await reply.write(reply.head(500, { 'Content-Length': '100' }), 'it broke');
        await hold();
      },
    });
    await using client = connectTo(lab.url);
    const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    expect(error).toMatchObject({
      code: 'http-status',
      status: 500,
      message: expect.stringContaining('it broke'),
    });
  });

  it('because HTTP cannot carry it is told at once, and nothing is sent', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url, { headers: { 'x-mine': 'two\nlines' } });
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({
      code: 'config-invalid',
      delivery: 'not-sent',
      message: expect.stringContaining('x-mine'),
    });
    expect(lab.counts.requests).toBe(0);
  });

  it('says how long the server asks to wait', async () => {
    await using lab = await startLab({ mode: '429' });
    await using client = connectTo(lab.url);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      retryAfterMs: 2000,
    });
  });

  it('says what the server answered so far when its time is up', async () => {
    await using lab = await startLab({ mode: 'silence' });
    await using client = connectTo(lab.url, { requestTimeout: 60 });
    const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
    expect(error).toMatchObject({ code: 'request-timeout', phase: 'headers', delivery: 'unknown' });
    // What it tells is measured: a timer is never early, and on a busy machine a little late.
    const [, waited] =
      /^tools\/call got no response in (\d+) ms: the server took the request and has not begun to answer$/.exec(
        error.message,
      ) ?? [];
    expect(Number(waited)).toBeGreaterThanOrEqual(60);
    expect(error.hint).toContain('requestTimeout');
  });

  it('says that it never left the queue', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url, {
      pool: { ...DEFAULT_POOL, maxConnections: 1, queueTimeout: 30 },
    });
    await client.connection.listTools();
    const first = client.connection.callTool('gated', {});
    await lab.waitFor(({ counts }) => counts.held === 1);
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'queue-timeout',
      phase: 'queued',
      delivery: 'not-sent',
    });
    lab.release();
    await first;
    expect(lab.counts.calls.has('add')).toBe(false);
  });

  it('on an event without an end: given up at the bound', { timeout: 60_000 }, async () => {
    await using lab = await startLab({ mode: endlessLine({ upToBytes: 300 * 1024 * 1024 }) });
    await using client = connectTo(lab.url, {}, { traceLevel: () => 'off' });
    expect(await failureOf(client.connection.callTool('add', { a: 1, b: 1 }))).toMatchObject({
      code: 'too-large',
    });
  });
});

describe('a sink that throws', () => {
  it.each(['http-response', 'sse-event'] as const)(
    'on %s fails its call as a fault of its own, and not as one of the server',
    async (kind) => {
      await using lab = await startLab();
      let isBroken = false;
      const onTrace = (event: TraceEvent) => {
        if (isBroken && event.kind === kind) throw new Error('the disk is full');
      };
      await using client = connectTo(lab.url, {}, { onTrace });
      await client.connection.connect();
      isBroken = true;
      const error = await failureOf(client.connection.callTool('add', { a: 1, b: 1 }));
      expect(error).toMatchObject({ code: 'internal', delivery: 'unknown' });
      expect(error.message).toContain('the disk is full');
      isBroken = false;
      await client.connection.callTool('add', { a: 1, b: 1 });
    },
  );
});

describe('a call that may be made twice', () => {
  it('is repeated over a connection that has carried nothing: others may be as stale as the first', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const both = [client.connection.callTool('gated', {}), client.connection.callTool('gated', {})];
    await lab.waitFor(({ counts }) => counts.held === 2);
    lab.release();
    await Promise.all(both);
    lab.use('stale-fin');
    await client.connection.callTool('say_hello', {});
    expect(lab.counts.calls.get('say_hello')).toBe(1);
  });

  it('is made again under a new id, and hears its progress under that', async () => {
    let runs = 0;
    const reports: LabTool = {
      definition: {
        name: 'reports',
        inputSchema: { type: 'object' },
        annotations: { idempotentHint: true },
      },
      run: async (call) => {
        await call.progress(++runs, 2, 'run');
        return text('done');
      },
    };
    await using lab = await startLab({ tools: [reports], mode: sequence('reset-after-request', 'prompt') });
    await using client = connectTo(lab.url);
    const progress: number[] = [];
    await client.connection.callTool('reports', {}, { onProgress: (one) => progress.push(one.progress) });
    const sent = lab.received.flatMap(({ message }) => (message?.method === 'tools/call' ? [message] : []));
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
    expect(progress).toEqual([2]);
    expect(client.warnings()).toEqual([]);
  });

  it('has the time of one: attempts share it', async () => {
    const losesLate: Mode = async ({ run, hold, reply }) => {
      await run();
      await hold(300);
      reply.hangUp();
    };
    await using lab = await startLab({ mode: losesLate });
    await using client = connectTo(lab.url, { requestTimeout: 400 });
    await client.connection.listTools();
    const startedAt = performance.now();
    expect(await failureOf(client.connection.callTool('say_hello', {}))).toMatchObject({
      code: 'request-timeout',
    });
    expect(performance.now() - startedAt).toBeLessThan(580);
    expect(lab.counts.calls.get('say_hello')).toBe(2);
  });

  it('is made once where it is our own listener that fails', async () => {
    await using lab = await startLab({});
    await using client = connectTo(lab.url);
    const onProgress = () => {
      throw new Error('a listener of the caller');
    };
    const { result } = await client.connection.callTool('slow', { steps: 2, everyMs: 1 }, { onProgress });
    expect(result.isError).not.toBe(true);
    expect(lab.counts.calls.get('slow')).toBe(1);
    expect(client.warnings()).toContainEqual(expect.stringContaining('a listener of the caller'));
  });
});

describe('a redirect', () => {
  it.each(['redirect-307', 'redirect-308'] as const)(
    'within the origin (%s) is followed, with the call',
    async (mode) => {
      await using lab = await startLab({ mode });
      await using client = connectTo(lab.url);
      expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(lab.counts.calls.get('say_hello')).toBe(1);
    },
  );

  it('to another origin is the user’s decision: no header of this server gets there', async () => {
    await using other = await startLab({});
    await using lab = await startLab({ mode: redirect(307, { to: other.url }) });
    await using client = connectTo(lab.url, { headers: { Authorization: 'Bearer secret' } });
    const error = await failureOf(client.connection.callTool('say_hello', {}));
    expect(error).toMatchObject({ code: 'redirected', location: other.url });
    expect(other.counts.accepted).toBe(0);
  });
});

describe('a server that cannot be reached', () => {
  it('refuses: nothing listens there', async () => {
    await using client = connectTo(await refusingUrl());
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({
      code: 'connect-refused',
      phase: 'connect',
      delivery: 'not-sent',
      server: 'lab',
    });
    expect(client.states).toEqual(['connecting', 'failed']);
  });

  it('has no name', async () => {
    await using client = connectTo('http://no-such-host.invalid/mcp');
    expect(await failureOf(client.connection.connect())).toMatchObject({ code: 'dns-failed' });
  });

  it('is tried again at the next call', async () => {
    const url = await refusingUrl();
    await using client = connectTo(url);
    await failureOf(client.connection.connect());
    await failureOf(client.connection.callTool('x', {}));
    expect(client.states).toEqual(['connecting', 'failed', 'connecting', 'failed']);
  });

  it('answers TLS with plain HTTP', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using client = connectTo(`https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({ code: 'tls-failed', hint: expect.stringContaining('http://') });
    server.close();
  });

  it('takes the connection and never answers the TLS handshake', async () => {
    await using lab = await startLab({});
    const hundredTimesFaster: Clock = {
      ...systemClock,
      schedule: (ms, task) => systemClock.schedule(ms / 100, task),
    };
    await using client = connectTo(lab.url.replace('http:', 'https:'), {}, {}, hundredTimesFaster);
    const error = await failureOf(client.connection.connect());
    expect(error).toMatchObject({ code: 'tls-failed', hint: expect.stringContaining('http://') });
  });

  it.each([
    ['self-signed', /is self-signed/, /"ca"/],
    ['expired', /not signed by|expired/, /\w/],
    ['private-ca', /not signed by an authority/, /"ca"/],
  ] as const)(
    'has a certificate that is %s: the setting that cures it is named',
    async (kind, message, hint) => {
      const tls = await tlsIdentity(kind);
      await using lab = await startLab({ tls });
      await using client = connectTo(lab.url);
      const error = await failureOf(client.connection.connect());
      expect(error).toMatchObject({
        code: 'tls-failed',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
    },
  );
});

describe('a mode with TLS', () => {
  it('is spoken to with the certificate authority of the settings', async () => {
    const identity = await tlsIdentity('private-ca');
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    try {
      const ca = join(folder, 'ca.pem');
      await writeFile(ca, identity.ca);
      await using lab = await startLab({ tls: identity });
      await using client = connectTo(lab.url, { tls: { ca } });
      for (let n = 0; n < 5; n++)
        expect(textOf(await client.connection.callTool('say_hello', {}))).toBe('Hello, world!');
      expect(lab.counts.accepted).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names the file that it cannot read', async () => {
    await using client = connectTo('https://127.0.0.1:1/mcp', { tls: { ca: '/no/such/file.pem' } });
    expect(await failureOf(client.connection.connect())).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('/no/such/file.pem'),
    });
  });
});

describe('an HTTP status on the first request', () => {
  it.each(['401', '403', '429'] as const satisfies readonly Mode[])(
    '%s is told at once, and is not taken for another era',
    async (mode) => {
      await using lab = await startLab({ mode, on: 'all' });
      await using client = connectTo(lab.url);
      await failureOf(client.connection.connect());
      expect(lab.received).toHaveLength(1);
    },
  );
});
