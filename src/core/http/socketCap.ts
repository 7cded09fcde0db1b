import type { CallSlots } from './callSlots.ts';

/** How many sockets of an origin carry calls, how many there may be, and who waits until one of them is gone. */
export class SocketCap {
  readonly #maxConnections: number;
  readonly #slots: Pick<CallSlots, 'size' | 'hasSpentShared'>;
  /** Sockets that exist: from the beginning of their opening until they are closed indeed. */
  #sockets = 0;
  #opening = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param maxConnections `sluice.pool.maxConnections` */
  constructor(maxConnections: number, slots: Pick<CallSlots, 'size' | 'hasSpentShared'>) {
    this.#maxConnections = maxConnections;
    this.#slots = slots;
  }

  /**
   * Sockets that there may be. A connection that takes no more requests may carry a long one still: so that the others
   * need not wait for it, there may be one more than the settings say while there is such a one. One is enough: a
   * server that gives up connections so speaks HTTP/2, and over one connection goes what would go over many.
   */
  get most(): number {
    return this.#slots.hasSpentShared ? this.#maxConnections + 1 : this.#maxConnections;
  }

  /** Connections that are being opened, or wait for room. */
  get opening(): number {
    return this.#opening;
  }

  /** One more can be opened without closing another, whatever takes no more requests. */
  get hasRoom(): boolean {
    return this.#sockets < this.#maxConnections;
  }

  /** Before one more can be opened, a socket has to be gone. */
  get isReached(): boolean {
    return this.#sockets >= this.most;
  }

  /** One is wanted: until `opened` or `failed` it is on its way. */
  want(): void {
    this.#opening++;
  }

  /** Resolves as soon as a socket is gone: one that was closed to make room is, a moment later. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Its socket exists from now on. */
  enter(): void {
    this.#sockets++;
  }

  opened(): void {
    this.#opening--;
  }

  failed(): void {
    this.#opening--;
    this.#sockets--;
  }

  closed(): void {
    this.#sockets--;
  }

  /**
   * Lets one in that waits, where there is room.
   * @returns whether an idle one has to be closed for it: it was to be the one more, beside a spent one that is gone by
   *   now, and no socket is being closed for it
   */
  letIn(): boolean {
    if (this.#waiting.length === 0) return false;
    const { most } = this;
    if (this.#sockets < most) {
      this.#waiting.shift()?.();
      return false;
    }
    return this.#slots.size + this.#opening > most;
  }
}
