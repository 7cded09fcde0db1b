/** Cookies of one server; and characters of one, and of all of them, as they are sent. */
const MAX_COOKIES = 32;
const MAX_COOKIE = 4_096;
const MAX_HEADER = 8_192;

interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/**
 * What the server, or a load balancer before it, wants to be told again (RFC 6265): mostly which of several servers holds the
 * session. It is told to the origin that it came from, which is the only one that this client speaks to, whatever its `Domain`
 * says; and it is forgotten with the session.
 */
export class Cookies {
  readonly #isSecure: boolean;
  readonly #now: () => number;
  /** By name, the last one last. */
  readonly #kept = new Map<string, Cookie>();

  /** @param now milliseconds since the epoch */
  constructor(isSecure: boolean, now: () => number) {
    this.#isSecure = isSecure;
    this.#now = now;
  }

  /** @param headers each `Set-Cookie` of a response to a request for `path` */
  keep(headers: readonly string[], path: string): void {
    for (const header of headers.slice(0, MAX_COOKIES)) {
      const read = header.length > MAX_COOKIE ? undefined : readCookie(header, path, this.#now());
      if (read === undefined) continue;
      const { name, cookie } = read;
      this.#kept.delete(name);
      if (cookie.expires <= this.#now()) continue;
      this.#kept.set(name, cookie);
      if (this.#kept.size > MAX_COOKIES)
        for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest);
    }
  }

  /**
   * The value of the header `Cookie`; undefined where there is nothing to tell.
   * @param configured what the settings have there: it goes first, and a name in it is the user's
   */
  headerFor(path: string, configured?: string): string | undefined {
    if (this.#kept.size === 0) return configured;
    const pairs = configured === undefined || configured === '' ? [] : [configured];
    const taken = new Set((configured ?? '').split(';').map((pair) => pair.split('=', 1)[0]?.trim()));
    let room = MAX_HEADER;
    for (const [name, { value, path: within, secure, expires }] of this.#kept) {
      if (expires <= this.#now()) this.#kept.delete(name);
      else if (!taken.has(name) && (!secure || this.#isSecure) && isWithin(path, within)) {
        const pair = `${name}=${value}`;
        room -= pair.length + 2;
        if (room >= 0) pairs.push(pair);
      }
    }
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }

  /** The headers of a request for `path` as they are sent. */
  addedTo(headers: Readonly<Record<string, string>>, path: string): Record<string, string> {
    const cookie = this.headerFor(path, headers['cookie']);
    return cookie === undefined ? { ...headers } : { ...headers, cookie };
  }

  clear(): void {
    this.#kept.clear();
  }
}

/** Visible ASCII without what ends a cookie: what else there is could not be sent back. */
const NAME = /^[!#-+\-.0-:<>-~]+$/;
const VALUE = /^[\x21-\x3a\x3c-\x7e]*$/;

function readCookie(header: string, path: string, now: number): { name: string; cookie: Cookie } | undefined {
  const [pair = '', ...attributes] = header.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at).trim();
  const value = pair.slice(at + 1).trim();
  if (at < 0 || !NAME.test(name) || !VALUE.test(value)) return undefined;
  const said = new Map(
    attributes.map((attribute) => {
      const [key = '', ...rest] = attribute.split('=');
      return [key.trim().toLowerCase(), rest.join('=').trim()];
    }),
  );
  const asked = said.get('path');
  return {
    name,
    cookie: {
      value,
      path: asked?.startsWith('/') === true ? asked : folderOf(path),
      secure: said.has('secure'),
      expires: expiryOf(said, now),
    },
  };
}

function expiryOf(said: ReadonlyMap<string, string>, now: number): number {
  const age = said.get('max-age');
  if (age !== undefined && /^-?\d+$/.test(age)) return now + Number(age) * 1_000;
  const date = Date.parse(said.get('expires') ?? '');
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date;
}

/** RFC 6265, 5.1.4: the default path. */
function folderOf(path: string): string {
  const end = bare(path).lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

/** RFC 6265, 5.1.4: path match. */
function isWithin(path: string, within: string): boolean {
  const asked = bare(path);
  if (!asked.startsWith(within)) return false;
  return asked.length === within.length || within.endsWith('/') || asked[within.length] === '/';
}

/** Without the query. */
function bare(path: string): string {
  return path.split('?', 1)[0] ?? '';
}
