import type { Socket } from 'node:net';

/** What the steps of opening one socket share. */
export interface OpeningSteps {
  /** Aborts when the caller gives up, and when the time is up. */
  readonly signal: AbortSignal;
  /** This socket is destroyed if opening fails. */
  readonly hold: (socket: Socket) => void;
}

/**
 * Resolves at the first of `events`. Where the socket fails, is closed or the signal aborts before, it rejects;
 * whoever waits destroys the socket then.
 */
export function socketEvent(socket: Socket, events: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      for (const event of events) socket.off(event, onEvent);
      socket.off('error', onError).off('close', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const onEvent = () => {
      settle();
      resolve();
    };
    const onError = (error: unknown) => {
      settle();
      reject(error);
    };
    const onClose = () => onError(socket.errored ?? new Error('the connection was closed'));
    const onAbort = () => onError(signal.reason);
    for (const event of events) socket.once(event, onEvent);
    socket.once('error', onError).once('close', onClose);
    if (signal.aborted) onAbort();
    else if (socket.destroyed) onClose();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Reads a socket that belongs to nobody yet, and leaves in it what belongs to whoever comes after. */
export class SocketReader {
  /** Whether anything has come. */
  hasRead = false;
  readonly #socket: Socket;
  readonly #signal: AbortSignal;

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  /** The next `length` bytes; undefined where the stream ends before. */
  exactly(length: number): Promise<Buffer | undefined> {
    return this.#read((read) => (read.length >= length ? length : undefined), Number.POSITIVE_INFINITY);
  }

  /** The bytes up to and with `end`; undefined where the stream ends before, or goes on beyond `limit` bytes. */
  upTo(end: string, limit: number): Promise<Buffer | undefined> {
    return this.#read((read) => {
      const at = read.indexOf(end);
      return at < 0 ? undefined : at + end.length;
    }, limit);
  }

  /**
   * @param enough how many of the bytes read so far are wanted, once they are all there
   */
  async #read(enough: (read: Buffer) => number | undefined, limit: number): Promise<Buffer | undefined> {
    let read: Buffer = Buffer.alloc(0);
    for (;;) {
      // All of it, always: Node tells again at once of bytes that are left in the stream.
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk === null) {
        if (!(await this.#more())) return undefined;
        continue;
      }
      this.hasRead = true;
      read = Buffer.concat([read, chunk]);
      const length = enough(read);
      if ((length ?? read.length) > limit) return undefined;
      if (length === undefined) continue;
      if (read.length > length) this.#socket.unshift(read.subarray(length));
      return read.subarray(0, length);
    }
  }

  /** False at the end of the stream. */
  async #more(): Promise<boolean> {
    if (this.#socket.readableEnded) return false;
    await socketEvent(this.#socket, ['readable', 'end'], this.#signal);
    return true;
  }
}
