import { once } from 'node:events';
import type { Settings } from 'node:http2';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { type LabOptions, startLab } from '../lab/lab.ts';
import { endlessLine, hugeEvent } from '../lab/modes/broken.ts';
import { MULTI_BYTE_TEXT } from '../lab/modes/encodings.ts';
import { trickle } from '../lab/modes/held.ts';
import { http2ModeNames, type Mode, modeNames, sequence } from '../lab/modes.ts';
import { messagesOf, type RawAnswer, RawClient } from '../lab/rawClient.ts';
import { RawHttp2Client } from '../lab/rawHttp2Client.ts';
import { tlsIdentity } from '../lab/tls.ts';

const tls = await tlsIdentity('private-ca');

async function start(mode: Mode, options: LabOptions = {}) {
  const lab = await startLab({ mode, tls, http2: 'only', ...options });
  const client = new RawHttp2Client(lab.url, tls.ca);
  const close = async () => {
    client.close();
    await lab.close();
  };
  return { lab, client, [Symbol.asyncDispose]: close };
}

/** The protocol that the lab and a client agree on; undefined where the client offers none. */
async function agreed(url: string, offered?: string[]): Promise<string | false | null> {
  const ALPNProtocols = offered === undefined ? {} : { ALPNProtocols: offered };
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    ca: tls.ca,
    ...ALPNProtocols,
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  return socket.alpnProtocol;
}

function parsed({ pieces }: RawAnswer): unknown[] {
  const messages: unknown[] = [];
  const parser = createParser({ onEvent: ({ data }) => messages.push(JSON.parse(data)) });
  const decoder = new TextDecoder();
  for (const piece of pieces) parser.feed(decoder.decode(piece, { stream: true }));
  return messages;
}

const hello = { result: { content: [{ type: 'text', text: 'Hello, world!' }] } };
const INTERNAL_ERROR = 'Stream closed with error code NGHTTP2_INTERNAL_ERROR';
const REFUSED_STREAM = 'Stream closed with error code NGHTTP2_REFUSED_STREAM';

describe('what is offered', () => {
  test('both, and the client chooses', async () => {
    await using lab = await startLab({ tls, http2: true });
    expect(await agreed(lab.url, ['http/1.1'])).toBe('http/1.1');
    expect(await agreed(lab.url, ['http/1.1', 'h2'])).toBe('h2');
    using one = new RawClient(lab.url, { ca: tls.ca });
    using two = new RawHttp2Client(lab.url, tls.ca);
    for (const client of [one, two])
      expect(messagesOf(await client.call('say_hello').end)).toMatchObject([hello]);
    expect(lab.received.map(({ httpVersion }) => httpVersion)).toEqual(['1.1', '2']);
  });

  test('HTTP/2 alone, to a client that speaks it', async () => {
    await using lab = await startLab({ tls, http2: 'only' });
    expect(await agreed(lab.url, ['h2'])).toBe('h2');
    await expect(agreed(lab.url, ['http/1.1'])).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    });
    using client = new RawClient(lab.url, { ca: tls.ca });
    await expect(client.call('say_hello').end).rejects.toThrow();
    expect(lab.counts.requests).toBe(0);
  });

  test('not HTTP/2, unless the lab is told so', async () => {
    await using lab = await startLab({ tls });
    expect(await agreed(lab.url, ['h2', 'http/1.1'])).toBe('http/1.1');
  });

  test('nothing without TLS', async () => {
    await expect(startLab({ http2: true })).rejects.toThrow('HTTP/2 is offered over TLS');
  });
});

describe('one connection', () => {
  test('carries every call, and tells them apart', async () => {
    await using it = await start('prompt');
    for (let n = 0; n < 3; n += 1)
      expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([hello]);
    expect(it.lab.counts).toMatchObject({ accepted: 1, open: 1, maxOpen: 1, requests: 3, streamsReset: 0 });
    expect(it.lab.received).toMatchObject([1, 2, 3].map((nth) => ({ httpVersion: '2', socket: 1, nth })));
    expect(it.lab.received[0]).toMatchObject({
      httpMethod: 'POST',
      path: '/mcp',
      headers: { host: new URL(it.lab.url).host, 'mcp-method': 'tools/call', 'mcp-name': 'say_hello' },
      message: { method: 'tools/call' },
    });
  });

  test('carries many at a time', async () => {
    await using it = await start('prompt');
    const calls = Array.from({ length: 20 }, () => it.client.call('gated'));
    await it.lab.waitFor(({ counts }) => counts.held === 20);
    it.lab.release();
    for (const call of calls) expect((await call.end).body).toContain('released');
    expect(it.lab.counts).toMatchObject({ accepted: 1, maxOpen: 1 });
  });

  test('carries no more than the lab allows', async () => {
    await using it = await start('prompt', { maxConcurrentStreams: 2 });
    const [settings] = (await once(it.client.session, 'remoteSettings')) as [Settings];
    expect(settings.maxConcurrentStreams).toBe(2);
    const calls = [1, 2, 3].map(() => it.client.call('gated'));
    await it.lab.waitFor(({ counts }) => counts.held === 2);
    expect(it.lab.counts.requests).toBe(2);
    it.lab.release();
    await it.lab.waitFor(({ counts }) => counts.requests === 3 && counts.held === 1);
    it.lab.release();
    for (const call of calls) await call.end;
  });

  test('carries a body of many frames, both ways', async () => {
    await using it = await start('prompt');
    const text = 'x'.repeat(1_000_000);
    expect(messagesOf(await it.client.call('echo', { text }).end)).toMatchObject([
      { result: { content: [{ text }] } },
    ]);
  });

  test('is gone when the lab disconnects it', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello');
    it.lab.disconnect();
    await expect(call.end).rejects.toThrow('the stream closed with code 8');
    expect(it.lab.counts).toMatchObject({ open: 0, held: 0, streamsReset: 0 });
  });
});

describe('a client that gives a stream up', () => {
  test('after its response: it is let go, and the connection stays', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello');
    call.abort();
    await it.lab.waitFor(({ counts }) => counts.streamsReset === 1 && counts.held === 0);
    expect(it.lab.counts).toMatchObject({ open: 1, cancelled: 0 });
    it.lab.use('prompt');
    expect((await it.client.call('say_hello').end).status).toBe(200);
    expect(it.lab.counts.accepted).toBe(1);
  });

  test('before it: the call is cancelled', async () => {
    await using it = await start('prompt');
    const call = it.client.call('gated');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    call.abort();
    await it.lab.waitFor(({ counts }) => counts.cancelled === 1 && counts.streamsReset === 1);
  });

  test('as often as it likes', async () => {
    await using it = await start('hold-open', { record: false });
    for (let n = 0; n < 1_200; n += 1) {
      const call = it.client.call('say_hello');
      await call.until('Hello');
      call.abort();
    }
    await it.lab.waitFor(({ counts }) => counts.streamsReset === 1_200);
    expect(it.lab.counts).toMatchObject({ accepted: 1, open: 1 });
  });

  test('by closing the connection: that is no reset', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello');
    // The socket, and not the session: that one would reset its streams first.
    it.client.session.socket.destroy();
    await it.lab.waitFor(({ counts }) => counts.open === 0 && counts.held === 0);
    expect(it.lab.counts.streamsReset).toBe(0);
  });
});

describe('the modes of HTTP/1.1, over streams', () => {
  test('json: one body with its length', async () => {
    await using it = await start('json');
    const answer = await it.client.call('say_hello').end;
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': expect.any(String),
    });
    expect(messagesOf(answer)).toMatchObject([hello]);
  });

  test('hold-open: the response comes, the end of its stream only when released', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello, world!');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.release();
    expect(messagesOf(await call.end)).toMatchObject([hello]);
  });

  test('trickle: comments go on after the response', async () => {
    await using it = await start(trickle({ everyMs: 1 }));
    const call = it.client.call('say_hello');
    await call.until(': trickle\n\n: trickle\n\n: trickle');
    it.lab.release();
    expect(messagesOf(await call.end)).toMatchObject([hello]);
  });

  test('chatty-tail: messages come after the response', async () => {
    await using it = await start('chatty-tail');
    const call = it.client.call('say_hello');
    await call.until('Hello');
    it.lab.release();
    expect(messagesOf(await call.end)).toHaveLength(4);
  });

  test('slow-headers: not a byte until released', async () => {
    await using it = await start('slow-headers');
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    expect(call.text()).toBe('');
    it.lab.release();
    expect(messagesOf(await call.end)).toMatchObject([hello]);
  });

  test('silence: the request is read and never answered', async () => {
    await using it = await start('silence');
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.release();
    await expect(call.end).rejects.toThrow(INTERNAL_ERROR);
    expect(it.lab.counts).toMatchObject({ open: 1, streamsReset: 0 });
  });

  test('early-eof: the stream ends in good order, without its response', async () => {
    await using it = await start('early-eof');
    expect(messagesOf(await it.client.call('say_hello').end)).toEqual([]);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
  });

  test.each([
    ['reset', 'event: message\ndata: {'],
    ['json-cut', '{"jsonrpc"'],
    ['reset-after-request', ''],
  ] as const)('%s: the tool runs, RST_STREAM before the answer is whole', async (mode, begins) => {
    await using it = await start(mode);
    const call = it.client.call('say_hello');
    await expect(call.end).rejects.toThrow(INTERNAL_ERROR);
    expect(call.text().startsWith(begins)).toBe(true);
    expect(call.text()).not.toContain('Hello, world!"}]');
    expect(it.lab.counts).toMatchObject({ open: 1, streamsReset: 0 });
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
  });

  test('wrong-id, duplicate-response, bad-json', async () => {
    await using it = await start('wrong-id');
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([{ id: 'not 1', ...hello }]);
    it.lab.use('duplicate-response');
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([hello, hello]);
    it.lab.use('bad-json');
    const answer = await it.client.call('say_hello').end;
    expect(() => parsed(answer)).toThrow(SyntaxError);
  });

  test('wrong-content-type, accepted-request', async () => {
    await using it = await start('wrong-content-type');
    expect((await it.client.call('say_hello').end).headers['content-type']).toBe('text/html');
    it.lab.use('accepted-request');
    expect(await it.client.call('say_hello').end).toMatchObject({ status: 202, body: '' });
  });

  test('huge-event, endless-line', async () => {
    await using it = await start(hugeEvent({ bytes: 1_000_000 }));
    expect((await it.client.call('say_hello').end).body.length).toBeGreaterThan(1_000_000);
    it.lab.use(endlessLine({ upToBytes: 1_000_000 }));
    const call = it.client.call('say_hello');
    await expect(call.end).rejects.toThrow(INTERNAL_ERROR);
    expect(call.text()).toMatch(/^data: x{900000,}$/);
  });

  test.each(['byte-at-a-time', 'cut-multi-byte', 'cr-only', 'cut-crlf', 'bom', 'many-lines'] as const)(
    '%s: is a legal stream',
    async (mode) => {
      await using it = await start(mode);
      const first = hello.result.content;
      const content = mode === 'cut-multi-byte' ? [...first, { type: 'text', text: MULTI_BYTE_TEXT }] : first;
      const answer = await it.client.call('say_hello').end;
      expect(parsed(answer)).toMatchObject([{ id: 1, result: { content } }]);
      if (mode === 'byte-at-a-time') expect(answer.pieces).toHaveLength(Buffer.byteLength(answer.body));
    },
  );

  test('gzip: the stream is compressed', async () => {
    await using it = await start('gzip');
    const { headers, pieces } = await it.client.call('say_hello').end;
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.concat(pieces)).toString()).toContain('Hello, world!');
  });

  test.each(['401', '403', '404', '405', '429', '500', '503', 'redirect-307', 'redirect-308'] as const)(
    '%s: and the tool does not run',
    async (mode) => {
      await using it = await start(mode);
      expect((await it.client.call('say_hello').end).status).toBe(Number(mode.replace('redirect-', '')));
      expect(it.lab.counts.calls.size).toBe(0);
    },
  );

  test('session-lost: 404 once, and nothing ran', async () => {
    await using it = await start('session-lost', { era: 'legacy' });
    const shakeHands = async () => {
      const { headers } = await it.client.post({ protocolVersion: '2025-11-25' }, 'initialize').end;
      return { 'Mcp-Session-Id': String(headers['mcp-session-id']) };
    };
    const call = (session: Record<string, string>) =>
      it.client.post({ name: 'say_hello' }, 'tools/call', session).end;
    expect((await call(await shakeHands())).status).toBe(404);
    expect((await call(await shakeHands())).status).toBe(200);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
  });

  test('a legacy GET stream, and a subscription', async () => {
    await using it = await start('prompt', { era: 'dual' });
    const { headers } = await it.client.post({ protocolVersion: '2025-11-25' }, 'initialize').end;
    const session = String(headers['mcp-session-id']);
    const get = it.client.http('GET', { Accept: 'text/event-stream', 'Mcp-Session-Id': session });
    const listen = it.client.modern('subscriptions/listen', { notifications: { toolsListChanged: true } });
    await listen.until('acknowledged');
    await it.lab.waitFor(({ counts }) => counts.streams === 2);
    await it.lab.notify('notifications/tools/list_changed');
    for (const stream of [get, listen]) await stream.until('notifications/tools/list_changed');
    get.abort();
    await it.lab.waitFor(({ counts }) => counts.streams === 1);
    it.lab.endStreams();
    expect((await listen.end).body).toContain('"resultType":"complete"');
  });
});

describe('the modes of HTTP/2 alone', () => {
  test('goaway-idle: GOAWAY with each answer, and the connection closes', async () => {
    await using it = await start('goaway-idle');
    const away = once(it.client.session, 'goaway');
    const call = it.client.call('say_hello');
    expect((await away).slice(0, 2)).toEqual([0, 1]);
    expect(messagesOf(await call.end)).toMatchObject([hello]);
    await it.lab.waitFor(({ counts }) => counts.open === 0);
  });

  test('goaway-idle: what else is on its way is still answered', async () => {
    await using it = await start(sequence('hold-open', 'goaway-idle'));
    const held = it.client.call('say_hello');
    await held.until('Hello');
    const away = once(it.client.session, 'goaway');
    await it.client.call('say_hello').end;
    await away;
    expect(it.lab.counts.open).toBe(1);
    it.lab.release();
    expect(messagesOf(await held.end)).toMatchObject([hello]);
  });

  test('goaway-mid: the second request of a connection is not processed, and the client is told', async () => {
    await using it = await start('goaway-mid');
    await it.client.call('say_hello').end;
    const away = once(it.client.session, 'goaway');
    await expect(it.client.call('say_hello').end).rejects.toThrow(REFUSED_STREAM);
    expect((await away).slice(0, 2)).toEqual([0, 1]);
    await it.lab.waitFor(({ counts }) => counts.open === 0);
    expect(it.lab.counts).toMatchObject({ requests: 2, streamsReset: 0 });
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
    using next = new RawHttp2Client(it.lab.url, tls.ca);
    expect(messagesOf(await next.call('say_hello').end)).toMatchObject([hello]);
  });

  test('goaway-mid: nor are those behind it', async () => {
    await using it = await start('goaway-mid');
    await it.client.call('say_hello').end;
    const late = [1, 2, 3].map(() => it.client.call('say_hello').end);
    for (const call of late) await expect(call).rejects.toThrow(REFUSED_STREAM);
    await it.lab.waitFor(({ counts }) => counts.open === 0);
    expect(it.lab.counts.streamsReset).toBe(0);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
  });

  test('refused-stream: once, the tool does not run, and the connection stays', async () => {
    await using it = await start('refused-stream');
    await expect(it.client.call('say_hello').end).rejects.toThrow(REFUSED_STREAM);
    expect(it.lab.counts.calls.size).toBe(0);
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([hello]);
    expect(it.lab.counts).toMatchObject({ accepted: 1, streamsReset: 0 });
  });

  test('goaway-after-request: the tool has run, and the answer never comes', async () => {
    await using it = await start('goaway-after-request');
    const away = once(it.client.session, 'goaway');
    await expect(it.client.call('say_hello').end).rejects.toThrow('the stream closed with code 8');
    // The last request that was processed is this one: it may not be sent again.
    expect((await away).slice(0, 2)).toEqual([0, 1]);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
    await it.lab.waitFor(({ counts }) => counts.open === 0);
  });

  test('goaway-after-request: takes everything else on the connection with it', async () => {
    await using it = await start(sequence('hold-open', 'goaway-after-request'));
    const held = it.client.call('say_hello');
    await held.until('Hello');
    await expect(it.client.call('say_hello').end).rejects.toThrow('the stream closed');
    await expect(held.end).rejects.toThrow('the stream closed');
    await it.lab.waitFor(({ counts }) => counts.open === 0 && counts.held === 0);
    expect(it.lab.counts.streamsReset).toBe(0);
  });
});

describe('a mode without a meaning in a version', () => {
  test.each([
    'tail-stall',
    'split-stall',
    'head-stall',
    'no-keepalive',
    'close-idle',
    'stale-fin',
    'fin-after-request',
  ] as const)('%s: is refused where HTTP/2 alone is offered', async (mode) => {
    const message = `the mode ${mode} has a meaning over HTTP/1.1 only`;
    await expect(startLab({ tls, http2: 'only', mode })).rejects.toThrow(message);
    await using it = await start('prompt');
    expect(() => it.lab.use(mode)).toThrow(message);
    expect(() => it.lab.use(sequence('prompt', mode))).toThrow('HTTP/1.1 only');
  });

  test.each(['goaway-idle', 'goaway-mid', 'refused-stream', 'goaway-after-request', 'goaway-words'] as const)(
    '%s: is refused where HTTP/2 is not offered',
    async (mode) => {
      await expect(startLab({ mode })).rejects.toThrow(`the mode ${mode} has a meaning over HTTP/2 only`);
    },
  );

  test('is told to the client that chose the wrong version of two', async () => {
    await using it = await start('split-stall', { http2: true });
    const { status, body } = await it.client.call('say_hello').end;
    expect([status, body]).toEqual([505, 'this mode of the lab has a meaning over HTTP/1.1 only']);
    using one = new RawClient(it.lab.url, { ca: tls.ca });
    expect((await one.call('say_hello').end).status).toBe(200);
  });

  test('the lists of names know it', () => {
    expect(modeNames).toContain('tail-stall');
    expect(modeNames).not.toContain('goaway-mid');
    expect(http2ModeNames).toContain('goaway-mid');
    expect(http2ModeNames).not.toContain('tail-stall');
    expect(http2ModeNames).toContain('prompt');
  });
});

test('every mode leaves the lab in a state to be closed at once', async () => {
  for (const mode of http2ModeNames) {
    const it = await start(mode, { on: 'all' });
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.requests === 1);
    await it.lab.close();
    await call.end.catch(() => {});
    it.client.close();
    expect(it.lab.counts, mode).toMatchObject({ open: 0, held: 0, streamsReset: 0 });
  }
});
