import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayedLinkOptions {
  /** How long a byte travels, each way: 25 ms by default, so that a round trip is 50. */
  readonly oneWayMs?: number;
}

export interface DelayedLink {
  /** The target's URL with the link's port: the same scheme and path, and still 127.0.0.1, so that certificates hold. */
  readonly url: string;
  /** From now on no new connection is taken; those that are open go on, as of a server that is about to restart. */
  refuse(): void;
  /**
   * From now on nothing comes through the connections that are open, either way, and nobody is told: as behind a NAT
   * that forgot them. New ones work. Resolves when the client has closed all of them.
   */
  fallSilent(): Promise<void>;
  /** Breaks every connection; new ones work. */
  cut(): void;
  /** Breaks every connection and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A long cable: a TCP relay in front of the server at `targetUrl` that hands every byte on, in order, `oneWayMs` after it came.
 *
 * A real network also takes a round trip before a connection can carry anything (SYN, SYN-ACK). On loopback `connect()`
 * returns at once and cannot be made to wait, so what the client sends meanwhile is held until that round trip is over.
 * A call over a fresh plain connection so takes two round trips, over fresh TLS 1.3 three, and over a connection that
 * was opened a round trip ago, or earlier, one.
 */
export async function startDelayedLink(
  targetUrl: string,
  { oneWayMs = 25 }: DelayedLinkOptions = {},
): Promise<DelayedLink> {
  const { hostname, port } = new URL(targetUrl);
  const cables = new Set<Cable>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const onClose = () => cables.delete(cable);
    const cable = new Cable(client, { host: hostname, port: Number(port), oneWayMs, onClose });
    cables.add(cable);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(targetUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const closed = once(server, 'close');
  const refuse = () => {
    if (server.listening) server.close();
  };
  const cut = () => {
    for (const cable of cables) cable.cut();
  };
  const close = async () => {
    refuse();
    cut();
    await closed;
  };
  const fallSilent = async () => {
    await Promise.all([...cables].map((cable) => cable.fallSilent()));
  };
  return { url: url.href, refuse, fallSilent, cut, close, [Symbol.asyncDispose]: close };
}

interface CableOptions {
  readonly host: string;
  readonly port: number;
  readonly oneWayMs: number;
  /** Both of its sockets are closed. */
  readonly onClose: () => void;
}

/** One client's connection, and the one to the server that continues it. */
class Cable {
  readonly #client: Socket;
  readonly #forth: Wire;
  readonly #back: Wire;
  #server: Socket | undefined;

  constructor(client: Socket, { host, port, oneWayMs, onClose }: CableOptions) {
    this.#client = client;
    // The SYN is there after one way, the SYN-ACK after two; what the server says first waits for the ACK, the third.
    const opened = performance.now();
    const closed = () => {
      if (client.destroyed && this.#server?.destroyed) onClose();
    };
    this.#forth = new Wire({ oneWayMs, usableAt: opened + 2 * oneWayMs });
    this.#back = new Wire({ oneWayMs, usableAt: opened + 3 * oneWayMs });
    this.#forth.deliver(opened + oneWayMs, () => {
      const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
      this.#server = server;
      server.once('close', closed);
      relay(server, this.#back, () => client);
    });
    client.once('close', closed);
    relay(client, this.#forth, () => this.#server);
  }

  /** Resolves when the client has closed its side. */
  async fallSilent(): Promise<void> {
    for (const wire of [this.#forth, this.#back]) wire.fallSilent();
    if (this.#client.readableEnded || this.#client.destroyed) return;
    await new Promise((resolve) => this.#client.once('end', resolve).once('close', resolve));
  }

  cut(): void {
    for (const wire of [this.#forth, this.#back]) wire.cut();
    this.#client.destroy();
    this.#server?.destroy();
  }
}

/** Puts all that happens to `from` on the wire, at whose other end it happens to `to`. */
function relay(from: Socket, wire: Wire, to: () => Socket | undefined): void {
  from.on('data', (bytes: Buffer) => {
    wire.send(() => {
      const far = to();
      // A receiver that does not keep up slows the sender down, as TCP's own window would.
      if (far?.destroyed !== false || far.write(bytes) || from.isPaused()) return;
      from.pause();
      far.once('drain', () => from.resume());
    });
  });
  from.once('end', () => wire.send(() => to()?.end()));
  from.on('error', () => wire.send(() => to()?.resetAndDestroy()));
}

interface Parcel {
  readonly due: number;
  readonly arrive: () => void;
}

/** One direction: what goes in comes out later, in the same order. One timer at a time, set for the first in the queue. */
class Wire {
  readonly #oneWayMs: number;
  readonly #usableAt: number;
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #silent = false;

  /** What is sent before `usableAt` (of `performance.now()`) leaves then. */
  constructor({ oneWayMs, usableAt }: { oneWayMs: number; usableAt: number }) {
    this.#oneWayMs = oneWayMs;
    this.#usableAt = usableAt;
  }

  send(arrive: () => void): void {
    this.deliver(Math.max(performance.now(), this.#usableAt) + this.#oneWayMs, arrive);
  }

  deliver(due: number, arrive: () => void): void {
    if (this.#silent) return;
    this.#parcels.push({ due, arrive });
    if (this.#parcels.length === 1) this.#wait(due);
  }

  fallSilent(): void {
    this.#silent = true;
    this.cut();
  }

  cut(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  /** Each due time is absolute, so a timer that fires late delays its own parcel and none behind it. */
  #wait(due: number): void {
    const inMs = Math.max(0, Math.ceil(due - performance.now()));
    this.#timer = setTimeout(() => this.#unload(), inMs);
  }

  #unload(): void {
    for (let next = this.#parcels[0]; next !== undefined; next = this.#parcels[0]) {
      // A timer may fire a fraction of a millisecond early. Nothing on this wire does.
      if (next.due > performance.now()) return this.#wait(next.due);
      this.#parcels.shift();
      next.arrive();
    }
  }
}
