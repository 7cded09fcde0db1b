import { connect } from 'node:net';
import { setTimeout as rest } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { type LabOptions, startLab } from '../lab/lab.ts';
import { endlessLine, hugeEvent } from '../lab/modes/broken.ts';
import { MULTI_BYTE_TEXT } from '../lab/modes/encodings.ts';
import { slowHeaders, trickle } from '../lab/modes/held.ts';
import { idleTimeout } from '../lab/modes/keepAlive.ts';
import { rateLimited, redirect } from '../lab/modes/statuses.ts';
import { type Mode, modeNames, sequence } from '../lab/modes.ts';
import { messagesOf, type RawAnswer, RawClient } from '../lab/rawClient.ts';

async function start(mode: Mode, options: LabOptions = {}) {
  const lab = await startLab({ mode, ...options });
  const client = new RawClient(lab.url);
  const close = async () => {
    client.close();
    await lab.close();
  };
  return { lab, client, [Symbol.asyncDispose]: close };
}

/** What a server answers to a GET on a connection that only the server closes. */
async function untilServerEnds(url: string): Promise<string> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`GET /mcp HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return Buffer.concat(await socket.toArray()).toString();
}

/** The messages of a stream by the parser that the field uses. */
function parsed({ pieces }: RawAnswer): unknown[] {
  const messages: unknown[] = [];
  const parser = createParser({ onEvent: ({ data }) => messages.push(JSON.parse(data)) });
  const decoder = new TextDecoder();
  for (const piece of pieces) parser.feed(decoder.decode(piece, { stream: true }));
  return messages;
}

const hello = { result: { content: [{ type: 'text', text: 'Hello, world!' }] } };

describe('whole answers', () => {
  test('prompt: one event stream with an end, again and again on one connection', async () => {
    await using it = await start('prompt');
    for (let n = 0; n < 3; n += 1) {
      const answer = await it.client.call('say_hello').end;
      expect(answer.headers['content-type']).toBe('text/event-stream');
      expect(messagesOf(answer)).toMatchObject([hello]);
    }
    expect(it.lab.counts).toMatchObject({ accepted: 1, open: 1, requests: 3 });
    expect(it.lab.received.map(({ socket, nth }) => [socket, nth])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  test('json: one body with its length', async () => {
    await using it = await start('json');
    const answer = await it.client.call('say_hello').end;
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': expect.any(String),
    });
    expect(messagesOf(answer)).toMatchObject([hello]);
  });
});

// The ~40 ms are the delayed ACK of Linux: another system may not show them.
describe.runIf(process.platform === 'linux')('stalls', () => {
  /** Medians of five calls on one connection that has been used before. */
  async function medians(mode: Mode, restMs: number) {
    await using it = await start(mode);
    const answers: RawAnswer[] = [await it.client.call('say_hello').end];
    for (let n = 0; n < 5; n += 1) {
      // The rest of the connection is what is measured here, not something that is waited for.
      await rest(restMs);
      answers.push(await it.client.call('say_hello').end);
    }
    expect(it.lab.counts.accepted).toBe(1);
    const median = (of: (answer: RawAnswer) => number) =>
      answers
        .slice(1)
        .map(of)
        .toSorted((a, b) => a - b)[2] ?? 0;
    return { event: median((answer) => answer.firstPieceMs), end: median((answer) => answer.endMs) };
  }

  test('prompt: neither the response nor the end is late', async () => {
    const { end } = await medians('prompt', 0);
    expect(end).toBeLessThan(20);
  });

  test('tail-stall: the response is on time, the end of the stream is 40 ms late', async () => {
    const { event, end } = await medians('tail-stall', 0);
    expect(event).toBeLessThan(20);
    expect(end).toBeGreaterThan(30);
  });

  test('a mode that writes in pieces does not stall, unless it is meant to', async () => {
    const { end } = await medians('cut-crlf', 0);
    expect(end).toBeLessThan(20);
  });

  test.each(['split-stall', 'head-stall'] as const)('%s: the response itself is 40 ms late', async (mode) => {
    const { event } = await medians(mode, 0);
    expect(event).toBeGreaterThan(30);
  });

  test.each(['tail-stall', 'split-stall', 'head-stall'] as const)(
    '%s: a connection that has rested does not stall',
    async (mode) => {
      const { end } = await medians(mode, 80);
      expect(end).toBeLessThan(20);
    },
  );
});

describe('held', () => {
  test('hold-open: the response comes, the end of its stream only when released', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello, world!');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.release();
    expect(messagesOf(await call.end)).toMatchObject([hello]);
    expect(it.lab.counts.held).toBe(0);
  });

  test('hold-open: a client that hangs up is let go', async () => {
    await using it = await start('hold-open');
    const call = it.client.call('say_hello');
    await call.until('Hello');
    call.abort();
    await it.lab.waitFor(({ counts }) => counts.closed === 1 && counts.held === 0);
    // It had its response: that is no cancellation.
    expect(it.lab.counts.cancelled).toBe(0);
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
    const late = { method: 'notifications/message' };
    expect(messagesOf(await call.end)).toMatchObject([hello, late, late, late]);
  });

  test('slow-headers: not a byte until released', async () => {
    await using it = await start('slow-headers');
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    expect(call.text()).toBe('');
    it.lab.release();
    expect(messagesOf(await call.end)).toMatchObject([hello]);
  });

  test('slow-headers: or until its time', async () => {
    await using it = await start(slowHeaders({ afterMs: 30 }));
    const { headMs } = await it.client.call('say_hello').end;
    expect(headMs).toBeGreaterThan(25);
  });

  test('silence: the request is read and never answered', async () => {
    await using it = await start('silence');
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.held === 1);
    it.lab.release();
    await expect(call.end).rejects.toThrow('socket hang up');
  });
});

describe('broken', () => {
  test('early-eof: the stream ends in good order, without its response', async () => {
    await using it = await start('early-eof');
    const answer = await it.client.call('say_hello').end;
    expect(answer.status).toBe(200);
    expect(messagesOf(answer)).toEqual([]);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
  });

  test('reset: RST in the middle of the event', async () => {
    await using it = await start('reset');
    const call = it.client.call('say_hello');
    await expect(call.end).rejects.toThrow('read ECONNRESET');
    expect(call.text()).toContain('event: message\ndata: {');
    expect(call.text()).not.toContain('\n\n');
  });

  test.each([
    ['fin-after-request', 'socket hang up'],
    ['reset-after-request', 'read ECONNRESET'],
  ] as const)('%s: the tool runs, and the connection closes without a byte', async (mode, message) => {
    await using it = await start(mode);
    await expect(it.client.call('add', { a: 1, b: 2 }).end).rejects.toThrow(message);
    expect(it.lab.counts.calls.get('add')).toBe(1);
  });

  test('json-cut: the body is shorter than it said', async () => {
    await using it = await start('json-cut');
    await expect(it.client.call('say_hello').end).rejects.toMatchObject({
      code: 'ECONNRESET',
      message: 'aborted',
    });
  });

  test('wrong-id: the only response is to another request', async () => {
    await using it = await start('wrong-id');
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([{ id: 'not 1', ...hello }]);
  });

  test('duplicate-response: the same response twice', async () => {
    await using it = await start('duplicate-response');
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([
      { id: 1, ...hello },
      { id: 1, ...hello },
    ]);
  });

  test('bad-json: an event that no one can read', async () => {
    await using it = await start('bad-json');
    const answer = await it.client.call('say_hello').end;
    expect(() => parsed(answer)).toThrow(SyntaxError);
  });

  test('wrong-content-type: a good response under the name of a page', async () => {
    await using it = await start('wrong-content-type');
    const { headers, body } = await it.client.call('say_hello').end;
    expect(headers['content-type']).toBe('text/html');
    expect(JSON.parse(body)).toMatchObject(hello);
  });

  test('accepted-request: 202 and nothing else', async () => {
    await using it = await start('accepted-request');
    expect(await it.client.call('say_hello').end).toMatchObject({ status: 202, body: '' });
  });

  test('huge-event: one event of the size that was asked for', async () => {
    await using it = await start(hugeEvent({ bytes: 1_000_000 }));
    const answer = await it.client.call('say_hello').end;
    expect(answer.body.length).toBeGreaterThan(1_000_000);
    expect(messagesOf(answer)).toHaveLength(1);
  });

  test('endless-line: data without an end, until the server gives up', async () => {
    await using it = await start(endlessLine({ upToBytes: 1_000_000 }));
    const call = it.client.call('say_hello');
    await expect(call.end).rejects.toThrow('aborted');
    expect(call.text()).toMatch(/^data: x{900000,}$/);
  });

  test('endless-line: or until the client hangs up', async () => {
    await using it = await start('endless-line');
    const call = it.client.call('say_hello');
    await call.until('data: x');
    call.abort();
    await it.lab.waitFor(({ counts }) => counts.open === 0);
  });
});

describe('encodings', () => {
  test.each(['byte-at-a-time', 'cut-multi-byte', 'cr-only', 'cut-crlf', 'bom', 'many-lines'] as const)(
    '%s: is a legal stream',
    async (mode) => {
      await using it = await start(mode);
      const first = hello.result.content;
      const content = mode === 'cut-multi-byte' ? [...first, { type: 'text', text: MULTI_BYTE_TEXT }] : first;
      expect(parsed(await it.client.call('say_hello').end)).toMatchObject([{ id: 1, result: { content } }]);
    },
  );

  test('byte-at-a-time: every chunk is one byte', async () => {
    await using it = await start('byte-at-a-time');
    const { pieces } = await it.client.call('say_hello').end;
    expect(new Set(pieces.map((piece) => piece.length))).toEqual(new Set([1]));
  });

  test('cut-multi-byte: no character of more than one byte is in one chunk', async () => {
    await using it = await start('cut-multi-byte');
    const { pieces } = await it.client.call('say_hello').end;
    const alone = pieces.map((piece) => piece.toString()).join('');
    expect(alone).not.toMatch(/[ü世🌊]/u);
  });

  test('cr-only: no line feed at all', async () => {
    await using it = await start('cr-only');
    expect((await it.client.call('say_hello').end).body).toMatch(/^event: message\rdata: [^\n]*\r\r$/);
  });

  test('cut-crlf: every line feed begins a chunk', async () => {
    await using it = await start('cut-crlf');
    const { pieces } = await it.client.call('say_hello').end;
    const texts = pieces.map((piece) => piece.toString());
    expect(texts).toHaveLength(4);
    expect(texts.every((text, n) => n === 0 || text.startsWith('\n'))).toBe(true);
  });

  test('bom: the first bytes are a byte order mark', async () => {
    await using it = await start('bom');
    const { pieces } = await it.client.call('say_hello').end;
    expect(pieces[0]?.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  });

  test('gzip: the stream is compressed', async () => {
    await using it = await start('gzip');
    const { headers, pieces } = await it.client.call('say_hello').end;
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(Buffer.concat(pieces)).toString()).toContain('Hello, world!');
  });
});

describe('statuses', () => {
  test.each([
    ['401', { 'www-authenticate': expect.stringContaining('resource_metadata="http://127.0.0.1') }],
    ['403', { 'www-authenticate': expect.stringContaining('insufficient_scope') }],
    ['404', {}],
    ['405', { allow: 'GET' }],
    ['429', { 'retry-after': '2' }],
    ['500', {}],
    ['503', {}],
  ] as const)('%s: and the tool does not run', async (mode, headers) => {
    await using it = await start(mode);
    const answer = await it.client.call('say_hello').end;
    expect(answer.status).toBe(Number(mode));
    expect(answer.headers).toMatchObject(headers);
    expect(it.lab.counts.calls.size).toBe(0);
  });

  test('429 once, then all is well', async () => {
    await using it = await start(sequence(rateLimited({ retryAfter: 0 }), 'prompt'));
    expect((await it.client.call('say_hello').end).status).toBe(429);
    expect(messagesOf(await it.client.call('say_hello').end)).toMatchObject([hello]);
  });

  test.each([307, 308] as const)('redirect-%s: leads to a path that answers', async (code) => {
    await using it = await start(`redirect-${code}`);
    const { status, headers } = await it.client.call('say_hello').end;
    expect(status).toBe(code);
    const moved = new RawClient(new URL(headers.location ?? '', it.lab.url).href);
    expect(messagesOf(await moved.call('say_hello').end)).toMatchObject([hello]);
    moved.close();
  });

  test('redirect: to another origin, where nothing arrives unless someone follows', async () => {
    await using other = await start('prompt');
    await using it = await start(redirect(307, { to: other.lab.url }));
    expect((await it.client.call('say_hello').end).headers.location).toBe(other.lab.url);
    expect(other.lab.counts.accepted).toBe(0);
  });

  test('redirect-loop: leads back to where it came from', async () => {
    await using it = await start('redirect-loop');
    const { headers } = await it.client.call('say_hello').end;
    expect(new URL(headers.location ?? '', it.lab.url).href).toBe(it.lab.url);
  });
});

describe('keep-alive', () => {
  test('no-keepalive: says that it closes, and does', async () => {
    await using it = await start('no-keepalive', { on: ['GET'] });
    expect(await untilServerEnds(it.lab.url)).toContain('Connection: close\r\n');
  });

  test('close-idle: closes after the answer, unsaid', async () => {
    await using it = await start('close-idle', { on: ['GET'] });
    expect(await untilServerEnds(it.lab.url)).not.toContain('Connection');
  });

  test.each([
    [undefined, undefined],
    [5, 'timeout=5'],
  ])(
    'idle-timeout: closes a connection once it has been idle, the hint being %s',
    async (hintSeconds, header) => {
      const hint = hintSeconds === undefined ? {} : { hintSeconds };
      await using it = await start(idleTimeout({ ms: 20, ...hint }));
      expect((await it.client.call('say_hello').end).headers['keep-alive']).toBe(header);
      expect(it.lab.counts.open).toBe(1);
      await it.lab.waitFor(({ counts }) => counts.open === 0, 2_000);
    },
  );

  test('idle-timeout: leaves a connection alone that is in use', async () => {
    await using it = await start(idleTimeout({ ms: 30 }));
    await it.client.call('say_hello').end;
    expect((await it.client.call('slow', { steps: 1, everyMs: 60 }).end).body).toContain('done');
    expect(it.lab.counts.accepted).toBe(1);
  });

  test.each([
    ['stale-fin', 'socket hang up'],
    ['stale-rst', 'read ECONNRESET'],
  ] as const)('%s: closes a reused connection as its next request arrives, unrun', async (mode, message) => {
    await using it = await start(mode);
    await it.client.call('say_hello').end;
    await expect(it.client.call('say_hello').end).rejects.toThrow(message);
    expect(it.lab.counts.calls.get('say_hello')).toBe(1);
    await it.client.call('say_hello').end;
    expect(it.lab.counts.accepted).toBe(2);
  });
});

test('every mode leaves the lab in a state to be closed at once', async () => {
  for (const mode of modeNames) {
    const it = await start(mode, { on: 'all' });
    const call = it.client.call('say_hello');
    await it.lab.waitFor(({ counts }) => counts.requests === 1);
    await it.lab.close();
    await call.end.catch(() => {});
    it.client.close();
    expect(it.lab.counts.open, mode).toBe(0);
  }
});
