import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_MESSAGE } from '../../../src/core/config/serverConfig.ts';
import type { Received } from '../../../src/core/jsonrpc/message.ts';
import { codingOf, undoing } from '../../../src/core/transport/contentCoding.ts';
import { type Excess, messageBounds } from '../../../src/core/transport/messageBounds.ts';
import { jsonSource, sseSource } from '../../../src/core/transport/messageSource.ts';
import { refusalSource } from '../../../src/core/transport/refusal.ts';
import { FakeClock } from '../benchmark/fakeClock.ts';
import { pieces } from '../sse/cutBytes.ts';

const BOUNDS = messageBounds(DEFAULT_MESSAGE);
const message = { jsonrpc: '2.0', id: 1, result: { text: 'Grüße, 漢字 😀'.repeat(50) } };

const codings: readonly (readonly [string, (body: Buffer) => Buffer])[] = [
  ['gzip', zlib.gzipSync],
  ['X-GZIP', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', zlib.brotliCompressSync],
  ['gzip, br', (body) => zlib.brotliCompressSync(zlib.gzipSync(body))],
  ['identity, gzip', zlib.gzipSync],
  ...('zstdCompressSync' in zlib ? [['zstd', zlib.zstdCompressSync] as const] : []),
  // A header that promises what its server does not do.
  ['gzip', (body) => body],
];

function undoOf(header: string) {
  const coding = codingOf(header);
  if (coding.kind !== 'compressed') throw new Error(`${header} is ${coding.kind}`);
  return coding.undo;
}

function listen() {
  const received: Received[] = [];
  const overflows: Excess[] = [];
  const handlers = {
    onMessage: (one: Received) => void received.push(one),
    onOverflow: (excess: Excess) => void overflows.push(excess),
  };
  return { received, overflows, handlers };
}

const failed = (error: Error) => {
  throw error;
};

describe('a compressed body', () => {
  it.each(codings)('%s is read, wherever it is cut', async (header, compress) => {
    for (const size of [1, 7, 10_000]) {
      const heard = listen();
      const source = undoing(undoOf(header), jsonSource(heard.handlers, BOUNDS), failed);
      for (const chunk of pieces(compress(Buffer.from(JSON.stringify(message))), size)) source.push(chunk);
      await new Promise<void>((done) => source.end(done));
      expect(heard.received).toEqual([{ kind: 'result', message }]);
    }
  });

  it('that is a stream of events gives each when it comes, and not at its end', async () => {
    const first = Promise.withResolvers<Received>();
    const gzip = zlib.createGzip();
    const source = undoing(
      undoOf('gzip'),
      sseSource({ onMessage: first.resolve, onOverflow: () => undefined }, BOUNDS),
      failed,
    );
    gzip.on('data', (chunk) => source.push(chunk));
    gzip.write(`data: ${JSON.stringify(message)}\n\n`);
    gzip.flush();
    expect(await first.promise).toEqual({ kind: 'result', message });
    source.stop?.();
  });

  it('is bounded by what becomes of it, and undone no further', async () => {
    const overflow = Promise.withResolvers<Excess>();
    let read = 0;
    const json = jsonSource(
      { onMessage: () => undefined, onOverflow: overflow.resolve },
      { ...BOUNDS, maxBytes: 1_000_000 },
    );
    const source = undoing(
      undoOf('gzip'),
      {
        ...json,
        push(chunk) {
          read += chunk.length;
          json.push(chunk);
        },
      },
      failed,
    );
    source.push(zlib.gzipSync(Buffer.alloc(100_000_000, '"')));
    expect(await overflow.promise).toMatchObject({ bound: 'bytes', max: 1_000_000 });
    source.stop?.();
    const ended = new Promise<void>((done) => source.end(done));
    await ended;
    expect(read).toBeLessThan(2_000_000);
  });

  it('that comes faster than it can be undone is given up at 16 MiB', async () => {
    const faults: string[] = [];
    const source = undoing(undoOf('br'), jsonSource(listen().handlers, BOUNDS), (error) =>
      faults.push(error.message),
    );
    for (let n = 0; n < 20; n++) source.push(Buffer.alloc(1024 * 1024));
    expect(faults).toEqual(['more than 16777216 bytes of it wait']);
  });

  it.each(['br', 'deflate'])('that is not what it says (%s) is told once', async (header) => {
    const fault = Promise.withResolvers<Error>();
    const source = undoing(undoOf(header), jsonSource(listen().handlers, BOUNDS), fault.resolve);
    source.push(Buffer.from('Xhello, this is plain text'));
    source.end();
    expect(await fault.promise).toBeInstanceOf(Error);
  });

  it('of an error is read for the words that are in it', async () => {
    const told = Promise.withResolvers<string>();
    const source = refusalSource(new FakeClock(), 'gzip', told.resolve, () => undefined);
    source.push(zlib.gzipSync('the database is down'));
    source.end();
    expect(await told.promise).toBe('the database is down');
  });

  it('of an error that cannot be read says nothing, and no rubbish', async () => {
    const told = Promise.withResolvers<string>();
    const source = refusalSource(new FakeClock(), 'compress', told.resolve, () => undefined);
    source.push(Buffer.from([0x1f, 0x9d, 0x90]));
    source.end();
    expect(await told.promise).toBe('');
  });
});

describe('a Content-Encoding', () => {
  it.each([
    [undefined],
    [''],
    ['identity'],
    ['identity, identity'],
    ['none'],
    ['utf-8'],
    ['UTF8'],
    ['8bit'],
    ['chunked'],
    ['json'],
    ['constructor'],
  ])('%j compresses nothing', (header) => {
    expect(codingOf(header)).toEqual({ kind: 'plain' });
  });

  it.each([
    ['compress', 'compress'],
    ['gzip, dcb', 'dcb'],
    [Array(6).fill('gzip').join(', '), expect.stringContaining('gzip, gzip')],
  ])('%s cannot be undone', (header, name) => {
    expect(codingOf(header)).toEqual({ kind: 'unreadable', name });
  });
});
