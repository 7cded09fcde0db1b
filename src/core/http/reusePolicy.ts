/** What the choice of a connection depends on. Times are milliseconds on one clock. */
export interface PoolView<C> {
  readonly idle: readonly { readonly connection: C; readonly idleSince: number; readonly uses: number }[];
  readonly draining: readonly { readonly connection: C; readonly drainingSince: number }[];
  readonly now: number;
  /** Connections that carry calls, in whatever state. */
  readonly open: number;
  /** Connections being opened. */
  readonly opening: number;
  /** Requests that wait, the one to be placed included. */
  readonly waiting: number;
  readonly maxConnections: number;
}

export type Choice<C> =
  | { readonly kind: 'use'; readonly connection: C }
  | { readonly kind: 'open' }
  /** At the cap, and this one is only being drained: closing it makes room. */
  | { readonly kind: 'replace'; readonly connection: C }
  | { readonly kind: 'wait' };

/**
 * Milliseconds that a drain has for itself while others wait at the cap. The end of a stream often follows its
 * last event in a packet of its own; closing the connection in between would cost each call a handshake.
 */
export const DRAIN_GRACE = 3;

/**
 * Which connection carries the next request. It never waits for a drain: a draining connection is not idle, and at
 * the cap the one that drains longest makes room.
 */
export function chooseConnection<C>(view: PoolView<C>): Choice<C> {
  const idle = mostRecentlyUsed(view.idle);
  if (idle !== undefined) return { kind: 'use', connection: idle.connection };
  // One connection is on its way for each request ahead of this one and for this one too.
  if (view.opening >= view.waiting) return { kind: 'wait' };
  if (view.open + view.opening < view.maxConnections) return { kind: 'open' };
  const longest = view.draining.reduce<(typeof view.draining)[number] | undefined>(
    (found, one) => (found === undefined || one.drainingSince < found.drainingSince ? one : found),
    undefined,
  );
  return longest === undefined || view.now - longest.drainingSince < DRAIN_GRACE
    ? { kind: 'wait' }
    : { kind: 'replace', connection: longest.connection };
}

/** Used ones before warm ones, so that few connections stay open and the others may end of idleness. */
function mostRecentlyUsed<T extends { readonly idleSince: number; readonly uses: number }>(
  idle: readonly T[],
): T | undefined {
  return idle.reduce<T | undefined>((best, one) => {
    if (best === undefined) return one;
    if (one.uses === 0 || best.uses === 0) return best.uses === 0 && one.uses > 0 ? one : best;
    return one.idleSince > best.idleSince ? one : best;
  }, undefined);
}
