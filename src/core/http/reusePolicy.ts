import type { OriginNeeds } from './learning/originFacts.ts';

/** A connection that could take a request now. Times are milliseconds on one clock. */
export interface Available<C> {
  readonly connection: C;
  /** When its last byte came; `-Infinity` where none ever did. */
  readonly restingSince: number;
  /** When it carried a request last, or was opened. */
  readonly idleSince: number;
  readonly uses: number;
  /** Requests that it carries at the moment, over HTTP/2. */
  readonly carrying: number;
}

export interface Draining<C> {
  readonly connection: C;
  readonly drainingSince: number;
}

/** What the choice of a connection depends on. */
export interface PoolView<C> {
  readonly available: readonly Available<C>[];
  readonly draining: readonly Draining<C>[];
  readonly now: number;
  /** Connections that carry calls, in whatever state. */
  readonly open: number;
  /** Connections being opened. */
  readonly opening: number;
  /** Requests for which a place is on its way: on connections being opened, or about to say how many they carry. */
  readonly coming: number;
  /** Requests that wait, the one to be placed included. */
  readonly waiting: number;
  readonly maxConnections: number;
}

export type Choice<C> =
  /** `trial`: it has not rested, and is to show whether it still stalls. */
  | { readonly kind: 'use'; readonly connection: C; readonly trial?: true }
  | { readonly kind: 'open' }
  /** At the cap: closing this one makes room for a new one. */
  | { readonly kind: 'replace'; readonly connection: C }
  /** Something else comes first: a connection that is on its way, that is given back, or that has rested by `until`. */
  | { readonly kind: 'wait'; readonly until?: number };

/** What a request may do, and how many milliseconds that would cost it. */
interface Option<C> {
  readonly cost: number;
  readonly choice: Choice<C>;
}

/**
 * Which connection carries the next request.
 *
 * - One that is ready costs nothing: where the origin needs no rest, the most recently used, so that few stay open and
 *   the others may end of idleness; where it does, the one that has rested longest.
 * - Otherwise every way costs something, and the cheapest is taken: to use one that has not rested (it stalls), to
 *   open one (it takes a handshake, and over TLS it has to rest as well), or to wait until one has rested or a drain
 *   has ended. While one request stalls or waits, all the other connections rest: that cost is shared among them.
 *
 * It never waits for a stream that does not end: where they are held open, the longest drain makes room at once.
 */
export function chooseConnection<C>(view: PoolView<C>, needs: OriginNeeds): Choice<C> {
  const ready = chooseReady(view, needs);
  if (ready !== undefined) return ready;
  // A place is on its way for each request ahead of this one and for this one too.
  if (view.coming >= view.waiting && !awaitsRest(needs)) return { kind: 'wait' };
  return cheapest(ways(view, needs)).choice;
}

function chooseReady<C>({ available, now }: PoolView<C>, needs: OriginNeeds): Choice<C> | undefined {
  const { rest, trial } = needs;
  if (rest === 0) return use(mostRecentlyUsed(available));
  const [longest, shortest] = byRest(available);
  if (trial && shortest !== undefined && now - shortest.restingSince < rest)
    return { kind: 'use', connection: shortest.connection, trial };
  return longest !== undefined && now - longest.restingSince >= rest ? use(longest) : undefined;
}

function use<C>(one: Available<C> | undefined): Choice<C> | undefined {
  return one === undefined ? undefined : { kind: 'use', connection: one.connection };
}

/** A connection on its way is no reason to wait where it could not be used at once anyway. */
function awaitsRest({ rest, freshNeedsRest }: OriginNeeds): boolean {
  return rest > 0 && freshNeedsRest;
}

function* ways<C>(view: PoolView<C>, needs: OriginNeeds): Generator<Option<C>> {
  const { available, draining, now, open, opening, coming, waiting, maxConnections } = view;
  const { suspected, rest, stall, heldUp, saturated, handshake, freshNeedsRest, tail, heldOpen, places } =
    needs;
  const [longest, shortest] = byRest(available);
  // Where a connection is only held up afterwards, it is missed if too many requests come.
  const missed = saturated ? heldUp : 0;
  const others = Math.max(1, available.length + (heldOpen ? 0 : draining.length));

  if (longest !== undefined && shortest !== undefined) {
    // While one stalls all the others rest; while one is held up, no time passes for them.
    // To see whether rest helps at all, one has to be left to rest.
    const { connection } = suspected ? shortest : longest;
    yield { cost: stall / others + missed, choice: { kind: 'use', connection } };
    // There one wait lets all of them rest; otherwise the first that has rested will do.
    const rested = (saturated ? shortest : longest).restingSince + rest;
    yield { cost: (rested - now) / others, choice: { kind: 'wait', until: rested } };
  }
  const oldest = longestDrain(draining);
  const ending = oldest === undefined ? 0 : oldest.drainingSince + tail - now;
  // Its end is due; what it brings is a connection that has just received its last byte.
  if (ending > 0 && !heldOpen)
    yield {
      cost: (ending + Math.min(stall, rest)) / others,
      choice: { kind: 'wait', until: now + ending },
    };

  const fresh = handshake + (freshNeedsRest ? Math.min(stall, rest) + missed : 0);
  if (coming >= waiting) return;
  // Where the server has no worker for one more, a new one takes the place of one that carries no call.
  const quiet = available.length + draining.length;
  const most = quiet > 0 ? Math.min(maxConnections, places) : maxConnections;
  if (open + opening < most) yield { cost: fresh, choice: { kind: 'open' } };
  // At the cap the least is lost with a drain that will not end, then with the connection that would rest last.
  else if (oldest !== undefined && (heldOpen || ending <= 0))
    yield { cost: fresh, choice: { kind: 'replace', connection: oldest.connection } };
  else if (shortest !== undefined && stall + missed > 0)
    yield { cost: fresh, choice: { kind: 'replace', connection: shortest.connection } };
  else if (oldest !== undefined)
    yield {
      cost: fresh,
      choice: { kind: 'replace', connection: youngestDrain(draining, oldest).connection },
    };
}

function cheapest<C>(options: Iterable<Option<C>>): Option<C> {
  let best: Option<C> = { cost: Number.POSITIVE_INFINITY, choice: { kind: 'wait' } };
  for (const option of options) if (option.cost < best.cost) best = option;
  return best;
}

/**
 * Used ones before warm ones; over HTTP/2, where there may be several, those that carry less. Of warm ones the oldest: a
 * server with one worker waits on the one that it took first.
 */
function mostRecentlyUsed<C>(available: readonly Available<C>[]): Available<C> | undefined {
  let best: Available<C> | undefined;
  for (const one of available) {
    if (best === undefined || isMoreRecent(one, best)) best = one;
  }
  return best;
}

function isMoreRecent<C>(one: Available<C>, best: Available<C>): boolean {
  if (one.carrying !== best.carrying) return one.carrying < best.carrying;
  if ((one.uses === 0) !== (best.uses === 0)) return best.uses === 0;
  return one.uses === 0 ? one.idleSince < best.idleSince : one.idleSince > best.idleSince;
}

/** The one that has rested longest, over HTTP/2 of those that carry least; and the one that has rested least. */
function byRest<C>(
  available: readonly Available<C>[],
): readonly [Available<C> | undefined, Available<C> | undefined] {
  let longest: Available<C> | undefined;
  let shortest: Available<C> | undefined;
  for (const one of available) {
    if (longest === undefined || isFreer(one, longest)) longest = one;
    if (shortest === undefined || one.restingSince > shortest.restingSince) shortest = one;
  }
  return [longest, shortest];
}

function isFreer<C>(one: Available<C>, best: Available<C>): boolean {
  if (one.carrying !== best.carrying) return one.carrying < best.carrying;
  return one.restingSince < best.restingSince;
}

function longestDrain<C>(draining: readonly Draining<C>[]): Draining<C> | undefined {
  return draining.reduce<Draining<C> | undefined>(
    (found, one) => (found === undefined || one.drainingSince < found.drainingSince ? one : found),
    undefined,
  );
}

/** Where all will end by themselves, the one that would end last. */
function youngestDrain<C>(draining: readonly Draining<C>[], first: Draining<C>): Draining<C> {
  return draining.reduce((found, one) => (one.drainingSince > found.drainingSince ? one : found), first);
}
