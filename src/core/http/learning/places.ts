/**
 * How many connections a server serves at one time. Most serve any number. But a worker or a thread that is bound to a
 * connection until it ends serves no other one meanwhile, however silent that is: whoever comes next waits, and other
 * clients do too. So what is not known is not assumed:
 *
 *     beside 0 --one is served while n older ones of ours are open--> beside n, and n + 1 places at least
 *         ^                                                              |
 *         +--one is served as soon as we close others, not before--------+   places: as many as were served, less one
 *
 * One place is left to the other clients.
 */
export class Places {
  #beside = 0;
  #places = Number.POSITIVE_INFINITY;

  /** The most connections that were open beside one that came after them and was served all the same. */
  get beside(): number {
    return this.#beside;
  }

  /** Connections that we may keep open without keeping others from being served; `Infinity` where none was kept so far. */
  get places(): number {
    return this.#places;
  }

  /** One was served while so many older ones were open. @returns whether that is news */
  served(beside: number): boolean {
    if (beside <= this.#beside) return false;
    this.#beside = beside;
    this.#places = Math.max(this.#places, beside + 1);
    return true;
  }

  /** One was served as soon as others had been closed. @param open connections that are served now, this one included */
  starved(open: number): void {
    this.#places = Math.max(1, open - 1);
    this.#beside = Math.min(this.#beside, this.#places - 1);
  }
}
