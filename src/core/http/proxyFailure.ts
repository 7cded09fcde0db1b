import type { ProxyConfig } from '../config/serverConfig.ts';
import { SluiceError, type SluiceErrorCode } from '../errors.ts';
import type { Origin } from './origin.ts';

/** What an HTTP proxy answered instead of opening a tunnel. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** Schemes of `Proxy-Authenticate`. */
  readonly challenges: readonly string[];
}

export function proxyRefusal(proxy: ProxyConfig, origin: Origin, refusal: Refusal): SluiceError {
  const { status, challenges } = refusal;
  if (status === 407) return proxyAuthFailed(proxy, challenges, 'HTTP 407');
  const answer = `HTTP ${status}${refusal.reason === '' ? '' : `, ${refusal.reason.slice(0, 80)}`}`;
  if (status === 401 || status === 403 || status === 405) {
    return failed(
      proxy,
      `does not allow connections to ${origin.href} (${answer})`,
      `Ask whoever runs the proxy to allow it. ${around(proxy)}`,
    );
  }
  if (status === 502 || status === 503 || status === 504) {
    return failed(
      proxy,
      `could not connect to ${origin.href} (${answer})`,
      `Check the host and port of the URL, as the proxy sees them. ${around(proxy)}`,
    );
  }
  return failed(proxy, `did not open a tunnel to ${origin.href} (${answer})`, around(proxy));
}

export function socksRefusal(proxy: ProxyConfig, origin: Origin, reason: string): SluiceError {
  return failed(
    proxy,
    `could not connect to ${origin.href}: ${reason}`,
    `Check the host and port of the URL, as the proxy sees them. ${around(proxy)}`,
  );
}

/** @param asked what the proxy would take, such as `Basic` */
export function proxyAuthFailed(proxy: ProxyConfig, asked: readonly string[], answer?: string): SluiceError {
  const sent = proxy.kind === 'http' ? proxy.authorization : proxy.username;
  const what = sent === undefined ? 'wants credentials' : 'does not accept the credentials';
  const scheme = asked.length === 0 ? '' : `: it asks for ${asked.join(' or ')}`;
  const fits = proxy.kind !== 'http' || asked.length === 0 || asked.some((one) => /^basic$/i.test(one));
  const inUrl = `Put the user name and password into the URL of ${proxy.source}, as in "${example(proxy)}"`;
  const hint = fits
    ? `${inUrl}${proxy.kind === 'http' ? ', or the whole header into "http.proxyAuthorization"' : ''}.`
    : 'Sluice sends the header of "http.proxyAuthorization" and does not implement such a scheme itself: run a local proxy that does.';
  return proxyError(
    'proxy-auth',
    proxy,
    `${what}${scheme}${answer === undefined ? '' : ` (${answer})`}`,
    hint,
  );
}

/** The proxy closed the connection, or said what is no answer of a proxy of its kind. */
export function proxySilence(proxy: ProxyConfig, spoke: boolean): SluiceError {
  const what = spoke
    ? 'answers with something that is not an answer of such a proxy'
    : 'closed the connection without an answer';
  return failed(proxy, what, `Check scheme, host and port of ${proxy.source}. ${around(proxy)}`);
}

/** The way to the proxy failed, before it was asked for anything. */
export function proxyUnreachable(proxy: ProxyConfig, reason: string, cause: unknown): SluiceError {
  return proxyError(
    'proxy-failed',
    proxy,
    reason,
    `Check scheme, host and port of ${proxy.source}. ${around(proxy)}`,
    cause,
  );
}

function failed(proxy: ProxyConfig, what: string, hint: string): SluiceError {
  return proxyError('proxy-failed', proxy, what, hint);
}

function proxyError(
  code: SluiceErrorCode,
  { url, source }: ProxyConfig,
  what: string,
  hint: string,
  cause?: unknown,
): SluiceError {
  return new SluiceError(code, `The proxy ${url} (${source}) ${what}`, {
    phase: 'connect',
    delivery: 'not-sent',
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** How to reach a server without the proxy. */
function around({ source }: ProxyConfig): string {
  return /^http\./.test(source)
    ? 'To connect directly, name the host in "http.noProxy".'
    : 'To connect directly, name the host in "http.noProxy", or in NO_PROXY where VS Code is started.';
}

function example({ url }: ProxyConfig): string {
  return url.replace('://', '://user:password@');
}
