/**
 * What is under way, in no order: many things pass through it, and few are in it at a time.
 *
 * A `Set` or `Map` would do, but for V8: when one that things pass through makes room, the table that it had is left with a
 * reference to the next. Once one such table is old, it keeps the next alive, and so on, each with what was in it at that time, until
 * a major collection. With 64 calls at once most of each call survived so: a tenth of the processor's time went into copying it.
 */
export class Bag<T> implements Iterable<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** Without effect where it is not there. Most leave in the order in which they came, so that the search is short. */
  delete(item: T): void {
    const place = this.#items.indexOf(item);
    if (place < 0) return;
    const last = this.#items.pop() as T;
    if (place < this.#items.length) this.#items[place] = last;
  }

  /** Not to be added to or taken from meanwhile: copy it first. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
