import { SluiceError } from '../errors.ts';
import type { Reply } from '../transport/reply.ts';
import type { Transport, TransportKind } from '../transport/transport.ts';
import type { Revision } from './protocolVersion.ts';
import type { ServerInfo } from './serverInfo.ts';

/** How a server is spoken to. */
export interface Way {
  readonly transport: Transport;
  /** Undefined for `initialize`, which comes before it is known. */
  readonly revision: Revision | undefined;
}

/** What a negotiation has found. It never changes: what a server gave in one session is of use as long as `===` holds. */
export interface Session extends Way {
  readonly revision: Revision;
  readonly over: TransportKind;
  readonly info: ServerInfo;
  /** Milliseconds of a round trip to the server, as far as the negotiation shows it; undefined where it is only remembered. */
  readonly roundTrip: number | undefined;
  /** The server itself said that this is its era. Where it did not, it is asked anew at the next connect. */
  readonly isSure: boolean;
}

/** Milliseconds: such a round trip is worth a connection more, and a request that may turn out to be in vain. */
export const FAR = 40;
/** Milliseconds: no network takes longer, so that the server does. */
const SLOW = 1_000;

/** Milliseconds by which a message is sent ahead of the next one where the order matters, and they go over two connections. */
export const BEHIND = 3;

/** Milliseconds after which what is asked beside the first call does not wait for its answer. */
export const BESIDE_AFTER = 5;

/** @param roundTrip milliseconds; undefined where nothing is known of it */
export function isFar(roundTrip: number | undefined): boolean {
  return roundTrip !== undefined && roundTrip >= FAR && roundTrip <= SLOW;
}

/** Milliseconds of a round trip, at most: in them the answer has begun. */
export function roundTripOf({ timing: { headers } }: Reply): number {
  return headers;
}

/** A request was meant for a session that is over, and is of no use in the next one. */
export function anotherSession(method: string): SluiceError {
  return new SluiceError('session-lost', `${method} was meant for a session that is over`, {
    delivery: 'not-sent',
  });
}
