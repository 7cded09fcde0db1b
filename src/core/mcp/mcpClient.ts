import { isDeepStrictEqual } from 'node:util';
import { orSoon, settledWithin } from '../async/orSoon.ts';
import type { ProtocolChoice } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Reply } from '../transport/reply.ts';
import type { ClientIdentity } from './clientFeatures.ts';
import { complete } from './completion.ts';
import { Logging } from './logging.ts';
import type { Completion, CompletionRequest, Tool } from './mcpTypes.ts';
import { asRemembered, type Endpoints, type NegotiationOptions, negotiate } from './negotiation.ts';
import { Prompts } from './prompts.ts';
import { smallestOf } from './refusals.ts';
import { Requests } from './requests.ts';
import { Resources } from './resources.ts';
import { Rpc } from './rpc.ts';
import type { ServerEvents } from './serverEvents.ts';
import type { ServerInfo } from './serverInfo.ts';
import { memoryOf, readServerMemory, type ServerMemory } from './serverMemory.ts';
import { BEHIND, isFar, type Session } from './session.ts';
import type { Skills } from './skills.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tasks } from './tasks.ts';
import { Tools } from './tools.ts';
import { UrlElicitations } from './urlElicitations.ts';

export interface McpClientOptions extends Endpoints {
  readonly identity: ClientIdentity;
  readonly clock: Clock;
  readonly protocol: ProtocolChoice;
  readonly remembered: string | undefined;
  /** A call waits for it. */
  readonly isForCall: boolean;
  /** What `remember` was given at the last connect, or anything else. */
  readonly recalled: unknown;
  readonly remember: ((memory: ServerMemory) => void) | undefined;
  /** Of the settings. */
  readonly holdsSecret: (value: unknown) => boolean;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly events: ServerEvents;
  readonly warn: (message: string, kind?: string) => void;
}

/** A server whose revision is known, with what it offers. */
export class McpClient {
  readonly tools: Tools;
  readonly resources: Resources;
  readonly prompts: Prompts;
  readonly logging: Logging;
  readonly tasks: Tasks;
  readonly #subscriptions: Subscriptions;
  readonly #rootsDeclared: boolean;
  readonly #rpc: Rpc;
  readonly #requests: Requests;
  readonly #clock: Clock;
  #skills: Promise<Skills> | undefined;

  /** @throws SluiceError where the server cannot be reached or spoken to */
  static async connect(options: McpClientOptions): Promise<McpClient> {
    const { identity, clock, timeout, warn, events, remembered } = options;
    let requests: Requests | undefined;
    const urlElicitations = new UrlElicitations(clock, (id) => events.onElicitationComplete?.(id));
    const rpc = new Rpc({
      identity: urlElicitations.watch(identity),
      clock,
      warn,
      onNotification: (notification) => requests?.notified(notification),
      onGap: () => requests?.outdated(),
    });
    const negotiation: NegotiationOptions = { ...options, rpc, choice: options.protocol };
    const recalled = readServerMemory(options.recalled);
    const known = recalled && asRemembered(recalled.info, negotiation);
    const session =
      known ?? (await negotiate({ ...negotiation, remembered, roundTrip: recalled?.roundTrip }));
    requests = new Requests({
      rpc,
      session,
      isRemembered: known !== undefined,
      negotiate: (before) =>
        negotiate({
          ...negotiation,
          isForCall: false,
          remembered: before.isSure ? before.revision.version : undefined,
          rememberedOver: before.over,
        }),
      timeout,
      clock,
      urlElicitations,
    });
    requests.onNotification('notifications/elicitation/complete', (ended) =>
      urlElicitations.completed(ended),
    );
    const client = new McpClient(options, requests, rpc, recalled?.tools ?? []);
    // What the server says unasked in the middle of the first call would be lost before.
    const listening = rpc.listen(session);
    if (isFar(session.roundTrip)) await settledWithin(listening, clock, BEHIND);
    else await orSoon(listening, clock);
    return client;
  }

  private constructor(
    { clock, events, identity, remember, holdsSecret }: McpClientOptions,
    requests: Requests,
    rpc: Rpc,
    tools: readonly unknown[],
  ) {
    this.#rpc = rpc;
    this.#requests = requests;
    this.#clock = clock;
    this.#rootsDeclared = identity.features.roots !== undefined;
    this.#subscriptions = new Subscriptions(requests, clock);
    let kept: { readonly session: Session; readonly listed: readonly Tool[] } | undefined;
    this.tools = new Tools(requests, this.#subscriptions, clock, events, {
      remembered: tools,
      onListed: (listed) => {
        const { session } = requests;
        // A list comes again and again, and mostly as it was.
        const isKnown = session === kept?.session && isDeepStrictEqual(listed, kept.listed);
        if (remember === undefined || !session.isSure || isKnown) return;
        kept = { session, listed };
        const memory = memoryOf(session, listed, holdsSecret);
        if (memory !== undefined) remember(memory);
      },
    });
    this.resources = new Resources(requests, this.#subscriptions, clock, events);
    this.prompts = new Prompts(requests, this.#subscriptions, clock, events);
    this.logging = new Logging(requests, events);
    this.tasks = new Tasks(requests, clock);
  }

  get info(): ServerInfo {
    return this.#requests.info;
  }

  /** Loaded when they are used: few servers have any. */
  get skills(): Promise<Skills> {
    this.#skills ??= import('./skills.ts').then(
      ({ Skills }) => new Skills(this.#requests, this.resources, this.#clock),
    );
    return this.#skills;
  }

  /** Whether the revision is worth remembering: the server itself said that this is its era. */
  get isSure(): boolean {
    return this.#requests.session.isSure;
  }

  /** False as long as what is known of the server is only remembered. */
  get isConfirmed(): boolean {
    return this.#requests.isConfirmed;
  }

  /** Resolves when the server has said again what it is. @throws SluiceError */
  confirm(): Promise<void> {
    return this.#requests.confirm();
  }

  /** A round trip that does nothing: `ping`, and where the revision has none, `server/discover`. */
  async ping(signal: AbortSignal | undefined): Promise<Reply> {
    const method = smallestOf(this.#requests.revision);
    return (await this.#requests.send(method, {}, { signal, repeatable: true })).reply;
  }

  /** What is known of the server is new: a session that was lost, or another server in its place. */
  onRenewed(listener: () => void): void {
    this.#requests.onRenewed(listener);
  }

  complete(request: CompletionRequest, signal: AbortSignal | undefined): Promise<Completion> {
    return complete(this.#requests, request, signal);
  }

  /** The workspace's folders are others now. A server that was told of none, or asks anew each time, is not told. */
  async rootsChanged(): Promise<void> {
    if (this.#rootsDeclared && this.#requests.revision.rootsChanges)
      await this.#requests.notify('notifications/roots/list_changed');
  }

  /** Asks the user nothing more, and opens no stream of subscriptions again. */
  leave(): void {
    this.#subscriptions.close();
    this.#requests.close();
    this.#rpc.withdraw();
  }

  /** Ends the session, where there is one; a server that does not answer is not waited for long. */
  async close(): Promise<void> {
    this.leave();
    await this.#requests.session.transport.end().catch(() => undefined);
  }
}
