import type { PoolConfig, ServerConfig } from '../config/serverConfig.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import type { ServerInfo } from '../mcp/serverInfo.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Finding } from '../metrics/finding.ts';
import { McpServer } from '../servers/mcpServer.ts';
import { openerOf } from '../servers/serverLink.ts';
import type { EraTimes, OwnStreamWatch, Probe, Sample } from './diagnosis.ts';
import { OpenedSockets } from './openedSockets.ts';
import { type WireExchange, WireLog } from './wireLog.ts';

export interface ProbeLineOptions {
  readonly config: ServerConfig;
  readonly probe: Probe;
  readonly reuse: Extract<PoolConfig['reuse'], 'always' | 'never'>;
  /** Milliseconds that the rest of a response is read. */
  readonly drain: number;
  /** The revision, where it is known already. */
  readonly protocolVersion?: string;
  readonly clientInfo: Implementation;
  readonly clock: Clock;
}

const DIAGNOSIS = { kind: 'diagnosis' } as const;
/** Bytes of a response's rest that are read, so that what a server still sends can be told. */
const DRAIN_BYTES = 1_048_576;
/** Smallest requests that are timed. */
const PINGS = 3;
/** Milliseconds of rest before each: no connection stalls after them. */
const RESTED = 250;
/** Longer than any diagnosis. */
const NEVER_IDLE = 3_600_000;

/**
 * A way to the server that belongs to one diagnosis: the user's calls do not disturb it, nor it them, and nothing that
 * was learnt from them is known here. It has one connection at a time, and everything on it is watched.
 */
export class ProbeLine {
  readonly log = new WireLog();
  readonly sockets = new OpenedSockets();
  readonly #options: ProbeLineOptions;
  readonly #connection: McpServer;

  constructor(options: ProbeLineOptions) {
    this.#options = options;
    const { config, reuse, drain, protocolVersion, clientInfo, clock } = options;
    const connector = this.sockets.watch(openerOf(config, clock).connectorTo(new URL(config.url)));
    this.#connection = new McpServer({
      config: {
        ...config,
        pool: {
          ...config.pool,
          maxConnections: 1,
          warmConnections: 0,
          reuse,
          idleTimeout: NEVER_IDLE,
        },
        drain: { timeout: drain, maxBytes: DRAIN_BYTES },
      },
      callbacks: {
        traceLevel: () => 'trace',
        onTrace: (event) => this.log.add(event),
        onState: () => undefined,
        onActivity: () => undefined,
        recallProtocol: () => protocolVersion,
      },
      clientInfo,
      clock,
      carrier: { connector: (signal) => connector(signal) },
    });
  }

  /** All that is done once and would otherwise be in the first probe. @throws SluiceError */
  async connect(signal: AbortSignal): Promise<ServerInfo> {
    const info = await this.#connection.connect({ signal });
    if (this.#options.probe.kind === 'tool') await this.#connection.listTools({ signal });
    return info;
  }

  /**
   * One probe, to the end of its response.
   * @param rest milliseconds that its connection was left in peace
   * @throws SluiceError
   */
  async probe(rest: number, signal: AbortSignal): Promise<Sample> {
    const { probe } = this.#options;
    const { timing, wire, drained } =
      probe.kind === 'ping'
        ? await this.#connection.ping({ signal })
        : await this.#connection.callTool(probe.tool, probe.arguments, {
            signal,
            initiator: DIAGNOSIS,
            // Without a listener no progress is asked for.
            onProgress: () => undefined,
          });
    return { rest: wire.use > 1 ? rest : undefined, timing, wire, drain: await drained };
  }

  /**
   * How long the server takes for what every client asks of it, one after another, each on a connection that has rested.
   * To be asked of a line that is not connected yet.
   * @throws SluiceError
   */
  async times(rest: (ms: number) => Promise<void>, signal: AbortSignal): Promise<EraTimes> {
    const [info, connect] = await this.#timed(() => this.#connection.connect({ signal }));
    const smallest: number[] = [];
    while (smallest.length < PINGS) {
      await rest(RESTED);
      const { timing, drained } = await this.#connection.ping({ signal });
      smallest.push(timing.total - timing.queued - timing.connect);
      await drained;
    }
    await rest(RESTED);
    const list = await this.#timed(() => this.#connection.listTools({ refresh: true, signal })).then(
      ([, ms]) => ms,
      () => undefined,
    );
    const { era, protocolVersion } = info;
    smallest.sort((one, other) => one - other);
    return { era, protocolVersion, connect, smallest: smallest[PINGS >> 1] ?? 0, list };
  }

  /** What it gives, and how long it took beside the opening of connections. */
  async #timed<T>(ask: () => Promise<T>): Promise<[T, number]> {
    const { clock } = this.#options;
    const opened = () => this.sockets.opened.reduce((sum, { ms }) => sum + ms, 0);
    const before = clock.now() - opened();
    const answer = await ask();
    return [answer, clock.now() - opened() - before];
  }

  /** Connections that the server closed, or we. */
  get closed(): { readonly server: number; readonly client: number } {
    return { ...this.sockets.closed };
  }

  /** The stream on which the server speaks unasked, so far. */
  ownStream(): OwnStreamWatch {
    const own = this.log.exchanges.filter(
      ({ method, rpc, headers }) =>
        (method === 'GET' || rpc === 'subscriptions/listen') &&
        headers['content-type']?.startsWith('text/event-stream') === true,
    );
    const cuts = own.filter(({ endedAt }) => endedAt !== undefined);
    const cut = cuts.at(-1);
    if (cut?.endedAt !== undefined)
      return { kind: 'cut', silence: cut.endedAt - cut.lastAt, cuts: cuts.length };
    const openedAt = own.at(-1)?.openedAt;
    return openedAt === undefined
      ? { kind: 'none' }
      : { kind: 'open', ms: this.#options.clock.wallTime() - openedAt };
  }

  /** Of all answers; of each name the first value. */
  get headers(): Readonly<Record<string, string>> {
    const posted = this.log.exchanges.filter(({ method }) => method === 'POST');
    return Object.assign({}, ...posted.toReversed().map(({ headers }) => headers));
  }

  /** The server's, as it may be shown. */
  get url(): string {
    return this.#connection.url;
  }

  /** What the last probe's response looked like. */
  get lastAnswer(): WireExchange | undefined {
    return this.log.exchanges.findLast(({ method, status }) => method === 'POST' && status !== 0);
  }

  findings(): readonly Finding[] {
    return this.#connection.snapshot().findings;
  }

  /** Ends the session and closes the sockets. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
