import { SluiceError } from '../errors.ts';
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
  /** The server itself said that this is its era. Where it did not, it is asked anew at the next connect. */
  readonly isSure: boolean;
}

/** A request was meant for a session that is over, and is of no use in the next one. */
export function anotherSession(method: string): SluiceError {
  return new SluiceError('session-lost', `${method} was meant for a session that is over`, {
    delivery: 'not-sent',
  });
}
