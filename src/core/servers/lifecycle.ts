import { isDeepStrictEqual } from 'node:util';
import { orSoon, settledWithin } from '../async/orSoon.ts';
import { untilAborted } from '../async/untilAborted.ts';
import { Bag } from '../bag.ts';
import type { ServerConfig } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError, UNREACHABLE } from '../errors.ts';
import type { PoolCounts } from '../http/poolCounts.ts';
import type { McpClient } from '../mcp/mcpClient.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import { BESIDE_AFTER } from '../mcp/session.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Finding } from '../metrics/finding.ts';
import { maskError } from '../trace/maskError.ts';
import type { StateChange } from '../trace/traceEvent.ts';
import type { Tracer } from '../trace/tracer.ts';
import { CallLog } from '../transport/callLog.ts';
import type { ServerCallbacks } from './serverCallbacks.ts';
import { type Carrier, openLink, type ServerLink } from './serverLink.ts';
import { isLegalMove, type ServerState } from './serverState.ts';

export interface LifecycleOptions {
  readonly config: ServerConfig;
  readonly callbacks: ServerCallbacks;
  readonly clock: Clock;
  readonly clientInfo: Implementation;
  readonly carrier: Carrier | undefined;
  readonly tracer: Tracer;
  /** The server was negotiated with, over a new link. */
  readonly onConnected: (client: McpClient) => void;
}

/** What goes along with whatever is asked. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly call: CallLog;
}

/** Milliseconds that a server has to end the session. */
const GOODBYE = 1_000;

const NO_CONNECTIONS: PoolCounts = {
  busy: 0,
  draining: 0,
  idle: 0,
  warm: 0,
  queued: 0,
  opened: 0,
  requests: 0,
  reused: 0,
};

/**
 * The life of what connects to one server: a link is opened by the first request that needs one, outgrown where the
 * server cannot be reached over it any more, and dropped by a disconnect. Its states are those of `ServerState`.
 */
export class Lifecycle {
  /** Of the next link. */
  config: ServerConfig;
  readonly #options: Omit<LifecycleOptions, 'config'>;
  readonly #asking = new Bag<{ readonly abort: AbortController; readonly asked: Promise<unknown> }>();
  #state: ServerState = { kind: 'disconnected' };
  #link: ServerLink | undefined;
  /** Links that take no more requests, until the last that is on its way has ended. */
  readonly #outgrown = new Set<ServerLink>();
  /** The end of the last link, while it is under way. */
  #dropping: Promise<void> | undefined;
  /** Kept over a disconnect, so that what the user reads does not jump back. */
  #poolBefore: PoolCounts = NO_CONNECTIONS;
  #retiring = false;

  constructor({ config, ...options }: LifecycleOptions) {
    this.config = config;
    this.#options = options;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Requests of `ask` that have not ended. */
  get inFlight(): number {
    return this.#asking.size;
  }

  /** The client of the link that there is, once the server was negotiated with. */
  get connected(): McpClient | undefined {
    return this.#link?.connected;
  }

  counts(): PoolCounts {
    return addCounts(this.#poolBefore, this.#link?.pool.counts() ?? NO_CONNECTIONS);
  }

  findings(): readonly Finding[] {
    return this.#link?.pool.findings() ?? [];
  }

  warmUp(): void {
    this.#link?.pool.warmUp();
  }

  /**
   * Runs a request on the link that there is, or on a new one. Its error names this server.
   * @param known `remembered` where it may go out before the server has said again what it is
   */
  async use<T>(
    signal: AbortSignal | undefined,
    run: (client: McpClient) => Promise<T>,
    known: 'remembered' | 'confirmed' = 'confirmed',
  ): Promise<T> {
    if (this.#state.kind === 'closed' || this.#retiring) throw this.#closed();
    this.#link ??= this.#open(known === 'remembered');
    const link = this.#link;
    link.users++;
    try {
      const client = await clientOf(link, signal);
      if (client.isConfirmed) return await run(client);
      if (known === 'confirmed') {
        await untilAborted(this.#confirmed(link, client), signal);
        return await run(client);
      }
      const running = run(client);
      // It has gone first. What is found out beside it is told as the state; of the request its own outcome tells.
      void settledWithin(running, this.#options.clock, BESIDE_AFTER)
        .then(() => this.#confirmed(link, client))
        .catch(() => undefined);
      return await running;
    } catch (error) {
      const told = this.#told(error);
      if (UNREACHABLE.has(told.code)) this.#outgrow(link, told);
      throw told;
    } finally {
      link.users--;
      if (link.users === 0 && this.#outgrown.has(link)) this.#end(link);
    }
  }

  /**
   * What may take several requests, and as long as a person takes: it counts as in flight, and a disconnect ends it. The
   * `delivery` of its error is that of all its requests.
   */
  async ask<T>(
    caller: AbortSignal | undefined,
    run: (client: McpClient, context: CallContext) => Promise<T>,
    known?: 'remembered' | 'confirmed',
    call = new CallLog(),
  ): Promise<T> {
    const abort = new AbortController();
    const signal = caller === undefined ? abort.signal : AbortSignal.any([abort.signal, caller]);
    let isConnected = false;
    const use = this.use(
      signal,
      (client) => {
        isConnected = true;
        return run(client, { signal, call });
      },
      known,
    );
    const asked = call.whole(use);
    const asking = { abort, asked };
    this.#asking.add(asking);
    this.#options.callbacks.onActivity();
    try {
      return await asked;
    } catch (error) {
      // Whatever became of the handshake, what was to be asked is still here.
      throw isConnected ? error : (error as SluiceError).but({ delivery: 'not-sent' });
    } finally {
      this.#asking.delete(asking);
      this.#options.callbacks.onActivity();
    }
  }

  /** Ends the session and closes the sockets; requests in flight fail with `closed`. The next one connects again. */
  async disconnect(): Promise<void> {
    if (this.#state.kind === 'closed') return;
    this.#dropping = this.#drop(this.#closed(), { kind: 'disconnected' });
    await this.#dropping;
  }

  /** Takes no new requests; those in flight finish, then it closes. */
  async retire(): Promise<void> {
    this.#retiring = true;
    while (this.#asking.size > 0) await Promise.allSettled([...this.#asking].map(({ asked }) => asked));
    await this.close();
  }

  /** At once, and for good. */
  async close(): Promise<void> {
    const before = this.#dropping;
    if (this.#state.kind !== 'closed') this.#dropping = this.#drop(this.#closed(), { kind: 'closed' });
    await Promise.all([before, this.#dropping]);
  }

  #open(isForCall: boolean): ServerLink {
    this.#move({ kind: 'connecting' });
    const { callbacks, clock, clientInfo, carrier, tracer } = this.#options;
    const link = openLink({
      config: this.config,
      isForCall,
      callbacks,
      clock,
      clientInfo,
      tracer,
      carrier,
      observer: {
        onConnection: (connection, change, ms) => {
          if (tracer.wants('connection')) tracer.emit({ kind: 'connection', connection, ms, ...change });
          callbacks.onActivity();
        },
        onChange: () => callbacks.onActivity(),
        onFindings: (findings) => {
          if (tracer.wants('learnt')) tracer.emit({ kind: 'learnt', findings });
        },
      },
    });
    link.client.then(
      (connected) => {
        if (this.#link !== link) return;
        link.connected = connected;
        if (connected.isConfirmed) this.#connected(link, connected);
      },
      (error: unknown) => {
        if (this.#link === link)
          void this.#drop(error as SluiceError, { kind: 'failed', error: this.#told(error) });
      },
    );
    return link;
  }

  #connected(link: ServerLink, client: McpClient): void {
    if (this.#link !== link) return;
    this.#known(client);
    client.onRenewed(() => {
      if (this.#link === link) this.#known(client);
    });
    this.#options.onConnected(client);
  }

  /** Once for a link: the server says again what it is, or cannot be asked. */
  #confirmed(link: ServerLink, client: McpClient): Promise<void> {
    link.confirmed ??= client.confirm().then(
      () => this.#connected(link, client),
      (error: unknown) => {
        this.#outgrow(link, this.#told(error));
        throw error;
      },
    );
    return link.confirmed;
  }

  #known({ info, isSure }: McpClient): void {
    if (isSure) this.#options.callbacks.rememberProtocol?.(info.protocolVersion);
    const { kind } = this.#state;
    if (kind === 'connected' && isDeepStrictEqual(this.#state.info, info)) return;
    this.#move({ kind: 'connected', info });
  }

  /**
   * A server that cannot be reached may come back as another one: the next request negotiates anew. What is on its way
   * over connections that are open goes on.
   */
  #outgrow(link: ServerLink, error: SluiceError): void {
    if (this.#link !== link || link.connected === undefined) return;
    this.#link = undefined;
    this.#outgrown.add(link);
    this.#move({ kind: 'failed', error });
    if (link.users === 0) this.#end(link);
  }

  /** Closes what there is; a new attempt starts from nothing, and finds out the revision again. */
  async #drop(reason: SluiceError, next: ServerState): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#move(next);
    const isWanted = next.kind !== 'failed';
    if (isWanted) {
      for (const { abort } of [...this.#asking]) abort.abort(reason);
      for (const old of [...this.#outgrown]) this.#end(old);
    }
    if (link === undefined) return;
    if (isWanted) await this.#sayGoodbye(link);
    this.#end(link);
  }

  /** Ends the session; a server that does not answer is not waited for. */
  async #sayGoodbye({ connected }: ServerLink): Promise<void> {
    if (connected !== undefined) await orSoon(connected.close(), this.#options.clock, GOODBYE);
  }

  #end(link: ServerLink): void {
    this.#outgrown.delete(link);
    link.close();
    const { opened, requests, reused } = addCounts(this.#poolBefore, link.pool.counts());
    this.#poolBefore = { ...NO_CONNECTIONS, opened, requests, reused };
    this.#options.callbacks.onActivity();
  }

  #move(next: ServerState): void {
    const { tracer, callbacks } = this.#options;
    const from = this.#state.kind;
    if (from === next.kind && from !== 'failed' && from !== 'connected') return;
    if (from !== next.kind && !isLegalMove(from, next.kind))
      throw new Error(`illegal: ${from} to ${next.kind}`);
    this.#state = next;
    if (tracer.wants('state')) tracer.emit({ kind: 'state', ...changeTo(next) });
    callbacks.onState(next);
  }

  #told(error: unknown): SluiceError {
    const { tracer } = this.#options;
    const told = isSluiceError(error)
      ? error.filledWith({ server: this.config.name })
      : new SluiceError('not-mcp', `Sluice could not handle the server’s answer: ${String(error)}`, {
          server: this.config.name,
          delivery: 'unknown',
          hint: 'This is a defect of Sluice: please report it with the trace.',
          cause: error,
        });
    return maskError(told, tracer.mask);
  }

  #closed(): SluiceError {
    const { name } = this.config;
    return new SluiceError('closed', `The connection to ${name} was closed`, {
      server: name,
      delivery: 'unknown',
      hint: 'It was disconnected, or its settings changed.',
    });
  }
}

/** The client of a link, once it is connected. The attempt is shared: whoever cancels leaves it to the others. */
function clientOf(
  { client, connected }: ServerLink,
  signal: AbortSignal | undefined,
): McpClient | Promise<McpClient> {
  if (connected !== undefined && signal?.aborted !== true) return connected;
  return untilAborted(client, signal, (reason) => (isSluiceError(reason) ? reason : cancelled()));
}

function changeTo(state: ServerState): StateChange {
  switch (state.kind) {
    case 'connected': {
      const { implementation, protocolVersion } = state.info;
      if (implementation === undefined) return { state: 'connected', protocolVersion };
      const { name, version } = implementation;
      return { state: 'connected', protocolVersion, implementation: { name, version } };
    }
    case 'failed': {
      const { code, message } = state.error;
      return { state: 'failed', error: { code, message } };
    }
    default:
      return { state: state.kind };
  }
}

function addCounts(before: PoolCounts, now: PoolCounts): PoolCounts {
  return {
    ...now,
    opened: before.opened + now.opened,
    requests: before.requests + now.requests,
    reused: before.reused + now.reused,
  };
}

function cancelled(): SluiceError {
  return new SluiceError('cancelled', 'The call was cancelled before the server was connected', {
    delivery: 'not-sent',
  });
}
