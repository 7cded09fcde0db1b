import { isDeepStrictEqual } from 'node:util';
import { proxyFor, proxyOf } from '../config/proxyFor.ts';
import type { ServerConfig } from '../config/serverConfig.ts';
import type { OpenConnection } from '../http/connection.ts';
import { ConnectionPool, type PoolObserver } from '../http/connectionPool.ts';
import type { Connector } from '../http/connector.ts';
import { dispatcherConnections, type RequestDispatcher } from '../http/dispatcherConnection.ts';
import { Opener } from '../http/opener.ts';
import { type Origin, originOf } from '../http/origin.ts';
import { socketConnections } from '../http/socketConnection.ts';
import { McpClient } from '../mcp/mcpClient.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import type { Clock } from '../metrics/clock.ts';
import { maskDeep } from '../trace/maskDeep.ts';
import type { Tracer } from '../trace/tracer.ts';
import { HttpClient } from '../transport/httpClient.ts';
import { StreamableHttp } from '../transport/streamableHttp.ts';
import type { ServerCallbacks } from './serverCallbacks.ts';
import { readTlsIdentity } from './tlsIdentity.ts';

/**
 * What carries the requests, where it is not to be sockets that are opened as the settings say. The policy around it
 * stays: the cap, the queue, the choice among connections, settling at the response, the drain.
 */
export type Carrier =
  /** Opens sockets in a way of its own: through a tunnel, over a pipe. */
  | { readonly connector: Connector }
  /** An undici dispatcher with a pool, proxy and TLS of its own. It stays its owner's to close. */
  | { readonly dispatcher: RequestDispatcher };

export interface LinkOptions {
  readonly config: ServerConfig;
  readonly callbacks: ServerCallbacks;
  readonly clock: Clock;
  readonly clientInfo: Implementation;
  readonly tracer: Tracer;
  readonly observer: PoolObserver;
  readonly carrier: Carrier | undefined;
  /** It is opened by a call. */
  readonly isForCall: boolean;
}

/** What lives between a connect and the next disconnect. */
export interface ServerLink {
  readonly pool: ConnectionPool;
  readonly client: Promise<McpClient>;
  /** Set once `client` has resolved: only then is there a session to end. */
  connected?: McpClient;
  /** Under way, and after it: what was remembered of the server was found to be so, or otherwise. */
  confirmed?: Promise<void>;
  /** Requests that run on it. */
  users: number;
  /** At once: whatever is still on its way fails with `closed`, and no timer is left. */
  close(): void;
}

/** Begins to connect: the rooms below, one on top of the other. */
export function openLink(options: LinkOptions): ServerLink {
  const { config, callbacks, clock, clientInfo, tracer, observer } = options;
  const url = new URL(config.url);
  const origin = originOf(url);
  const pool = new ConnectionPool({
    origin,
    open: connectionsOf(options, url, origin),
    via: proxyOf(config)?.url,
    limits: config.pool,
    drain: config.drain,
    clock,
    observer,
  });
  const http = new HttpClient({ headers: config.headers, pool, message: config.message, tracer, clock });
  const { onElicit, onSample, sampleTools, roots, skills } = callbacks;
  const streamableHttp = new StreamableHttp(http, url);
  const client = McpClient.connect({
    streamableHttp,
    openHttpSse: async (opening) =>
      (await import('../transport/httpSse.ts')).HttpSse.open(http, url, opening),
    identity: {
      info: clientInfo,
      features: { elicit: onElicit, sample: onSample, sampleTools, roots, skills },
    },
    clock,
    protocol: config.protocol,
    remembered: callbacks.recallProtocol?.(),
    isForCall: options.isForCall,
    recalled: callbacks.recallServer?.(),
    remember: callbacks.rememberServer && ((memory) => callbacks.rememberServer?.(memory)),
    holdsSecret: (value) => !isDeepStrictEqual(maskDeep(value, tracer.mask), value),
    timeout: config.requestTimeout,
    events: callbacks,
    warn: (message, kind) => tracer.warn(message, kind),
  });
  return {
    pool,
    client,
    users: 0,
    close() {
      this.connected?.leave();
      pool.close();
      streamableHttp.close();
    },
  };
}

/** Opens sockets as the settings of a server say: to the server, and to other origins that it sends its client to. */
export function openerOf(config: ServerConfig, clock: Clock): Opener {
  return new Opener({
    server: originOf(new URL(config.url)),
    tls: readTlsIdentity(config),
    http2: config.http2,
    proxyFor: (url) => proxyFor(url, config.proxy),
    clock,
  });
}

function connectionsOf({ config, clock, carrier }: LinkOptions, url: URL, origin: Origin): OpenConnection {
  if (carrier === undefined) return openerOf(config, clock).connectionsTo(url);
  return 'connector' in carrier
    ? socketConnections(origin, carrier.connector, clock)
    : dispatcherConnections(carrier.dispatcher, origin.href, () => clock.now());
}
