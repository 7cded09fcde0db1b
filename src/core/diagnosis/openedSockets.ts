import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connector, OpenStage } from '../http/connector.ts';

/** One connection that was opened, and what its handshake settled on. */
export interface OpenedConnection {
  /** Milliseconds from the name's lookup to its being usable. */
  readonly ms: number;
  readonly stages: Readonly<Partial<Record<OpenStage, number>>>;
  readonly httpVersion: '1.1' | '2';
  /** For example `TLSv1.3`; undefined without TLS. */
  readonly tls: string | undefined;
  /** Until when the server's certificate is valid, in milliseconds since the epoch. */
  readonly certificateUntil: number | undefined;
}

/** Watches what a connector opens: how long it took, and whether it was the server that closed it. */
export class OpenedSockets {
  readonly opened: OpenedConnection[] = [];
  /** How many were closed by which side. */
  readonly closed = { server: 0, client: 0 };
  /** Which side closed the last one that closed. */
  closedBy: 'server' | 'client' | undefined;

  /** The same connector, watched. */
  watch(connector: Connector): Connector {
    return async (signal) => {
      const opened = await connector(signal);
      const { socket, startedAt, openedAt, httpVersion, stages = {} } = opened;
      this.opened.push({ ms: openedAt - startedAt, stages, httpVersion, ...certainties(socket) });
      let isOver = false;
      socket.once('end', () => {
        isOver = true;
      });
      socket.once('close', () => {
        this.closedBy = isOver || socket.errored != null ? 'server' : 'client';
        this.closed[this.closedBy]++;
      });
      return opened;
    };
  }
}

function certainties(socket: Socket): Pick<OpenedConnection, 'tls' | 'certificateUntil'> {
  if (!(socket instanceof TLSSocket)) return { tls: undefined, certificateUntil: undefined };
  const until = Date.parse(socket.getPeerCertificate().valid_to ?? '');
  return {
    tls: socket.getProtocol() ?? undefined,
    certificateUntil: Number.isNaN(until) ? undefined : until,
  };
}
