import { gzipSync } from 'node:zlib';
import { type Answer, event, inEventStream } from '../answer.ts';
import type { Response } from '../jsonrpc.ts';
import { END } from '../reply.ts';
import { withText } from './broken.ts';

/** Two, three and four bytes a character; the modes that cut characters add it as a last block of text. */
export const MULTI_BYTE_TEXT = 'Grüße, 世界, 🌊';

/** Legal streams that naive readers break on. Every piece is a chunk of its own, in a write of its own. */
function inPieces(cut: (response: Response) => readonly Buffer[]): Answer {
  return inEventStream(async (response, { reply }) => {
    await reply.write(reply.opening());
    for (const piece of cut(response)) await reply.write(piece);
    await reply.write(END);
  });
}

export const byteAtATime: Answer = inPieces((response) => cutWhere(event(response), () => true));

/** Cut inside every character of more than one byte. */
export const cutMultiByte: Answer = inPieces((response) =>
  cutWhere(event(withText(response, MULTI_BYTE_TEXT)), (byte) => (byte & 0b1100_0000) === 0b1000_0000),
);

/** Lines end in CR alone. */
export const crOnly: Answer = inPieces((response) => [Buffer.from(event(response).replaceAll('\n', '\r'))]);

/** Lines end in CR LF, and every LF begins a new chunk. */
export const cutCrlf: Answer = inPieces((response) =>
  cutWhere(event(response).replaceAll('\n', '\r\n'), (byte) => byte === 0x0a),
);

/** The stream begins with a byte order mark. */
export const bom: Answer = inPieces((response) => [Buffer.from(`\uFEFF${event(response)}`)]);

/** The JSON goes over many `data:` lines, without the optional space, with comments and unknown fields between. */
export const manyLines: Answer = inPieces((response) => {
  const lines = JSON.stringify(response, null, 2).split('\n');
  const fields = lines.map((line) => `data:${line}\n: between the lines\nunknown: field\n`);
  return [Buffer.from(`${fields.join('')}event:message\n\n`)];
});

/** `Content-Encoding: gzip`, whether the client said that it takes it or not. */
export const gzip: Answer = inEventStream((response, { reply }) =>
  reply.write(reply.opening({ 'Content-Encoding': 'gzip' }), gzipSync(event(response)), END),
);

/** A compression that no client knows. */
export const unknownCoding: Answer = inEventStream((response, { reply }) =>
  reply.write(reply.opening({ 'Content-Encoding': 'compress' }), event(response), END),
);

/** `text` as UTF-8, a new piece before each byte for which `before` is true. */
function cutWhere(text: string, before: (byte: number) => boolean): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const starts = [0, ...[...bytes.keys()].filter((at) => at > 0 && before(bytes[at] ?? 0))];
  return starts.map((start, n) => bytes.subarray(start, starts[n + 1]));
}
