import type { ServerConfig } from '../config/serverConfig.ts';
import type { SluiceError } from '../errors.ts';
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
import type { ToolAnswer } from '../mcp/tools.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import type { Initiator } from '../metrics/initiator.ts';
import { type RecordedEvents, Tracer } from '../trace/tracer.ts';
import type { Reply } from '../transport/reply.ts';
import { CallBook } from './callBook.ts';
import type { AskOptions, CallOptions, CallOutcome, RecordOptions, TaskCallOptions } from './callOutcome.ts';
import { type CallContext, Lifecycle } from './lifecycle.ts';
import type { ServerCallbacks } from './serverCallbacks.ts';
import type { Carrier } from './serverLink.ts';
import { createServerMask } from './serverMask.ts';
import type { ServerSnapshot } from './serverSnapshot.ts';
import type { ServerState } from './serverState.ts';

export interface McpServerOptions {
  readonly config: ServerConfig;
  readonly callbacks: ServerCallbacks;
  readonly clock?: Clock;
  /** How this client introduces itself. */
  readonly clientInfo?: Implementation;
  /** Instead of sockets that are opened as the settings say. */
  readonly carrier?: Carrier;
  /** Bytes of the last events of all levels that `events` gives; none are recorded where absent. */
  readonly recordBytes?: number | undefined;
}

/** Of a list: from the server although the one that is known is fresh, where `refresh` is true. */
export interface ListOptions {
  readonly signal?: AbortSignal;
  readonly refresh?: boolean;
}

const UNKNOWN: Initiator = { kind: 'unknown' };

/** One server of the settings: the one door to it. Every call connects as needed, and settles once. */
export class McpServer {
  readonly name: string;
  /** As it may be shown: see `ServerMask`. The one in `config` is for connecting alone. */
  readonly url: string;
  readonly #tracer: Tracer;
  readonly #book: CallBook;
  readonly #life: Lifecycle;
  /** What the user chose, over every connect. */
  #logLevel: LogLevel | undefined;

  constructor({
    config,
    callbacks,
    clock = systemClock,
    clientInfo = { name: 'sluice', version: '0' },
    carrier,
    recordBytes,
  }: McpServerOptions) {
    this.name = config.name;
    const { mask, url } = createServerMask(config);
    this.url = url;
    const tracer = new Tracer({
      server: config.name,
      clock,
      level: () => callbacks.traceLevel(),
      sink: (event) => callbacks.onTrace(event),
      delay: callbacks.traceDelay ?? 0,
      mask,
      configured: config.headers,
      recordBytes,
    });
    this.#tracer = tracer;
    this.#book = new CallBook({
      server: config.name,
      clock,
      tracer,
      onActivity: () => callbacks.onActivity(),
    });
    const onConnected = (client: McpClient) => this.#restoreLogLevel(client);
    this.#life = new Lifecycle({ config, callbacks, clock, clientInfo, carrier, tracer, onConnected });
  }

  get config(): ServerConfig {
    return this.#life.config;
  }

  /** From the next connect on, other origins than the server's are reached as `config` says; all else of it is as it was. */
  adopt(config: ServerConfig): void {
    this.#life.config = config;
  }

  get state(): ServerState {
    return this.#life.state;
  }

  snapshot(): ServerSnapshot {
    return {
      name: this.name,
      url: this.url,
      state: this.#life.state,
      inFlight: this.#life.inFlight,
      latency: this.#book.latency(),
      lastCall: this.#book.last,
      pool: this.#life.counts(),
      findings: this.#life.findings(),
    };
  }

  /** What was recorded last, whatever `traceLevel` says. The events are masked now, which takes a while. */
  events(): RecordedEvents {
    return this.#tracer.recorded();
  }

  clearEvents(): void {
    this.#tracer.clearRecorded();
  }

  /** Finds out the revision, unless it is known already. Callers at the same time share one attempt. */
  async connect({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ServerInfo> {
    return this.#life.use(signal, async (client) => client.info);
  }

  /** Ends the session and closes the sockets; calls in flight fail with `closed`. The next call connects again. */
  async disconnect(): Promise<void> {
    await this.#life.disconnect();
  }

  /** @throws SluiceError */
  async listTools({ signal, refresh = false }: ListOptions = {}): Promise<readonly Tool[]> {
    return this.#life.use(signal, async (client) => client.tools.list(signal, refresh));
  }

  /**
   * A tool as the server listed it last, or lists it now where that is not known. Undefined where it lists no such tool.
   * @throws SluiceError
   */
  async findTool(name: string, { signal }: Pick<ListOptions, 'signal'> = {}): Promise<Tool | undefined> {
    return this.#life.use(signal, async (client) => client.tools.find(name, signal));
  }

  /** @throws SluiceError; a tool that says `isError` is a result */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<CallOutcome> {
    return this.#call(
      name,
      options,
      (client, context) => client.tools.call(name, args, { ...options, ...context }),
      'remembered',
    );
  }

  /**
   * The tasks that the server has, as they are now.
   * @throws SluiceError `not-offered`, as by every server of a revision but 2025-11-25
   */
  async listTasks({ signal }: { readonly signal?: AbortSignal } = {}): Promise<readonly Task[]> {
    return this.#life.use(signal, async (client) => client.tasks.list(signal));
  }

  /**
   * Takes up a call that became a task (`onTask` told its id), also after a disconnect or a restart of this program,
   * and gives its result. Aborting cancels the task; disconnecting leaves it to the server.
   * @throws SluiceError `task-failed`; `jsonrpc-error` where the server does not know it any more. `delivery` tells of
   *   this request: that the call itself was sent is known
   */
  async resumeTask(taskId: string, options: TaskCallOptions = {}): Promise<CallOutcome> {
    return this.#call(options.tool ?? taskId, options, (client, context) =>
      client.tools.resume(taskId, { ...options, ...context }),
    );
  }

  /** Asks the server to end a task; it may still come to another end. @throws SluiceError */
  async cancelTask(taskId: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#life.use(signal, async (client) => client.tasks.cancel(taskId, signal));
  }

  async #call(
    tool: string,
    { initiator = UNKNOWN, onRecord, signal }: RecordOptions & Pick<AskOptions, 'signal'>,
    run: (client: McpClient, context: CallContext) => Promise<ToolAnswer>,
    known?: 'remembered' | 'confirmed',
  ): Promise<CallOutcome> {
    const call = this.#book.open({ tool, initiator, onRecord });
    const answered = await this.#life.ask(signal, run, known, call.log).catch((error: SluiceError) => {
      call.failed(error);
      throw error;
    });
    const { result, reply, violations, notes, unchecked, odd, sent } = answered;
    const record = call.answered(answered);
    return { ...record, result, drained: reply.drained, violations, notes, unchecked, odd, sent };
  }

  /** @throws SluiceError `not-offered` where the server has no resources */
  async listResources({ signal, refresh = false }: ListOptions = {}): Promise<readonly Resource[]> {
    return this.#life.use(signal, async (client) => client.resources.list(signal, refresh));
  }

  /** @throws SluiceError `not-offered` where the server has no resources */
  async listResourceTemplates({
    signal,
    refresh = false,
  }: ListOptions = {}): Promise<readonly ResourceTemplate[]> {
    return this.#life.use(signal, async (client) => client.resources.templates(signal, refresh));
  }

  /** What is fresh by the server's own word comes from memory, unless `refresh` is true. @throws SluiceError */
  async readResource(
    uri: string,
    options: AskOptions & { readonly refresh?: boolean } = {},
  ): Promise<ReadResourceResult> {
    const { refresh = false, ...asking } = options;
    return this.#life.ask(asking.signal, (client, context) =>
      client.resources.read(uri, { ...asking, ...context }, refresh),
    );
  }

  /**
   * From now on `onResourceUpdated` tells when what the URI names changes, until the server is disconnected.
   * @throws SluiceError `not-offered` where the server does not tell of it
   */
  async subscribeResource(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#life.use(signal, async (client) => client.resources.subscribe(uri, signal));
  }

  async unsubscribeResource(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#life.use(signal, async (client) => client.resources.unsubscribe(uri, signal));
  }

  /** @throws SluiceError `not-offered` where the server has no prompts */
  async listPrompts({ signal, refresh = false }: ListOptions = {}): Promise<readonly Prompt[]> {
    return this.#life.use(signal, async (client) => client.prompts.list(signal, refresh));
  }

  /** @throws SluiceError */
  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: AskOptions = {},
  ): Promise<GetPromptResult> {
    return this.#life.ask(options.signal, (client, context) =>
      client.prompts.get(name, args, { ...options, ...context }),
    );
  }

  /**
   * What the server promises of its skills; none of their files is read. A server may leave skills out of the list.
   * @throws SluiceError `not-offered` where it has none
   */
  async listSkills({ signal, refresh = false }: ListOptions = {}): Promise<readonly Skill[]> {
    return this.#life.use(signal, async (client) => (await client.skills).list(signal, refresh));
  }

  /** What the server promises now of one skill, listed or not; `uri` is that of its SKILL.md. @throws SluiceError */
  async getSkill(uri: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Skill> {
    return this.#life.use(signal, async (client) => (await client.skills).get(uri, signal));
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
    return this.#life.ask(asking.signal, async (client, context) =>
      (await client.skills).read(skill, file, { ...asking, ...context }),
    );
  }

  /** Suggestions for what the user types. @throws SluiceError `not-offered` where the server has none */
  async complete(
    request: CompletionRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Completion> {
    return this.#life.use(signal, async (client) => client.complete(request, signal));
  }

  /** The least severe message that `onLog` gets, from now on and after each connect. @throws SluiceError `not-offered` */
  async setLogLevel(level: LogLevel, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#life.use(signal, async (client) => client.logging.setLevel(level, signal));
    this.#logLevel = level;
  }

  /** `roots` gives others now: a server that is connected, and keeps them, is told. Never rejects. */
  async rootsChanged(): Promise<void> {
    await this.#life.connected?.rootsChanged().catch((error: Error) => {
      this.#tracer.warn(`the server was not told that the roots changed: ${error.message}`);
    });
  }

  /** The smallest request of the server's revision: `ping`, or `server/discover` where it has none. */
  async ping({
    signal,
  }: {
    readonly signal?: AbortSignal;
  } = {}): Promise<Pick<Reply, 'timing' | 'wire' | 'drained'>> {
    return this.#life.use(signal, async (client) => client.ping(signal));
  }

  /** Opens a connection ahead of the next call, while the user still types its arguments. Without effect before the first connect. */
  warmUp(): void {
    this.#life.warmUp();
  }

  /** Takes no new calls; those in flight finish, then it closes. */
  async retire(): Promise<void> {
    await this.#life.retire();
    await this.#tracer.flush();
  }

  /** At once: calls in flight fail with `closed`. */
  async close(): Promise<void> {
    await this.#life.close();
    await this.#tracer.flush();
  }

  #restoreLogLevel(client: McpClient): void {
    if (this.#logLevel === undefined) return;
    client.logging
      .setLevel(this.#logLevel, undefined)
      .catch((error: Error) => this.#tracer.warn(`the server keeps its own log level: ${error.message}`));
  }
}
