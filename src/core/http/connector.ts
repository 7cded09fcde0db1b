import { connect as connectTcp, type Socket } from 'node:net';
import { untilAborted } from '../async/untilAborted.ts';
import type { Http2Choice, HttpProxyConfig, ProxyConfig } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import { type ConnectStage, connectFailure } from './connectFailure.ts';
import { type Origin, originOf } from './origin.ts';
import { openTunnel } from './proxyTunnel.ts';
import { type OpeningSteps, socketEvent } from './socketEvents.ts';
import type { TlsTarget } from './tlsHandshake.ts';
import { type TlsIdentity, trustOf } from './tlsIdentity.ts';

/** A socket that is connected, and over TLS past its handshake. */
export interface OpenedSocket {
  readonly socket: Socket;
  /** When opening began and when it was done, on the clock that was given. */
  readonly startedAt: number;
  readonly openedAt: number;
  /** What each part of it took, in milliseconds; absent where a caller's connector does not say. */
  readonly stages?: Readonly<Partial<Record<OpenStage, number>>>;
  /** What ALPN settled on; `1.1` without TLS. */
  readonly httpVersion: '1.1' | '2';
  /** http:// through an HTTP proxy: requests name whole URLs and carry these headers. */
  readonly absoluteForm?: { readonly headers: Readonly<Record<string, string>> };
}

/** The parts of opening a socket. `tcp` is with the lookup of the name; `proxy` is all from the proxy's TCP to its answer. */
export type OpenStage = 'tcp' | 'proxy' | 'tls';

export interface ConnectorOptions {
  readonly origin: Origin;
  readonly tls: TlsIdentity;
  readonly http2: Http2Choice;
  /** Absent for a direct connection. */
  readonly proxy?: ProxyConfig | undefined;
  readonly clock: Clock;
}

/**
 * Opens one socket, for no other version of HTTP than `only`, where that is given.
 * @throws SluiceError `dns-failed`, `connect-refused`, `connect-timeout`, `tls-failed`, `connect-failed`,
 *   `proxy-failed` or `proxy-auth`, each `not-sent`
 */
export type Connector = (signal: AbortSignal, only?: 'http/1.1') => Promise<OpenedSocket>;

/** Milliseconds for name, TCP, proxy and TLS together. */
export const CONNECT_TIMEOUT = 10_000;

/**
 * A connector of one origin. What does not change between its connections is made once: the TLS context, and the
 * session that the server offers to resume.
 *
 *     direct         TCP ─────────────────────────> TLS
 *     HTTP proxy     TCP ─> TLS of an https:// proxy ─> CONNECT ─> TLS        for https://
 *                    TCP ─> TLS of an https:// proxy                          for http://: requests in absolute form
 *     SOCKS proxy    TCP ─> SOCKS ────────────────> TLS
 */
export function createConnector({ origin, tls, http2, proxy, clock }: ConnectorOptions): Connector {
  const handshake = origin.secure
    ? overTls(tls, {
        called: origin.href,
        hostname: origin.hostname,
        servername: tls.servername,
        alpn: http2 === 'auto' ? ['h2', 'http/1.1'] : ['http/1.1'],
        // An intercepting proxy shows a certificate of its own in place of the server's.
        verify: tls.rejectUnauthorized !== false && proxy?.strictSSL !== false,
      })
    : undefined;
  const toProxy = proxy === undefined ? undefined : proxyClient(proxy, tls);

  return async (signal, only) => {
    // It keeps the event loop for milliseconds, in which the network goes on: how long TCP takes tells how far the server is.
    await untilAborted(Promise.all([handshake?.loaded, toProxy?.loaded]), signal, (reason) => reason);
    const startedAt = clock.now();
    const abort = new AbortController();
    const onAbort = () => abort.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    const cancelTimeout = clock.schedule(CONNECT_TIMEOUT, () =>
      abort.abort(
        Object.assign(new Error(`not connected after ${CONNECT_TIMEOUT} ms`), { code: 'ETIMEDOUT' }),
      ),
    );
    let stage: ConnectStage = proxy === undefined ? 'tcp' : 'proxy-tcp';
    const held: Socket[] = [];
    const steps: Steps = {
      signal: abort.signal,
      enter: (next) => {
        stage = next;
      },
      hold: (opened) => {
        held.push(opened);
        // Between two steps nobody listens; the next one finds the socket destroyed.
        opened.on('error', () => undefined);
      },
    };
    try {
      let opened =
        toProxy === undefined ? await openTcp(origin, steps) : await toProxy.connect(origin, steps);
      const reachedAt = clock.now();
      if (handshake !== undefined) {
        steps.enter('tls');
        opened = await handshake.shake(opened, steps, only);
      }
      const absolute = proxy?.kind === 'http' && !origin.secure ? absoluteForm(proxy) : {};
      const httpVersion = 'alpnProtocol' in opened && opened.alpnProtocol === 'h2' ? '2' : '1.1';
      const openedAt = clock.now();
      const stages = {
        [proxy === undefined ? 'tcp' : 'proxy']: reachedAt - startedAt,
        ...(handshake === undefined ? {} : { tls: openedAt - reachedAt }),
      };
      return { socket: opened, startedAt, openedAt, stages, httpVersion, ...absolute };
    } catch (cause) {
      for (const socket of held.reverse()) socket.destroy();
      throw connectFailure(cause, origin, stage, proxy);
    } finally {
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
    }
  };
}

interface Steps extends OpeningSteps {
  /** From here on a failure is one of this stage. */
  readonly enter: (stage: ConnectStage) => void;
}

async function openTcp({ hostname, port }: Origin, { signal, hold }: Steps): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ host: hostname, port });
  hold(socket);
  // Nagle's algorithm in our own direction would hold a request's body until its head is acknowledged.
  socket.setNoDelay(true);
  // A peer that is gone without a word is found out by the kernel, not by a caller.
  socket.setKeepAlive(true, 60_000);
  await socketEvent(socket, ['connect'], signal);
  return socket;
}

/** TLS with one peer. What speaks it is loaded at once, and so is the context made, unless the system's authorities are read first. */
function overTls(identity: TlsIdentity, target: TlsTarget) {
  const client = import('./tlsClient.ts').then(({ tlsClient }) => tlsClient(identity, target));
  client.catch(() => undefined);
  const shake = async (socket: Socket, steps: Steps, only?: string): Promise<Socket> => {
    const handshake = await untilAborted(client, steps.signal, (reason) => reason);
    return handshake(socket, steps, only);
  };
  return { loaded: client, shake };
}

/** The way to the proxy, and through it to `origin` where the proxy makes tunnels. */
function proxyClient(proxy: ProxyConfig, identity: TlsIdentity) {
  const place = originOf(new URL(proxy.url));
  const handshake = place.secure
    ? overTls(trustOf(identity), {
        called: `the proxy ${proxy.url}`,
        hostname: place.hostname,
        alpn: ['http/1.1'],
        verify: proxy.strictSSL,
      })
    : undefined;
  const connect = async (origin: Origin, steps: Steps): Promise<Socket> => {
    let socket = await openTcp(place, steps);
    if (handshake !== undefined) {
      steps.enter('proxy-tls');
      socket = await handshake.shake(socket, steps);
    }
    steps.enter('proxy-answer');
    if (proxy.kind !== 'http') {
      const { openSocks } = await import('./socks.ts');
      await openSocks(socket, origin, proxy, steps.signal);
    } else if (origin.secure) await openTunnel(socket, origin, proxy, steps.signal);
    return socket;
  };
  return { loaded: handshake?.loaded, connect };
}

/** RFC 9112, 3.2.2. Not by CONNECT: most proxies refuse tunnels to other ports than that of https. */
function absoluteForm({ authorization }: HttpProxyConfig): Pick<OpenedSocket, 'absoluteForm'> {
  return {
    absoluteForm: { headers: authorization === undefined ? {} : { 'proxy-authorization': authorization } },
  };
}
