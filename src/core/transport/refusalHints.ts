import type { IncomingHttpHeaders } from 'node:http';
import { namesCredential } from '../trace/credentialNames.ts';
import { SERVES_ONE_HINT, saysItServesOne, saysItWantsTls, saysSessionIsLost } from './serverWords.ts';

/** A refusal, as far as it says what may help. */
export interface Refused {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** In the server's words. */
  readonly said: string;
  readonly inSession: boolean;
  readonly url: URL;
  /** Headers of the request. */
  readonly sent: Readonly<Record<string, string>>;
}

/** What can be done about a refusal whose status or words say more than that it is one; the first that fits. */
export function hintOn(refused: Refused): string | undefined {
  const { status, headers, said, url, inSession, sent } = refused;
  if (url.protocol === 'http:' && saysItWantsTls(said))
    return 'Write https:// in place of http:// in the URL of this server.';
  if (saysItServesOne(said)) return SERVES_ONE_HINT;
  if (isAboutHeaders(refused))
    return `The request’s headers have ${sizeOf(sent)} characters, which is more than the server takes: shorten what "headers" of this server sends.`;
  switch (status) {
    case 401:
      return inSession && saysSessionIsLost(said)
        ? `Reconnect, if it means the session of this connection. ${credentialsHint(refused)}`
        : credentialsHint(refused);
    case 403: {
      const challenge = headers['www-authenticate'];
      return (
        challenge && `The credentials that were sent are not sufficient. The server asks for: ${challenge}`
      );
    }
    case 405:
      return headers.allow && `Check the path of the URL: this one takes ${headers.allow}, but not POST.`;
    case 413:
      return 'The request is larger than the server, or a proxy before it, takes: send less, or raise its limit (nginx: client_max_body_size).';
    case 414:
      return 'Shorten the URL of this server.';
    case 421:
      return `What answers at ${url.host} is not set up for this name: check host and port of the URL, and the names that the proxy before the server passes on.`;
    default:
      return undefined;
  }
}

/** 431, or what servers said before there was that status. */
function isAboutHeaders({ status, said }: Refused): boolean {
  return (
    status === 431 ||
    ((status === 400 || status === 494) && /(?:header|cookie)[^.]{0,40}too (?:large|long|big)/i.test(said))
  );
}

function sizeOf(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/** Which credential was sent, and refused; or where one is to be put. */
function credentialsHint({ headers, sent }: Refused): string {
  const challenge = headers['www-authenticate'];
  const asks = challenge === undefined ? '' : ` It asks for: ${challenge}`;
  const names = credentialsIn(sent);
  return names.length === 0
    ? `Set an "Authorization" header for this server, for example "Bearer \${input:token}".${asks}`
    : `${names.map((name) => `"${name}"`).join(' and ')} ${names.length === 1 ? 'was' : 'were'} sent, and not accepted: the value may have expired, or be meant for another server.${asks}`;
}

/** Names of the headers of a request that carry a credential of the settings. */
export function credentialsIn(sent: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(sent).filter(
    (name) => namesCredential(name, 'header') && name.toLowerCase() !== 'mcp-session-id',
  );
}

/** Headers and words of forward proxies, of what they say by themselves. */
const PROXY_HEADERS = ['x-squid-error', 'proxy-authenticate', 'x-proxy-error', 'proxy-status'];
const PROXY_NAMES = /\b(?:squid|tinyproxy|privoxy|polipo|mitmproxy|bluecoat|zscaler|forefront|websense)\b/i;

/** Whether a proxy, to which plain requests are given, refused this one by itself, and not the server behind it. */
export function isOfProxy(headers: IncomingHttpHeaders, said: string): boolean {
  return (
    PROXY_HEADERS.some((name) => headers[name] !== undefined) ||
    PROXY_NAMES.test(String(headers['server'] ?? '')) ||
    PROXY_NAMES.test(said)
  );
}
