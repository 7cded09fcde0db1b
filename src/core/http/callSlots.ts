import type { CallSlot } from './callSlot.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { Other } from './silenceWatch.ts';

/** The open connections of one origin that carry calls, the oldest first, and what can be asked of them all. */
export class CallSlots implements Iterable<CallSlot> {
  readonly #slots = new Map<Connection, CallSlot>();
  /** One was added since all had carried something: asked at each call. */
  #mayBeUnused = false;

  get size(): number {
    return this.#slots.size;
  }

  get(connection: Connection): CallSlot | undefined {
    return this.#slots.get(connection);
  }

  has(connection: Connection): boolean {
    return this.#slots.has(connection);
  }

  add(slot: CallSlot): void {
    this.#mayBeUnused = true;
    this.#slots.set(slot.connection, slot);
  }

  delete(connection: Connection): void {
    this.#slots.delete(connection);
  }

  [Symbol.iterator](): IterableIterator<CallSlot> {
    return this.#slots.values();
  }

  /** How many no request was given to. */
  get unused(): number {
    if (!this.#mayBeUnused) return 0;
    let unused = 0;
    for (const slot of this.#slots.values()) if (slot.isUnused) unused++;
    this.#mayBeUnused = unused > 0;
    return unused;
  }

  /** How many carry a request, or what is left of its response. */
  get carrying(): number {
    let carrying = 0;
    for (const slot of this.#slots.values()) if (slot.carrying.size > 0) carrying++;
    return carrying;
  }

  /** One that is shared takes no more requests, and still carries some. */
  get hasSpentShared(): boolean {
    for (const slot of this.#slots.values())
      if (slot.connection.isShared && slot.isSpent && slot.carrying.size > 0) return true;
    return false;
  }

  /** None can take a request until something changes: each carries as many as it can, and all their callers wait. */
  get areTaken(): boolean {
    for (const { connection, carrying, draining } of this.#slots.values())
      if (carrying.size < connection.capacity || connection.isAsking || draining.size > 0) return false;
    return true;
  }

  /** A request that its connection has not begun to write; undefined where there is none, or others are on their way. */
  get unwritten(): Exchange | undefined {
    let unwritten: Exchange | undefined;
    for (const { carrying } of this.#slots.values()) {
      for (const exchange of carrying) {
        if (exchange.isSent && exchange.drainingSince === undefined) return undefined;
        if (exchange.isAssigned) unwritten ??= exchange;
      }
    }
    return unwritten;
  }

  /** Draining ones included; requests and what they reused are counted elsewhere. */
  count(): { busy: number; draining: number; idle: number; warm: number } {
    const counted = { busy: 0, draining: 0, idle: 0, warm: 0 };
    for (const slot of this.#slots.values()) {
      if (slot.carrying.size === 0) slot.isUnused ? counted.warm++ : counted.idle++;
      else if (slot.isQuiet) counted.draining++;
      else counted.busy++;
    }
    return counted;
  }

  /** Connections that are in the way of this request's one, if the server is bound to them. */
  othersThan({ connection }: Exchange): Other[] {
    const others: Other[] = [];
    for (const { connection: other, carrying, idleSince } of this.#slots.values()) {
      if (other === connection || !other.holdsWorker) continue;
      const [carried] = carrying;
      others.push({
        connection: other,
        quietSince: carried === undefined ? idleSince : carried.drainingSince,
      });
    }
    return others;
  }

  /** Those that were there before it. */
  olderThan(one: Connection): number {
    let older = 0;
    for (const { connection } of this.#slots.values())
      if (connection !== one && connection.openedAt <= one.startedAt && connection.usable) older++;
    return older;
  }

  /** Connections that were open when its handshake was done, and so did not keep the server from it. */
  shownBy({ ofDispatcher, holdsWorker }: Connection): number {
    if (ofDispatcher) return 0;
    if (!holdsWorker) return Number.POSITIVE_INFINITY;
    let usable = 0;
    for (const { connection } of this.#slots.values()) if (connection.usable) usable++;
    return usable;
  }
}
