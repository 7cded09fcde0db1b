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
  /** Connections that are to take turns, as far as requests found none that had rested. */
  readonly turns: number;
  /** One is open, beside which another may show whether the server serves both. */
  readonly mayTry: boolean;
}

/** Connections to have ready. */
export interface Ahead {
  /** Never used ones. */
  readonly warm: number;
  /** All that can be used again, in whatever state: so many take turns to rest. */
  readonly rotating: number;
}

/** Milliseconds after the last request for which warm connections are kept. */
const LINGER = 2_000;
/** Milliseconds: what is saved by opening a connection ahead that opens as quickly is no gain to anybody. */
const WORTH = 2;
/** Unless requests come one upon the other, so many in so many milliseconds: then it is a good part of each call. */
const BUSY = { requests: 4, ms: 20 };

/**
 * How many connections to open ahead of the requests, while nobody waits for one.
 *
 * Where each call costs a connection, as many as requests come while one more is being opened, and one besides. Where
 * connections need rest, as many as requests come while one rests, and one besides; where that is only suspected, as few
 * as tell. None where nothing is expected, nor where a connection opens at once and the calls are not as quick.
 *
 * A worker that waits on a silent connection serves nobody else. So there are never more than the server is known to
 * serve others beside; over TLS one more, beside one that is open already: its handshake shows whether that is so.
 */
export function connectionsAhead(view: WarmView, needs: OriginNeeds): Ahead {
  const { arrivals, now, setting, singleUse } = view;
  if (arrivals.last === undefined || now - arrivals.last > linger(view)) return { warm: 0, rotating: 0 };
  if (setting !== 'auto') return { warm: silentAtMost(setting, needs), rotating: 0 };
  const { rest, handshake, freshNeedsRest, costsConnections, usableFor, beside, places } = needs;
  const pause = arrivals.longestPause();
  const settling = handshake + (freshNeedsRest ? rest : 0);
  if (pause > LINGER) return { warm: 0, rotating: 0 };
  const isWorth = settling >= WORTH;
  const isBusy = arrivals.most(BUSY.ms) >= BUSY.requests;
  // One that is closed before the next call comes is as good as used up.
  const usedUp = singleUse || costsConnections || (usableFor < pause && pause > 0);
  const silent = Math.min(beside + (view.mayTry && freshNeedsRest ? 1 : 0), places - 1);
  return {
    warm: usedUp && (isWorth || isBusy) ? Math.min(arrivals.most(settling) + 1, silent) : 0,
    rotating: usedUp || rest === 0 || !isWorth ? 0 : Math.min(turnsOf(view, needs), silent + 1),
  };
}

/** How many silent connections there may be, which no request has used. */
export function silentAtMost(setting: WarmView['setting'], { beside, places }: OriginNeeds): number {
  return Math.min(setting === 'auto' ? beside : setting, places - 1);
}

/** Whether to open one now for a request that a person is about to make. */
export function worthOpening(setting: WarmView['setting'], needs: OriginNeeds): boolean {
  return silentAtMost(setting, needs) > 0 && (setting !== 'auto' || needs.handshake >= WORTH);
}

/**
 * Whether to open one beside an idle one, to see whether the server serves both. Over TLS its handshake shows that; so
 * when a person makes a call later and none is idle any more, one may be opened while the arguments are typed.
 */
export function worthTrying(setting: WarmView['setting'], needs: OriginNeeds): boolean {
  const { beside, places, freshNeedsRest, handshake } = needs;
  return setting === 'auto' && beside === 0 && places > 1 && freshNeedsRest && handshake >= WORTH;
}

function turnsOf({ arrivals, turns, carrying }: WarmView, { rest, suspected }: OriginNeeds): number {
  // To see whether rest helps, it is enough that one rests while the others are late.
  if (suspected) return carrying + 1;
  // What the connections cannot bear never shows in the rate.
  return Math.max(arrivals.most(rest) + 1, turns);
}

/** Milliseconds after the last request until nothing is kept ready any more. */
export function linger({ idleTimeout, setting }: Pick<WarmView, 'idleTimeout' | 'setting'>): number {
  return setting === 'auto' ? Math.min(idleTimeout, LINGER) : idleTimeout;
}
