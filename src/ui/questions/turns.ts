/** One question box is on the screen at a time. Servers that wait for theirs take turns, whichever of them asks more. */
export class Turns {
  /** Boxes on the screen: more than one only where the user opens one over another. */
  #open = 0;
  readonly #waiting: { readonly server: string; readonly begin: () => void }[] = [];
  /** The server that had the last turn is at the end. */
  readonly #served = new Set<string>();

  /** Resolves when it is this one's turn, and at once where the signal is aborted. Then `done` must be called. */
  wait(server: string, signal: AbortSignal): Promise<void> {
    if (this.#open === 0 || signal.aborted) {
      this.take(server);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const leave = (): void => waiting.begin();
      const waiting = {
        server,
        begin: () => {
          signal.removeEventListener('abort', leave);
          const at = this.#waiting.indexOf(waiting);
          if (at < 0) return;
          this.#waiting.splice(at, 1);
          this.take(server);
          resolve();
        },
      };
      signal.addEventListener('abort', leave);
      this.#waiting.push(waiting);
    });
  }

  /** A turn out of turn: the user's own doing. */
  take(server: string): void {
    this.#open++;
    this.#served.delete(server);
    this.#served.add(server);
  }

  done(): void {
    if (--this.#open > 0) return;
    const order = [...this.#served];
    const last = (server: string): number => order.indexOf(server);
    const [next] = this.#waiting.toSorted((a, b) => last(a.server) - last(b.server));
    next?.begin();
  }
}
