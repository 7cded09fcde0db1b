import type { Http2Choice, ProxyConfig } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { OpenConnection } from './connection.ts';
import { type Connector, createConnector } from './connector.ts';
import { type Origin, originOf } from './origin.ts';
import { socketConnections } from './socketConnection.ts';
import { type TlsIdentity, trustOf } from './tlsIdentity.ts';

export interface OpenerOptions {
  /** The server's own origin: to no other one the client's certificate is shown, and each other one's name is checked. */
  readonly server: Origin;
  /** A connector fails with what it is rejected with. */
  readonly tls: Promise<TlsIdentity>;
  readonly http2: Http2Choice;
  /** The proxy by which a URL is reached; undefined where it is reached directly. @throws SluiceError */
  readonly proxyFor: (url: URL) => ProxyConfig | undefined;
  readonly clock: Clock;
}

/** Opens sockets to whatever origin is asked for: that of the server, and those that it sends its client to. */
export class Opener {
  readonly #options: OpenerOptions;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** A connector of the origin of `url`. */
  connectorTo(url: URL): Connector {
    const { server, tls, http2, proxyFor, clock } = this.#options;
    const origin = originOf(url);
    const connector = tls.then((identity) =>
      createConnector({
        origin,
        tls: origin.href === server.href ? identity : trustOf(identity),
        http2,
        proxy: proxyFor(url),
        clock,
      }),
    );
    // Whoever connects hears of it; until then nobody listens.
    connector.catch(() => undefined);
    return async (signal, only) => (await connector)(signal, only);
  }

  /** For a pool of the origin of `url`. */
  connectionsTo(url: URL): OpenConnection {
    return socketConnections(originOf(url), this.connectorTo(url), this.#options.clock);
  }
}
