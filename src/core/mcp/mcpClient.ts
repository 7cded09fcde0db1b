import type { ProtocolChoice } from '../config/serverConfig.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Reply } from '../transport/reply.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import type { ClientIdentity } from './clientFeatures.ts';
import { type NegotiationOptions, negotiate } from './negotiation.ts';
import { Requests } from './requests.ts';
import { Rpc } from './rpc.ts';
import type { ServerInfo } from './serverInfo.ts';
import { Tools } from './tools.ts';

export interface McpClientOptions {
  readonly transport: StreamableHttp;
  readonly identity: ClientIdentity;
  readonly clock: Clock;
  readonly protocol: ProtocolChoice;
  readonly remembered: string | undefined;
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly onToolsChanged: () => void;
  readonly signal: AbortSignal | undefined;
}

/** A server whose revision is known, with what it offers. */
export class McpClient {
  readonly tools: Tools;
  readonly #transport: StreamableHttp;
  readonly #requests: Requests;

  /** @throws SluiceError where the server cannot be reached or spoken to */
  static async connect(options: McpClientOptions): Promise<McpClient> {
    const { transport, identity, protocol: choice, remembered, timeout, signal } = options;
    let requests: Requests | undefined;
    const rpc = new Rpc(transport, identity, (notification) => requests?.notified(notification));
    const negotiation: NegotiationOptions = { rpc, transport, choice, remembered, timeout, signal };
    const negotiated = await negotiate(negotiation);
    requests = new Requests({
      rpc,
      transport,
      negotiated,
      negotiate: (spoken) => negotiate({ ...negotiation, remembered: spoken, signal: undefined }),
      timeout,
    });
    return new McpClient(options, requests);
  }

  private constructor({ transport, clock, onToolsChanged }: McpClientOptions, requests: Requests) {
    this.#transport = transport;
    this.#requests = requests;
    this.tools = new Tools(requests, clock, onToolsChanged);
  }

  get info(): ServerInfo {
    return this.#requests.info;
  }

  /** A round trip that does nothing: `ping`, and where the revision has none, `server/discover`. */
  async ping(signal: AbortSignal | undefined): Promise<Reply> {
    const method = this.#requests.revision.era === 'modern' ? 'server/discover' : 'ping';
    return (await this.#requests.send(method, {}, { signal, repeatable: true })).reply;
  }

  /** Ends the session, where there is one; a server that does not answer is not waited for long. */
  async close(): Promise<void> {
    await this.#transport.deleteSession(this.#requests.revision).catch(() => undefined);
  }
}
