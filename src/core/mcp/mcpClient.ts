import type { ProtocolChoice } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Opened, OpenOptions } from '../transport/httpSse.ts';
import type { Reply } from '../transport/reply.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import type { ClientIdentity } from './clientFeatures.ts';
import { complete } from './completion.ts';
import { Logging } from './logging.ts';
import type { Completion, CompletionRequest } from './mcpTypes.ts';
import { type NegotiationOptions, negotiate } from './negotiation.ts';
import { orSoon } from './orSoon.ts';
import { Prompts } from './prompts.ts';
import { smallestOf } from './refusals.ts';
import { Requests } from './requests.ts';
import { Resources } from './resources.ts';
import { Rpc } from './rpc.ts';
import type { ServerEvents } from './serverEvents.ts';
import type { ServerInfo } from './serverInfo.ts';
import { Skills } from './skills.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tasks } from './tasks.ts';
import { Tools } from './tools.ts';
import { UrlElicitations } from './urlElicitations.ts';

export interface McpClientOptions {
  readonly transport: StreamableHttp;
  /** The transport before Streamable HTTP. */
  readonly openHttpSse: (options: OpenOptions) => Promise<Opened>;
  readonly identity: ClientIdentity;
  readonly clock: Clock;
  readonly protocol: ProtocolChoice;
  readonly remembered: string | undefined;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly events: ServerEvents;
  readonly signal: AbortSignal | undefined;
}

/** A server whose revision is known, with what it offers. */
export class McpClient {
  readonly tools: Tools;
  readonly resources: Resources;
  readonly prompts: Prompts;
  readonly skills: Skills;
  readonly logging: Logging;
  readonly tasks: Tasks;
  readonly #subscriptions: Subscriptions;
  readonly #rootsDeclared: boolean;
  readonly #rpc: Rpc;
  readonly #requests: Requests;

  /** @throws SluiceError where the server cannot be reached or spoken to */
  static async connect(options: McpClientOptions): Promise<McpClient> {
    const { transport, openHttpSse, protocol: choice, remembered, timeout, signal, clock, events } = options;
    let requests: Requests | undefined;
    const urlElicitations = new UrlElicitations(clock, (id) => events.onElicitationComplete?.(id));
    const rpc = new Rpc(
      transport,
      urlElicitations.watch(options.identity),
      (notification) => requests?.notified(notification),
      () => requests?.outdated(),
      clock,
    );
    const known = { rpc, streamableHttp: transport, openHttpSse, choice, timeout, clock };
    const negotiation: NegotiationOptions = { ...known, remembered, signal };
    const negotiated = await negotiate(negotiation);
    requests = new Requests({
      rpc,
      negotiated,
      negotiate: (spoken) => negotiate({ ...negotiation, remembered: spoken, signal: undefined }),
      timeout,
      clock,
      urlElicitations,
    });
    requests.onNotification('notifications/elicitation/complete', (ended) =>
      urlElicitations.completed(ended),
    );
    const client = new McpClient(options, requests, rpc);
    // What the server says unasked in the middle of the first call would be lost before.
    await orSoon(rpc.listen(negotiated.revision), clock);
    return client;
  }

  private constructor({ clock, events, identity }: McpClientOptions, requests: Requests, rpc: Rpc) {
    this.#rpc = rpc;
    this.#requests = requests;
    this.#rootsDeclared = identity.features.roots !== undefined;
    this.#subscriptions = new Subscriptions(requests, clock);
    this.tools = new Tools(requests, this.#subscriptions, clock, events);
    this.resources = new Resources(requests, this.#subscriptions, clock, events);
    this.prompts = new Prompts(requests, this.#subscriptions, clock, events);
    this.skills = new Skills(requests, this.resources, clock);
    this.logging = new Logging(requests, events);
    this.tasks = new Tasks(requests, clock);
  }

  get info(): ServerInfo {
    return this.#requests.info;
  }

  /** Whether the revision is worth remembering: the server itself said that this is its era. */
  get isSure(): boolean {
    return this.#requests.isSure;
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
    await this.#rpc.transport.endSession(this.#requests.revision).catch(() => undefined);
  }
}
