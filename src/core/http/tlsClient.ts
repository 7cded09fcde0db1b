import type { Socket } from 'node:net';
import { untilAborted } from '../async/untilAborted.ts';
import type { OpeningSteps } from './socketEvents.ts';
import { createTlsContext } from './tlsContext.ts';
import { type SessionMemory, type TlsTarget, tlsHandshake } from './tlsHandshake.ts';
import type { TlsIdentity } from './tlsIdentity.ts';

/** TLS with one peer: context and session are kept from one handshake to the next. */
export function tlsClient(identity: TlsIdentity, target: TlsTarget) {
  const memory: SessionMemory = {};
  const context = createTlsContext(identity);
  context.catch(() => undefined);
  return async (socket: Socket, steps: OpeningSteps, only?: string): Promise<Socket> => {
    const wanted = only === undefined ? target : { ...target, alpn: [only] };
    return tlsHandshake(
      socket,
      wanted,
      await untilAborted(context, steps.signal, (reason) => reason),
      memory,
      steps,
    );
  };
}
