import type { ServerConfig } from '../config/serverConfig.ts';
import { SHORTEST_SECRET } from '../config/variables.ts';
import { isSluiceError, SluiceError, UNREACHABLE } from '../errors.ts';
import { describeFinding } from '../http/learning/describeFinding.ts';
import type { PoolCounts } from '../http/poolCounts.ts';
import type { McpClient } from '../mcp/mcpClient.ts';
import type {
  Completion,
  CompletionRequest,
  GetPromptResult,
  Implementation,
  LogLevel,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceContents,
  ResourceTemplate,
  Skill,
  Task,
  Tool,
} from '../mcp/mcpTypes.ts';
import type { ServerInfo } from '../mcp/serverInfo.ts';
import type { ToolCall } from '../mcp/tools.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import { credentialsIn } from '../trace/redact.ts';
import { Tracer } from '../trace/tracer.ts';
import type { Reply } from '../transport/reply.ts';
import { CallBook } from './callBook.ts';
import type { AskOptions, CallOptions, CallOutcome, TaskCallOptions } from './callOutcome.ts';
import { type ConnectionState, isLegalMove } from './connectionState.ts';
import type { ServerCallbacks } from './serverCallbacks.ts';
import { type Carrier, openLink, type ServerLink } from './serverLink.ts';
import type { ServerSnapshot } from './serverSnapshot.ts';

export interface ServerConnectionOptions {
  readonly config: ServerConfig;
  readonly callbacks: ServerCallbacks;
  readonly clock?: Clock;
  /** How this client introduces itself. */
  readonly clientInfo?: Implementation;
  /** Instead of sockets that are opened as the settings say. */
  readonly carrier?: Carrier;
}

/** Of a list: from the server although the one that is known is fresh, where `refresh` is true. */
export interface ListOptions {
  readonly signal?: AbortSignal;
  readonly refresh?: boolean;
}

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

/** One server of the settings: the one door to it. Every call connects as needed, and settles once. */
export class ServerConnection {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #callbacks: ServerCallbacks;
  readonly #clock: Clock;
  readonly #clientInfo: Implementation;
  readonly #carrier: Carrier | undefined;
  readonly #tracer: Tracer;
  readonly #book: CallBook;
  readonly #calls = new Map<AbortController, Promise<unknown>>();
  #state: ConnectionState = { kind: 'disconnected' };
  /** What the user chose, over every connect. */
  #logLevel: LogLevel | undefined;
  #link: ServerLink | undefined;
  /** Links that take no more requests, until the last that is on its way has ended. */
  readonly #outgrown = new Set<ServerLink>();
  /** The end of the last link, while it is under way. */
  #dropping: Promise<void> | undefined;
  /** Kept over a disconnect, so that what the user reads does not jump back. */
  #poolBefore: PoolCounts = NO_CONNECTIONS;
  #retiring = false;

  constructor({ config, callbacks, clock = systemClock, clientInfo, carrier }: ServerConnectionOptions) {
    this.name = config.name;
    this.config = config;
    this.#callbacks = callbacks;
    this.#clock = clock;
    this.#carrier = carrier;
    this.#clientInfo = clientInfo ?? { name: 'sluice', version: '0' };
    this.#tracer = new Tracer({
      server: config.name,
      clock,
      level: () => callbacks.traceLevel(),
      sink: (event) => callbacks.onTrace(event),
      secrets: [
        ...config.secrets,
        ...credentialsIn(config.headers).filter(({ length }) => length >= SHORTEST_SECRET),
      ],
    });
    this.#book = new CallBook(this.#tracer, () => callbacks.onActivity());
  }

  get state(): ConnectionState {
    return this.#state;
  }

  snapshot(): ServerSnapshot {
    return {
      name: this.name,
      url: this.config.url,
      state: this.#state,
      inFlight: this.#calls.size,
      latency: this.#book.latency(),
      lastCall: this.#book.lastCall,
      pool: addCounts(this.#poolBefore, this.#link?.pool.counts() ?? NO_CONNECTIONS),
      findings: this.#link?.pool.findings() ?? [],
    };
  }

  /** Finds out the revision, unless it is known already. Callers at the same time share one attempt. */
  async connect({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ServerInfo> {
    return this.#use(signal, async (client) => client.info);
  }

  /** Ends the session and closes the sockets; calls in flight fail with `closed`. The next call connects again. */
  async disconnect(): Promise<void> {
    if (this.#state.kind === 'closed') return;
    this.#dropping = this.#drop(closed(this.name), { kind: 'disconnected' });
    await this.#dropping;
  }

  /** @throws SluiceError */
  async listTools({ signal, refresh = false }: ListOptions = {}): Promise<readonly Tool[]> {
    return this.#use(signal, async (client) => client.tools.list(signal, refresh));
  }

  /** @throws SluiceError; a tool that says `isError` is a result */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<CallOutcome> {
    return this.#call(name, options, (client, signal) =>
      client.tools.call(name, args, { ...options, signal }),
    );
  }

  /**
   * The tasks that the server has, as they are now.
   * @throws SluiceError `not-offered`, as by every server of a revision but 2025-11-25
   */
  async listTasks({ signal }: { readonly signal?: AbortSignal } = {}): Promise<readonly Task[]> {
    return this.#use(signal, async (client) => client.tasks.list(signal));
  }

  /**
   * Takes up a call that became a task (`onTask` told its id), also after a disconnect or a restart of this program,
   * and gives its result. Aborting cancels the task; disconnecting leaves it to the server.
   * @throws SluiceError `task-failed`; `jsonrpc-error` where the server does not know it any more
   */
  async resumeTask(taskId: string, options: TaskCallOptions = {}): Promise<CallOutcome> {
    return this.#call(options.tool ?? taskId, options, (client, signal) =>
      client.tools.resume(taskId, { ...options, signal }),
    );
  }

  /** Asks the server to end a task; it may still come to another end. @throws SluiceError */
  async cancelTask(taskId: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#use(signal, async (client) => client.tasks.cancel(taskId, signal));
  }

  /** @param name that the call goes by in the trace and the status bar */
  async #call(
    name: string,
    options: AskOptions,
    run: (client: McpClient, signal: AbortSignal) => Promise<ToolCall>,
  ): Promise<CallOutcome> {
    const startedAt = this.#clock.now();
    try {
      const answered = await this.#ask(options, run);
      const ms = this.#clock.now() - startedAt;
      this.#book.settled(name, ms, answered);
      const { result, reply, violations } = answered;
      return { result, ms, timing: reply.timing, wire: reply.wire, drained: reply.drained, violations };
    } catch (error) {
      this.#book.failed(name, this.#clock.now() - startedAt, error as SluiceError);
      throw error;
    }
  }

  /** @throws SluiceError `not-offered` where the server has no resources */
  async listResources({ signal, refresh = false }: ListOptions = {}): Promise<readonly Resource[]> {
    return this.#use(signal, async (client) => client.resources.list(signal, refresh));
  }

  /** @throws SluiceError `not-offered` where the server has no resources */
  async listResourceTemplates({
    signal,
    refresh = false,
  }: ListOptions = {}): Promise<readonly ResourceTemplate[]> {
    return this.#use(signal, async (client) => client.resources.templates(signal, refresh));
  }

  /** What is fresh by the server's own word comes from memory, unless `refresh` is true. @throws SluiceError */
  async readResource(
    uri: string,
    options: AskOptions & { readonly refresh?: boolean } = {},
  ): Promise<ReadResourceResult> {
    const { refresh = false, ...asking } = options;
    return this.#ask(asking, (client, signal) => client.resources.read(uri, { ...asking, signal }, refresh));
  }

  /**
   * From now on `onResourceUpdated` tells when what the URI names changes, until the server is disconnected.
   * @throws SluiceError `not-offered` where the server does not tell of it
   */
  async subscribeResource(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#use(signal, async (client) => client.resources.subscribe(uri, signal));
  }

  async unsubscribeResource(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#use(signal, async (client) => client.resources.unsubscribe(uri, signal));
  }

  /** @throws SluiceError `not-offered` where the server has no prompts */
  async listPrompts({ signal, refresh = false }: ListOptions = {}): Promise<readonly Prompt[]> {
    return this.#use(signal, async (client) => client.prompts.list(signal, refresh));
  }

  /** @throws SluiceError */
  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: AskOptions = {},
  ): Promise<GetPromptResult> {
    return this.#ask(options, (client, signal) => client.prompts.get(name, args, { ...options, signal }));
  }

  /**
   * What the server promises of its skills; none of their files is read. A server may leave skills out of the list.
   * @throws SluiceError `not-offered` where it has none
   */
  async listSkills({ signal, refresh = false }: ListOptions = {}): Promise<readonly Skill[]> {
    return this.#use(signal, async (client) => client.skills.list(signal, refresh));
  }

  /** What the server promises now of one skill, listed or not; `uri` is that of its SKILL.md. @throws SluiceError */
  async getSkill(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Skill> {
    return this.#use(signal, async (client) => client.skills.get(uri, signal));
  }

  /**
   * Reads a file of a skill, its SKILL.md where no `file` is named, and checks it against what was promised: to whoever
   * holds `skill`, and not what the server promises by now.
   * @throws SluiceError `verification-failed` where it is something else
   */
  async readSkill(
    skill: Skill,
    options: AskOptions & { readonly file?: string } = {},
  ): Promise<ResourceContents> {
    const { file = skill.uri, ...asking } = options;
    return this.#ask(asking, (client, signal) => client.skills.read(skill, file, { ...asking, signal }));
  }

  /** Suggestions for what the user types. @throws SluiceError `not-offered` where the server has none */
  async complete(
    request: CompletionRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Completion> {
    return this.#use(signal, async (client) => client.complete(request, signal));
  }

  /** The least severe message that `onLog` gets, from now on and after each connect. @throws SluiceError `not-offered` */
  async setLogLevel(level: LogLevel, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#use(signal, async (client) => client.logging.setLevel(level, signal));
    this.#logLevel = level;
  }

  /** `roots` gives others now: a server that is connected, and keeps them, is told. Never rejects. */
  async rootsChanged(): Promise<void> {
    await this.#link?.connected?.rootsChanged().catch((error: Error) => {
      this.#tracer.warn(`the server did not hear that the roots changed: ${error.message}`);
    });
  }

  /** The smallest request of the server's revision: `ping`, or `server/discover` where it has none. */
  async ping({
    signal,
  }: {
    readonly signal?: AbortSignal;
  } = {}): Promise<Pick<Reply, 'timing' | 'wire' | 'drained'>> {
    return this.#use(signal, async (client) => client.ping(signal));
  }

  /** Opens a connection ahead of the next call, while the user still types its arguments. Without effect before the first connect. */
  warmUp(): void {
    this.#link?.pool.warmUp();
  }

  /** Takes no new calls; those in flight finish, then it closes. */
  async retire(): Promise<void> {
    this.#retiring = true;
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls.values());
    await this.close();
  }

  /** At once: calls in flight fail with `closed`. */
  async close(): Promise<void> {
    const before = this.#dropping;
    if (this.#state.kind !== 'closed') this.#dropping = this.#drop(closed(this.name), { kind: 'closed' });
    await Promise.all([before, this.#dropping]);
  }

  /** A request that may take as long as a person takes: it counts as in flight, and a disconnect ends it. */
  async #ask<T>(
    options: AskOptions,
    run: (client: McpClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const signal =
      options.signal === undefined ? abort.signal : AbortSignal.any([abort.signal, options.signal]);
    const asked = this.#use(signal, (client) => run(client, signal));
    this.#calls.set(abort, asked);
    this.#callbacks.onActivity();
    try {
      return await asked;
    } finally {
      this.#calls.delete(abort);
      this.#callbacks.onActivity();
    }
  }

  /** Runs a request on the link that there is, or on a new one. Its error names this server. */
  async #use<T>(signal: AbortSignal | undefined, run: (client: McpClient) => Promise<T>): Promise<T> {
    if (this.#state.kind === 'closed' || this.#retiring) throw closed(this.name);
    this.#link ??= this.#open();
    const link = this.#link;
    link.users++;
    try {
      return await run(await this.#connected(link, signal));
    } catch (error) {
      const told = this.#told(error);
      if (UNREACHABLE.has(told.code)) this.#outgrow(link, told);
      throw told;
    } finally {
      link.users--;
      if (link.users === 0 && this.#outgrown.has(link)) this.#end(link);
    }
  }

  #connected({ client, connected }: ServerLink, signal: AbortSignal | undefined): Promise<McpClient> {
    if (signal === undefined) return client;
    if (connected !== undefined && !signal.aborted) return Promise.resolve(connected);
    // The attempt is shared: whoever cancels leaves it to the others.
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason instanceof SluiceError ? signal.reason : cancelled());
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      client.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #open(): ServerLink {
    this.#move({ kind: 'connecting' });
    const { config } = this;
    const link = openLink({
      config,
      callbacks: this.#callbacks,
      clock: this.#clock,
      clientInfo: this.#clientInfo,
      tracer: this.#tracer,
      carrier: this.#carrier,
      observer: {
        onConnection: (connection, change, detail, ms) => {
          if (this.#tracer.wants('debug'))
            this.#tracer.emit({ kind: 'connection', connection, change, detail, ms });
          this.#callbacks.onActivity();
        },
        onChange: () => this.#callbacks.onActivity(),
        onFindings: (findings) => {
          if (this.#tracer.wants('info'))
            this.#tracer.emit({ kind: 'learnt', findings: findings.map(describeFinding) });
        },
      },
    });
    link.client.then(
      (connected) => {
        if (this.#link !== link) return;
        link.connected = connected;
        this.#known(connected.info);
        connected.onRenewed((info) => {
          if (this.#link === link) this.#known(info);
        });
        if (this.#logLevel !== undefined) this.#logAt(connected, this.#logLevel);
      },
      (error: unknown) => {
        if (this.#link === link)
          void this.#drop(error as SluiceError, { kind: 'failed', error: this.#told(error) });
      },
    );
    return link;
  }

  #known(info: ServerInfo): void {
    const { kind } = this.#state;
    if (kind === 'connected' && JSON.stringify(this.#state.info) === JSON.stringify(info)) return;
    this.#callbacks.rememberProtocol?.(info.protocolVersion);
    this.#move({ kind: 'connected', info });
  }

  #logAt(client: McpClient, level: LogLevel): void {
    client.logging
      .setLevel(level, undefined)
      .catch((error: Error) => this.#tracer.warn(`the server logs at its own level: ${error.message}`));
  }

  /**
   * A server that cannot be reached may come back as another one: the next request negotiates anew. What is on its way
   * over connections that are open goes on.
   */
  #outgrow(link: ServerLink, error: SluiceError): void {
    if (this.#link !== link || this.#state.kind !== 'connected') return;
    this.#link = undefined;
    this.#outgrown.add(link);
    this.#move({ kind: 'failed', error });
  }

  /** Closes what there is; a new attempt starts from nothing, and finds out the revision again. */
  async #drop(reason: SluiceError, next: ConnectionState): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#move(next);
    const isWanted = next.kind !== 'failed';
    if (isWanted) {
      for (const abort of this.#calls.keys()) abort.abort(reason);
      for (const old of [...this.#outgrown]) this.#end(old);
    }
    if (link === undefined) return;
    if (isWanted) await this.#sayGoodbye(link);
    this.#end(link);
  }

  /** Ends the session; a server that does not answer is not waited for. */
  async #sayGoodbye({ connected }: ServerLink): Promise<void> {
    if (connected === undefined) return;
    let cancel: (() => void) | undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.schedule(GOODBYE, resolve);
    });
    await Promise.race([connected.close(), late]);
    cancel?.();
  }

  #end(link: ServerLink): void {
    this.#outgrown.delete(link);
    link.close();
    const { opened, requests, reused } = addCounts(this.#poolBefore, link.pool.counts());
    this.#poolBefore = { ...NO_CONNECTIONS, opened, requests, reused };
    this.#callbacks.onActivity();
  }

  #move(next: ConnectionState): void {
    const from = this.#state.kind;
    if (from === next.kind && from !== 'failed' && from !== 'connected') return;
    if (from !== next.kind && !isLegalMove(from, next.kind))
      throw new Error(`illegal: ${from} to ${next.kind}`);
    this.#state = next;
    if (this.#tracer.wants('info')) this.#tracer.emit({ kind: 'state', state: next.kind, ...detailOf(next) });
    this.#callbacks.onState(next);
  }

  #told(error: unknown): SluiceError {
    if (isSluiceError(error))
      return error.with({ server: this.name }).masked((text) => this.#tracer.masked(text));
    return new SluiceError('not-mcp', `Sluice could not handle the server’s answer: ${String(error)}`, {
      server: this.name,
      delivery: 'unknown',
      hint: 'This is a defect of Sluice: please report it with the trace.',
      cause: error,
    });
  }
}

/** Milliseconds that a server has to end the session. */
const GOODBYE = 1_000;

function detailOf(state: ConnectionState): { detail: string } | undefined {
  switch (state.kind) {
    case 'connected': {
      const { implementation, protocolVersion } = state.info;
      const who = implementation === undefined ? '' : ` ${implementation.name} ${implementation.version}`;
      return { detail: `protocol ${protocolVersion}${who}` };
    }
    case 'failed':
      return { detail: `${state.error.message} [${state.error.code}]` };
    default:
      return undefined;
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

function closed(server: string): SluiceError {
  return new SluiceError('closed', `The connection to ${server} was closed`, {
    server,
    delivery: 'unknown',
    hint: 'It was disconnected, or its settings changed.',
  });
}

function cancelled(): SluiceError {
  return new SluiceError('cancelled', 'The call was cancelled before the server was connected', {
    delivery: 'not-sent',
  });
}
