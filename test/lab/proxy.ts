import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsIdentity } from './tls.ts';

export interface LabProxyOptions {
  /** `http` by default. The HTTP proxy makes tunnels, and forwards requests in absolute form. */
  readonly protocol?: 'http' | 'socks5' | 'socks4';
  /** Where names lead, as in a hosts file: a proxy resolves them, and the test's own names are in no DNS. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Without them a client is turned away. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** The way to an HTTP proxy itself is TLS. */
  readonly tls?: TlsIdentity;
  /** What a CONNECT, or the first bytes of a SOCKS client, are answered with instead; nothing may be said at all. */
  readonly answer?: (socket: Duplex) => void;
}

/** A proxy over real sockets. Everything is counted where it arrives. */
export interface LabProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without credentials. */
  readonly url: string;
  readonly counts: {
    accepted: number;
    /** Open connections of clients. */
    open: number;
    tunnels: number;
    /** Requests in absolute form. */
    requests: number;
    /** Turned away for their credentials. */
    unauthorized: number;
  };
  /** Host and port of each tunnel and request, as the client named them. */
  readonly targets: readonly string[];
  /** Resolves once no client is connected. */
  left(): Promise<void>;
  close(): Promise<void>;
}

export async function startLabProxy(options: LabProxyOptions = {}): Promise<LabProxy> {
  const { protocol = 'http', tls } = options;
  const counts = { accepted: 0, open: 0, tunnels: 0, requests: 0, unauthorized: 0 };
  const targets: string[] = [];
  const sockets = new Set<Duplex>();
  const waiting: (() => void)[] = [];
  const route: Route = (hostname, port) => {
    targets.push(`${hostname}:${port}`);
    return { host: options.hosts?.[hostname] ?? hostname, port };
  };
  const server = protocol === 'http' ? httpProxy() : createTcpServer((socket) => void socks(socket));
  server.on('connection', (socket: Socket) => {
    counts.accepted++;
    counts.open++;
    keep(socket).once('close', () => {
      if (--counts.open === 0) for (const tell of waiting.splice(0)) tell();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const left = () =>
    new Promise<void>((resolve) => {
      if (counts.open === 0) resolve();
      else waiting.push(resolve);
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const scheme = protocol !== 'http' ? protocol : tls === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}`, counts, targets, left, close, [Symbol.asyncDispose]: close };

  function httpProxy(): Server {
    const made = tls === undefined ? createHttpServer(forward) : createHttpsServer(tls, forward);
    return made.on('connect', tunnel);
  }

  function keep<Stream extends Duplex>(socket: Stream): Stream {
    sockets.add(socket);
    // A server of node:http leaves its side open when the client has closed its own.
    socket.once('end', () => socket.end());
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    return socket;
  }

  function tunnel(message: IncomingMessage, client: Duplex, early: Buffer): void {
    keep(client);
    if (options.answer !== undefined) return options.answer(client.resume());
    if (!isAuthorized(message)) {
      client.end(
        'HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic realm="lab"\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    counts.tunnels++;
    const { hostname, port } = new URL(`http://${message.url}`);
    join(client, early, route(hostname, Number(port || 80)), {
      opened: 'HTTP/1.1 200 Connection established\r\n\r\n',
      failed: 'HTTP/1.1 502 Bad Gateway\r\n\r\n',
    });
  }

  /** Both ways, whatever either side says, until either closes. */
  function join(
    client: Duplex,
    early: Buffer,
    target: { host: string; port: number },
    said: { opened: string | Buffer; failed: string | Buffer },
  ): void {
    const upstream = keep(connect({ ...target, noDelay: true }));
    upstream.once('connect', () => {
      client.write(said.opened);
      upstream.write(early);
      client.pipe(upstream).pipe(client);
      upstream.once('close', () => client.destroy());
    });
    upstream.once('error', () => client.end(said.failed));
    client.once('close', () => upstream.destroy());
  }

  function forward(...[message, response]: Parameters<RequestListener>): void {
    if (!isAuthorized(message)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="lab"', 'content-length': 0 }).end();
      return;
    }
    if (!/^http:\/\//.test(message.url ?? '')) {
      response.writeHead(400).end('a proxy wants the absolute form');
      return;
    }
    counts.requests++;
    const { hostname, port, pathname, search } = new URL(message.url ?? '');
    const { 'proxy-authorization': _, ...headers } = message.headers;
    const upstream = request(
      { ...route(hostname, Number(port || 80)), method: message.method, path: pathname + search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      },
    );
    upstream.once('error', () => response.headersSent || response.writeHead(502).end());
    response.once('close', () => upstream.destroy());
    message.pipe(upstream);
  }

  function isAuthorized({ headers }: IncomingMessage): boolean {
    if (options.credentials === undefined) return true;
    const { username, password } = options.credentials;
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (headers['proxy-authorization'] === expected) return true;
    counts.unauthorized++;
    return false;
  }

  async function socks(client: Socket): Promise<void> {
    const chunks = client.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    let bytes: Buffer = Buffer.alloc(0);
    const read = async (length: number): Promise<Buffer> => {
      while (bytes.length < length) {
        const { value, done } = await chunks.next();
        if (done === true) throw new Error('the client left');
        bytes = Buffer.concat([bytes, value]);
      }
      const wanted = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      return wanted;
    };
    const readText = async () => (await read((await read(1))[0] ?? 0)).toString();
    const readZeroEnded = async () => {
      let text = '';
      for (let byte = await read(1); byte[0] !== 0; byte = await read(1)) text += byte.toString();
      return text;
    };
    try {
      if (options.answer !== undefined) {
        await read(1);
        await chunks.return?.();
        return options.answer(client.resume());
      }
      const target = protocol === 'socks4' ? await greet4() : await greet5();
      if (target === undefined) return;
      await chunks.return?.();
      counts.tunnels++;
      const said =
        protocol === 'socks4'
          ? { opened: Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]), failed: Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]) }
          : {
              opened: Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
              failed: Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]),
            };
      join(client, bytes, route(target.host, target.port), said);
    } catch {
      client.destroy();
    }

    async function greet5(): Promise<{ host: string; port: number } | undefined> {
      const [, count = 0] = await read(2);
      const offered = [...(await read(count))];
      const { credentials } = options;
      const method = credentials === undefined ? 0 : 2;
      if (!offered.includes(method)) {
        counts.unauthorized++;
        client.end(Buffer.from([5, 255]));
        return undefined;
      }
      client.write(Buffer.from([5, method]));
      if (credentials !== undefined) {
        await read(1);
        const isKnown =
          (await readText()) === credentials.username && (await readText()) === credentials.password;
        client.write(Buffer.from([1, isKnown ? 0 : 1]));
        if (!isKnown) {
          counts.unauthorized++;
          client.end();
          return undefined;
        }
      }
      const [, , , kind] = await read(4);
      const host =
        kind === 3
          ? await readText()
          : kind === 1
            ? [...(await read(4))].join('.')
            : ((await read(16)).toString('hex').match(/.{4}/g) ?? []).join(':');
      return { host, port: (await read(2)).readUInt16BE() };
    }

    async function greet4(): Promise<{ host: string; port: number }> {
      await read(2);
      const port = (await read(2)).readUInt16BE();
      const address = [...(await read(4))];
      await readZeroEnded();
      const isNamed = address.slice(0, 3).every((byte) => byte === 0);
      return { host: isNamed ? await readZeroEnded() : address.join('.'), port };
    }
  }
}

type Route = (hostname: string, port: number) => { host: string; port: number };
