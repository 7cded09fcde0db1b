import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { Clock } from '../metrics/clock.ts';
import { connectFailure, HANDSHAKE_TIMEOUT } from './connectFailure.ts';
import type { Origin } from './origin.ts';

/** A socket that is connected, and over TLS past its handshake. */
export interface OpenedSocket {
  readonly socket: Socket;
  /** When opening began and when it was done, on the clock that was given. */
  readonly startedAt: number;
  readonly openedAt: number;
}

/** PEM texts, read from the files that the settings name. */
export interface TlsIdentity {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Opens one socket.
 * @throws SluiceError `dns-failed`, `connect-refused`, `connect-timeout`, `tls-failed` or `connect-failed`, each `not-sent`
 */
export type Connector = (signal: AbortSignal) => Promise<OpenedSocket>;

/** Milliseconds for name, TCP and TLS together. */
export const CONNECT_TIMEOUT = 10_000;

export function createConnector(origin: Origin, tls: TlsIdentity, clock: Clock): Connector {
  return (signal) =>
    new Promise((resolve, reject) => {
      const startedAt = clock.now();
      const socket = origin.secure
        ? connectTls({
            host: origin.hostname,
            port: origin.port,
            ALPNProtocols: ['http/1.1'],
            ...tlsOptions(tls),
          })
        : connectTcp({ host: origin.hostname, port: origin.port });
      // Nagle's algorithm in our own direction would hold a request's body until its head is acknowledged.
      socket.setNoDelay(true);
      // A peer that is gone without a word is found out by the kernel, not by a caller.
      socket.setKeepAlive(true, 60_000);

      const fail = (cause: unknown) => {
        settle();
        socket.on('error', () => undefined);
        socket.destroy();
        reject(connectFailure(cause, origin));
      };
      const onAbort = () => fail(signal.reason);
      // Over TLS an open TCP connection is half of the way: a server that does not speak TLS just waits.
      const cancelTimeout = clock.schedule(CONNECT_TIMEOUT, () => {
        const code = socket.connecting ? 'ETIMEDOUT' : HANDSHAKE_TIMEOUT;
        fail(Object.assign(new Error(`not connected after ${CONNECT_TIMEOUT} ms`), { code }));
      });
      const onOpen = () => {
        settle();
        resolve({ socket, startedAt, openedAt: clock.now() });
      };
      const settle = () => {
        cancelTimeout();
        signal.removeEventListener('abort', onAbort);
        socket.off('error', fail).off(openEvent, onOpen);
      };
      const openEvent = origin.secure ? 'secureConnect' : 'connect';
      socket.once('error', fail).once(openEvent, onOpen);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
}

function tlsOptions(tls: TlsIdentity) {
  const { ca, ...rest } = tls;
  // `ca` replaces what Node trusts; a private authority is meant to be trusted besides it.
  return ca === undefined ? rest : { ...rest, ca: [...getCACertificates('default'), ca] };
}
