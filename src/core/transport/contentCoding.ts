import { PassThrough, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { MessageSource } from './messageSource.ts';

/** Bytes of a compressed body that wait to be undone: they come faster than that only where a message is too large anyway. */
const MAX_WAITING = 16 * 1024 * 1024;
/** Codings of one body, one over another. */
const MAX_CODINGS = 5;

/** What a `Content-Encoding` makes of a body. */
export type Coding =
  /** It says nothing of a compression: `identity`, and the many values that are no coding, such as `none` or `utf-8`. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'compressed'; readonly undo: readonly Undo[] }
  /** A compression that cannot be undone here. */
  | { readonly kind: 'unreadable'; readonly name: string };

/** @param first byte of the body, for the coding that was made last: it tells which of two forms `deflate` has */
type Undo = (first?: number) => Transform;

/** Output as soon as there is some, also of a body that is cut: events have to come when they are sent. */
const ZLIB = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
const BROTLI = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
};

/** What does not begin as gzip does is text: the header of some servers promises what they do not do. */
const gunzip: Undo = (first = GZIP) => (first === GZIP ? zlib.createGunzip(ZLIB) : new PassThrough());
const GZIP = 0x1f;

const UNDO: Readonly<Record<string, Undo>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // With the header of zlib, as RFC 9110 has it, or without, as some servers do.
  deflate: (first = 0x08) =>
    (first & 0x0f) === 0x08 ? zlib.createInflate(ZLIB) : zlib.createInflateRaw(ZLIB),
  br: () => zlib.createBrotliDecompress(BROTLI),
  // Node has it from 22.15 on.
  ...('createZstdDecompress' in zlib ? { zstd: () => zlib.createZstdDecompress() } : {}),
};
const UNREADABLE = new Set([
  'compress',
  'x-compress',
  'zstd',
  'dcb',
  'dcz',
  'exi',
  'pack200-gzip',
  'bzip2',
  'xz',
  'lzma',
]);

const PLAIN: Coding = { kind: 'plain' };

/** Reads the value of a `Content-Encoding`. It may name several, in the order in which they were made. */
export function codingOf(header: string | undefined): Coding {
  if (header === undefined) return PLAIN;
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const undo: Undo[] = [];
  for (const name of names) {
    const one = Object.hasOwn(UNDO, name) ? UNDO[name] : undefined;
    if (one !== undefined) undo.unshift(one);
    else if (UNREADABLE.has(name)) return { kind: 'unreadable', name };
  }
  if (undo.length > MAX_CODINGS) return { kind: 'unreadable', name: names.join(', ') };
  return undo.length === 0 ? { kind: 'plain' } : { kind: 'compressed', undo };
}

/**
 * Reads a compressed body into `source`. Node undoes it in threads and in pieces of 16 KiB, so `source` bounds what becomes of
 * it as it bounds any body, and nothing is undone once it has enough.
 * @param onFault called once, where the body is not what its coding says; nothing follows
 */
export function undoing(
  undo: readonly Undo[],
  source: MessageSource,
  onFault: (error: Error) => void,
): MessageSource {
  let stages: readonly Transform[] = [];
  let isOver = false;
  let onRead = () => {};
  const stop = () => {
    isOver = true;
    for (const stage of stages) stage.destroy();
    source.stop?.();
  };
  const fail = (error: Error) => {
    if (isOver) return;
    stop();
    onFault(error);
  };
  const begin = (first: number): Transform | undefined => {
    stages = undo.map((make, n) => (n === 0 ? make(first) : make()));
    for (const [n, stage] of stages.entries()) {
      stage.on('error', fail);
      const next = stages[n + 1];
      if (next !== undefined) stage.pipe(next);
      else
        stage
          .on('data', (chunk: Buffer) => {
            if (!isOver) source.push(chunk);
          })
          .once('end', () => {
            if (!isOver) source.end(onRead);
          });
    }
    return stages[0];
  };
  return {
    body: source.body,
    unfinished: () => source.unfinished?.(),
    push(chunk) {
      if (isOver || chunk.length === 0) return;
      const stage = stages[0] ?? begin(chunk[0] ?? 0);
      stage?.write(chunk);
      if ((stage?.writableLength ?? 0) > MAX_WAITING)
        fail(new Error(`more than ${MAX_WAITING} bytes of it wait`));
    },
    end(done = () => {}) {
      if (isOver) return done();
      onRead = done;
      if (stages.length === 0) return source.end(done);
      stages[0]?.end();
    },
    stop,
  };
}
