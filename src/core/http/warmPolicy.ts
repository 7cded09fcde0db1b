import type { Arrivals } from './learning/arrivals.ts';
import type { OriginNeeds } from './learning/originFacts.ts';

export interface WarmView {
  readonly now: number;
  readonly arrivals: Pick<Arrivals, 'most' | 'last' | 'longestPause'>;
  /** `sluice.pool.warmConnections`. */
  readonly setting: 'auto' | number;
  /** A connection carries one request and is closed. */
  readonly singleUse: boolean;
  /** Milliseconds that an idle connection is kept. */
  readonly idleTimeout: number;
  /** Connections that carry a request, or what is left of its response. */
  readonly carrying: number;
  /** Connections that are open, if a request found that none of them had rested; otherwise 0. */
  readonly tired: number;
}

/** Connections to have ready. */
export interface Ahead {
  /** Never used ones. */
  readonly warm: number;
  /** All that can be used again, in whatever state: so many take turns to rest. */
  readonly rotating: number;
}

/** Milliseconds after the last request for which warm connections are kept, at least. */
const LINGER = 2_000;
/** They are kept for so many of the pauses that were seen. */
const PAUSES = 4;

/**
 * How many connections to open ahead of the requests, while nobody waits for one.
 *
 * Where each call costs a connection, as many as requests come while one more is being opened, and one besides. Where
 * connections need rest, as many as requests come while one rests, and one besides; where that is only suspected, as few
 * as tell. None where nothing is expected.
 */
export function connectionsAhead(view: WarmView, needs: OriginNeeds): Ahead {
  const { arrivals, now, setting, singleUse } = view;
  if (arrivals.last === undefined || now - arrivals.last > linger(view)) return { warm: 0, rotating: 0 };
  if (setting !== 'auto') return { warm: setting, rotating: 0 };
  const { rest, handshake, freshNeedsRest, costsConnections, usableFor } = needs;
  const pause = arrivals.longestPause();
  // One that is closed before the next call comes is as good as used up.
  const usedUp = singleUse || costsConnections || (usableFor < pause && pause > 0);
  const settling = handshake + (freshNeedsRest ? rest : 0);
  return {
    warm: usedUp ? arrivals.most(settling) + 1 : 0,
    rotating: usedUp || rest === 0 ? 0 : turns(view, needs),
  };
}

function turns({ arrivals, tired, carrying }: WarmView, { rest, suspected }: OriginNeeds): number {
  // To see whether rest helps, it is enough that one rests while the others are late.
  if (suspected) return carrying + 1;
  // What the connections cannot bear never shows in the rate: then grow by a half.
  return Math.max(arrivals.most(rest) + 1, Math.ceil(tired * 1.5));
}

/** Milliseconds after the last request until nothing is kept ready any more. */
export function linger({ arrivals, idleTimeout, setting }: WarmView): number {
  if (setting !== 'auto') return idleTimeout;
  return Math.min(idleTimeout, Math.max(LINGER, PAUSES * arrivals.longestPause()));
}
