import type { ProtocolChoice } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Reply } from '../transport/reply.ts';
import type { StreamableHttp } from '../transport/streamableHttp.ts';
import type { ClientIdentity } from './clientFeatures.ts';
import { headerParamsOf, headersFor } from './headerParams.ts';
import { MAX_ROUNDS, respondToInputRequests, tooManyRounds } from './inputRequired.ts';
import type { CallToolResult, Progress, Tool } from './mcpTypes.ts';
import { type Negotiated, negotiate } from './negotiation.ts';
import { type Answered, Rpc, type RpcOptions, rpcErrorOf } from './rpc.ts';
import { ToolList } from './toolList.ts';
import { validateArguments } from './toolSchema.ts';

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

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ToolCall {
  readonly result: CallToolResult;
  readonly reply: Reply;
  /** The user was asked in the middle of it. */
  readonly asked: boolean;
  readonly violations: readonly string[];
}

const HEADER_MISMATCH = -32020;

/** A server whose revision is known, with typed requests. */
export class McpClient {
  readonly #options: McpClientOptions;
  readonly #rpc: Rpc;
  readonly #tools: ToolList;
  #negotiated: Negotiated;
  #renewing: Promise<void> | undefined;

  /** @throws SluiceError where the server cannot be reached or spoken to */
  static async connect(options: McpClientOptions): Promise<McpClient> {
    let client: McpClient | undefined;
    const rpc = new Rpc(options.transport, options.identity, (method) => client?.onNotification(method));
    const { transport, protocol, remembered, timeout, signal } = options;
    const negotiated = await negotiate({ rpc, transport, choice: protocol, remembered, timeout, signal });
    client = new McpClient(options, rpc, negotiated);
    return client;
  }

  private constructor(options: McpClientOptions, rpc: Rpc, negotiated: Negotiated) {
    this.#options = options;
    this.#rpc = rpc;
    this.#negotiated = negotiated;
    this.#tools = new ToolList({
      fetchPage: async (cursor, signal) => {
        const params = cursor === undefined ? {} : { cursor };
        return (await this.#request('tools/list', params, { signal, repeatable: true })).result;
      },
      clock: options.clock,
      warn: (message) => options.transport.warn(message),
      readsHeaderParams: negotiated.revision.mirrorsBody,
    });
  }

  get info() {
    return this.#negotiated.info;
  }

  listTools(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly Tool[]> {
    return this.#tools.get(signal, refresh);
  }

  /** A round trip that does nothing: `ping`, and where the revision has none, `server/discover`. */
  async ping(signal: AbortSignal | undefined): Promise<Reply> {
    const method = this.#negotiated.revision.era === 'modern' ? 'server/discover' : 'ping';
    return (await this.#request(method, {}, { signal, repeatable: true })).reply;
  }

  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: RequestOptions,
  ): Promise<ToolCall> {
    const tool = await this.#tools.find(name, options.signal);
    try {
      return await this.#callTool(name, args, tool, options);
    } catch (error) {
      // "the client SHOULD call tools/list to check for changes to the tool's inputSchema, then retry"
      if (rpcErrorOf(error)?.code !== HEADER_MISMATCH) throw error;
      const tools = await this.#tools.get(options.signal, true);
      return this.#callTool(
        name,
        args,
        tools.find((one) => one.name === name),
        options,
      );
    }
  }

  async #callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    tool: Tool | undefined,
    options: RequestOptions,
  ): Promise<ToolCall> {
    const rpcOptions = {
      ...options,
      parameters: this.#parameterHeaders(tool, args),
      // A tool that says so may run twice; of any other, nobody knows.
      repeatable: tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true,
    };
    const params = { name, arguments: args };
    let { result, reply, asked } = await this.#request('tools/call', params, rpcOptions);
    for (let round = 1; result['resultType'] === 'input_required'; round++) {
      if (round > MAX_ROUNDS) throw tooManyRounds();
      const signal = options.signal ?? new AbortController().signal;
      const responses = await respondToInputRequests(result, this.#rpc.identity.features, signal);
      asked = true;
      ({ result, reply } = await this.#request('tools/call', { ...params, ...responses }, rpcOptions));
    }
    checkResultType(result['resultType']);
    return { result: readToolResult(result), reply, asked, violations: outputViolations(tool, result) };
  }

  #parameterHeaders(tool: Tool | undefined, args: Readonly<Record<string, unknown>>) {
    if (tool === undefined || !this.#negotiated.revision.mirrorsBody) return undefined;
    const params = headerParamsOf(tool);
    return params.kind === 'valid' ? headersFor(params.params, args) : undefined;
  }

  async #request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options: RequestOptions & Pick<RpcOptions, 'parameters' | 'repeatable'>,
  ): Promise<Answered> {
    const { transport } = this.#options;
    const rpcOptions = { ...options, timeout: options.timeout ?? this.#options.timeout };
    const session = transport.sessionId;
    try {
      return await this.#rpc.request(this.#negotiated.revision, method, params, rpcOptions);
    } catch (error) {
      if (!isSluiceError(error) || error.code !== 'session-lost') throw error;
      // The server refused the session before it looked at the request: it is known not to have run.
      await this.#renew(session);
      return this.#rpc.request(this.#negotiated.revision, method, params, rpcOptions);
    }
  }

  /** One new handshake for all requests that found the same session lost (2025-11-25, Session Management). */
  #renew(lost: string | undefined): Promise<void> {
    const { transport, protocol, timeout } = this.#options;
    if (transport.sessionId !== lost) return this.#renewing ?? Promise.resolve();
    transport.warn('the server no longer knows the session: a new one is started');
    const remembered = this.#negotiated.revision.version;
    this.#renewing = negotiate({
      rpc: this.#rpc,
      transport,
      choice: protocol,
      remembered,
      timeout,
      signal: undefined,
    })
      .then((negotiated) => {
        this.#negotiated = negotiated;
        this.#tools.invalidate();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  onNotification(method: string): void {
    if (method !== 'notifications/tools/list_changed') return;
    this.#tools.invalidate();
    this.#options.onToolsChanged();
  }

  /** Ends the session, where there is one; a server that does not answer is not waited for long. */
  async close(): Promise<void> {
    await this.#options.transport.deleteSession(this.#negotiated.revision).catch(() => undefined);
  }
}

/** "A resultType of any value unrecognized by the client MUST be considered invalid"; absent is complete. */
function checkResultType(resultType: unknown): void {
  if (resultType === undefined || resultType === 'complete') return;
  throw new SluiceError(
    'not-mcp',
    `The result has the type ${JSON.stringify(resultType)}, which nobody declared`,
    {
      phase: 'response',
      delivery: 'answered',
      hint: 'A result is "complete" or "input_required".',
    },
  );
}

/** Content that is missing is shown as none: everything else of the result is still worth seeing. */
function readToolResult(result: Readonly<Record<string, unknown>>): CallToolResult {
  const content = Array.isArray(result['content']) ? result['content'] : [];
  return { ...result, content };
}

function outputViolations(tool: Tool | undefined, result: Readonly<Record<string, unknown>>): string[] {
  if (tool?.outputSchema === undefined || result['isError'] === true) return [];
  if (!('structuredContent' in result))
    return ['the tool declares an outputSchema, and the result has no structuredContent'];
  return validateArguments(tool.outputSchema, result['structuredContent']).map(
    ({ path, message }) => `structuredContent${path}: ${message}`,
  );
}
