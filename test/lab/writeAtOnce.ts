import type { Writable } from 'node:stream';

/** Hands the buffers over as one write (`writev` where the stream has it). `done` is called once, also where it fails. */
export function writeAtOnce(stream: Writable, buffers: readonly Buffer[], done: () => void): void {
  stream.cork();
  buffers.forEach((buffer, n) => void stream.write(buffer, n === buffers.length - 1 ? done : undefined));
  stream.uncork();
}
