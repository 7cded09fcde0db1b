import type { Clock } from '../metrics/clock.ts';
import type { Connection } from './connection.ts';
import type { Exchange } from './exchange.ts';
import type { OriginFacts } from './learning/originFacts.ts';

/** A connection beside that of a request. */
export interface Other {
  readonly connection: Connection;
  /** Since when it has been idle, or has been drained; undefined while somebody waits for its answer. */
  readonly quietSince: number | undefined;
}

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly facts: Pick<OriginFacts, 'needs' | 'starved'>;
  /** The other connections that carry calls, the oldest first. */
  readonly others: (exchange: Exchange) => readonly Other[];
  readonly close: (connection: Connection) => void;
}

/** Milliseconds, and so many handshakes or round trips, that an answer has to begin before others make way for it. */
const PATIENCE = { ms: 100, handshakes: 4 };
/** The same where the server is known to serve one connection beside as many others: then it is the tool that is slow. */
const LONG = 1_000;
/** Milliseconds, and so many handshakes, after a close within which an answer comes that had waited for it. */
const SOON = { ms: 50, handshakes: 2 };

interface Watched {
  cancel: () => void;
  /** When others were closed in its favour, and how many connections the server has been left with. */
  closed?: { readonly at: number; readonly left: number };
}

/**
 * A worker that is bound to a silent connection of ours cannot answer on another one. So a request whose answer does not
 * begin gets the silent ones out of its way, the oldest first: those that were opened ahead, and for a request that is
 * the first of its connection also those that had served, as long as nothing shows that the server can do without.
 * If its answer comes at once then, that was it, and the server's places are known.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #watched = new Map<Exchange, Watched>();
  /** Milliseconds to the server and back, at least, where a handshake does not show it: a proxy may be near. */
  #roundTrip = 0;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /** The server is known to be so far. @param ms to it and back */
  isAtLeast(ms: number): void {
    this.#roundTrip = Math.max(this.#roundTrip, ms);
  }

  /** A connection has been given to it. */
  begin(exchange: Exchange): void {
    const { connection } = exchange;
    if (connection?.holdsWorker !== true) return;
    const { others, facts } = this.#options;
    const all = others(exchange);
    const isKnown = this.#isKnown(all);
    if (!all.some((other) => isUnused(other) || (exchange.use === 1 && !isKnown))) return;
    this.#wait(exchange, isKnown ? LONG : PATIENCE.ms + PATIENCE.handshakes * this.#far(facts));
  }

  /** Its answer has begun. */
  begun(exchange: Exchange): void {
    const watched = this.#watched.get(exchange);
    if (watched === undefined) return;
    this.end(exchange);
    const { clock, facts } = this.#options;
    const soon = SOON.ms + SOON.handshakes * this.#far(facts);
    if (watched.closed !== undefined && clock.now() - watched.closed.at <= soon)
      facts.starved(watched.closed.left);
  }

  /** It is over. */
  end(exchange: Exchange): void {
    this.#watched.get(exchange)?.cancel();
    this.#watched.delete(exchange);
  }

  close(): void {
    for (const { cancel } of this.#watched.values()) cancel();
    this.#watched.clear();
  }

  #far({ needs: { handshake } }: SilenceWatchOptions['facts']): number {
    return Math.max(handshake, this.#roundTrip);
  }

  /** The server has served one beside as many. */
  #isKnown(others: readonly Other[]): boolean {
    return others.length <= this.#options.facts.needs.beside;
  }

  #wait(exchange: Exchange, ms: number): void {
    const cancel = this.#options.clock.schedule(ms, () => {
      this.#makeWay(exchange);
      // One that is busy now may be silent then.
      if (this.#watched.has(exchange)) this.#wait(exchange, Math.min(LONG, 2 * ms));
    });
    this.#watched.set(exchange, { ...this.#watched.get(exchange), cancel });
  }

  #makeWay(exchange: Exchange): void {
    const { clock, others, close } = this.#options;
    const all = others(exchange);
    const silent = silentOf(all, exchange.use === 1 && !this.#isKnown(all));
    const watched = this.#watched.get(exchange);
    if (silent.length === 0 || watched === undefined) return;
    watched.closed = { at: clock.now(), left: 1 + all.length - silent.length };
    for (const { connection } of silent) close(connection);
  }
}

/** All that were never used; otherwise the one that has been quiet longest, if `used` ones may go. */
function silentOf(others: readonly Other[], used: boolean): readonly Other[] {
  const unused = others.filter(isUnused);
  if (unused.length > 0 || !used) return unused;
  let longest: Other | undefined;
  for (const other of others)
    if (
      other.quietSince !== undefined &&
      other.quietSince < (longest?.quietSince ?? Number.POSITIVE_INFINITY)
    )
      longest = other;
  return longest === undefined ? [] : [longest];
}

function isUnused({ connection }: Other): boolean {
  return connection.uses === 0;
}
