import { orSoon, settledWithin } from '../async/orSoon.ts';
import { untilAborted } from '../async/untilAborted.ts';
import type { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { Rate } from '../metrics/rate.ts';
import { isAnswerLost } from '../transport/answerFailure.ts';
import type { Reply } from '../transport/reply.ts';
import { saysToolIsUnknown } from '../transport/serverWords.ts';
import { HEADER_MISMATCH, METHOD_NOT_FOUND } from './errorCodes.ts';
import { headerParamsOf, headersFor } from './headerParams.ts';
import type { CallToolResult, Tool } from './mcpTypes.ts';
import { offers, requireOffered } from './offered.ts';
import { PagedList } from './pagedList.ts';
import { readListed } from './readListed.ts';
import type { RequestOptions, Requests } from './requests.ts';
import type { RpcAnswer } from './rpc.ts';
import { rpcErrorOf } from './rpcFailure.ts';
import { checkSchema } from './schemaChecker.ts';
import { withoutNullKeywords } from './schemaNulls.ts';
import type { SchemaViolation } from './schemaWords.ts';
import type { ServerEvents } from './serverEvents.ts';
import { BESIDE_AFTER, isFar } from './session.ts';
import { TOOL } from './shapes.ts';
import type { Subscriptions } from './subscriptions.ts';
import { TaskNews } from './taskNews.ts';
import { requireTasks } from './tasks.ts';
import { readToolResult, type SentText, sentTextOf } from './toolResult.ts';
import { callsAsTask, cancelCreated, type TaskOptions, ToolTask, taskIn } from './toolTask.ts';

/** A tool call that was answered. */
export interface ToolAnswer {
  readonly result: CallToolResult;
  readonly sent: SentText | undefined;
  readonly odd: readonly string[];
  readonly reply: Reply;
  /** The user was asked in the middle of it, or it became a task: the time it took is not the server's alone. */
  readonly asked: boolean;
  readonly violations: readonly string[];
  readonly notes: readonly string[];
  /** Why `structuredContent` could not be checked; undefined where it was, or where there is nothing to check. */
  readonly unchecked: string | undefined;
}

/** Milliseconds between two lists that are asked for because a tool was not known; and that its caller waits for one. */
const RELIST_PAUSE = 10_000;
const RELIST_WAIT = 1_000;

export interface ToolMemory {
  /** The tools of the last connect, each as the server had sent it, or anything else. */
  readonly remembered: readonly unknown[];
  readonly onListed: (tools: readonly Tool[]) => void;
}

/** The tools of a server: their list, and their calls (2026-07-28, Tools). */
export class Tools {
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  readonly #clock: Clock;
  readonly #events: ServerEvents;
  readonly #list: PagedList<Tool>;
  readonly #relists: Rate;
  /** What they were at the last connect, until the server has listed them in this one. */
  #remembered: readonly unknown[];
  readonly #news: TaskNews;

  constructor(
    requests: Requests,
    subscriptions: Subscriptions,
    clock: Clock,
    events: ServerEvents,
    { remembered, onListed }: ToolMemory,
  ) {
    this.#remembered = remembered;
    this.#requests = requests;
    this.#subscriptions = subscriptions;
    this.#clock = clock;
    this.#events = events;
    this.#news = new TaskNews(requests);
    this.#relists = new Rate(clock, 1, RELIST_PAUSE);
    this.#list = new PagedList({
      requests,
      method: 'tools/list',
      member: 'tools',
      read: (entry) => this.#read(entry),
      clock,
      onListed: (tools) => {
        this.#remembered = [];
        onListed(tools);
      },
    });
    requests.onRenewed(() => {
      this.#remembered = [];
    });
    requests.onNotification('notifications/tools/list_changed', () => this.#list.doubt());
    requests.onChange('notifications/tools/list_changed', () => {
      this.#list.invalidate();
      events.onToolsChanged?.();
    });
  }

  async list(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly Tool[]> {
    const { info, revision } = this.#requests;
    requireOffered(info, 'tools', 'tools');
    if (revision.subscriptions === 'listen' && offers(info, 'tools.listChanged'))
      this.#subscriptions.watch('toolsListChanged');
    return this.#list.get(signal, refresh);
  }

  /** @throws SluiceError; a tool that says `isError` is a result */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: RequestOptions & TaskOptions,
  ): Promise<ToolAnswer> {
    return this.#requests.runCall((running) => this.#callAsListed(name, args, { ...options, running }));
  }

  async #callAsListed(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: RequestOptions & TaskOptions,
  ): Promise<ToolAnswer> {
    const requests = this.#requests;
    if (!offers(requests.info, 'tools')) await untilAborted(requests.confirm(), options.signal);
    requireOffered(requests.info, 'tools', 'tools');
    const isFirst = this.#list.isUnknown && this.#isFar && options.asTask !== true;
    const tool = isFirst
      ? this.#lastTime(name)
      : (named(name, this.#list.known) ?? (await this.#find(name, options.signal)));
    try {
      const asking = this.#ask(name, args, tool, options, !isFirst);
      const listing = isFirst ? this.#listBeside(asking, name, options.signal) : undefined;
      const answered = await asking;
      const called = await this.#settled(await this.#listedSoon(tool, listing), answered);
      if (called.result.isError === true && tool !== undefined && saysToolIsUnknown(textIn(called.result)))
        await this.#isGone(name, options.signal);
      return called;
    } catch (error) {
      if (tool !== undefined && isUnknownTool(error) && (await this.#isGone(name, options.signal)))
        throw error.but({
          hint: `The server does not list ${excerpt(name)} any more: its tools were asked for again.`,
        });
      if (isFirst && (isAnswerLost(error) || rpcErrorOf(error)?.code === METHOD_NOT_FOUND)) {
        const listed = await this.#find(name, options.signal);
        // "MUST return … -32601 (Method not found)" where it is to be called as a task (2025-11-25, Tool-Level Negotiation).
        const isAgain = isAnswerLost(error) ? mayRepeat(listed) : callsAsTask(requests, listed, options);
        if (isAgain) return this.#settled(listed, await this.#ask(name, args, listed, options, false));
      }
      // "the client SHOULD call tools/list to check for changes to the tool's inputSchema, then retry"
      if (rpcErrorOf(error)?.code !== HEADER_MISMATCH) throw error;
      const listed = named(name, await this.#list.get(options.signal, true));
      return this.#settled(listed, await this.#ask(name, args, listed, options, true));
    }
  }

  /**
   * The first call of a connection does not wait a round trip for the list, which comes beside it: what a tool needs and the
   * call has not, as a header or that it is a task, the server refuses.
   */
  get #isFar(): boolean {
    const { roundTrip } = this.#requests.session;
    return roundTrip === undefined || isFar(roundTrip);
  }

  /** At once where the server is far; else when the call has taken long enough that waiting for it costs more than a connection. */
  async #listBeside(
    asking: Promise<RpcAnswer>,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<Tool | undefined> {
    const { roundTrip } = this.#requests.session;
    if (!isFar(roundTrip)) await settledWithin(asking, this.#clock, BESIDE_AFTER);
    return this.#find(name, signal);
  }

  /** As it was listed at the last connect. */
  #lastTime(name: string): Tool | undefined {
    const entry = this.#remembered.find((one) => isObject(one) && one['name'] === name);
    return entry === undefined ? undefined : this.#read(entry);
  }

  /** The tool that was asked for beside its call: a list that comes late is not waited for long, for the result is there. */
  async #listedSoon(
    tool: Tool | undefined,
    listing: Promise<Tool | undefined> | undefined,
  ): Promise<Tool | undefined> {
    if (listing === undefined) return tool;
    // What it promised last time judges no result.
    let listed: Tool | undefined;
    const came = listing.then((found) => {
      listed = found;
    });
    await orSoon(came, this.#clock, RELIST_WAIT);
    return listed;
  }

  /**
   * The result of a call that became a task, perhaps in an earlier connection.
   * @param options `tool` is its name, against whose `outputSchema` the result is checked
   * @throws SluiceError as `call` does
   */
  async resume(
    taskId: string,
    { tool: name, ...options }: RequestOptions & TaskOptions & { readonly tool?: string | undefined },
  ): Promise<ToolAnswer> {
    requireTasks(this.#requests);
    const tool = name === undefined ? undefined : await this.#find(name, options.signal);
    return this.#requests.runCall(async (running) => {
      const task = new ToolTask(this.#requests, this.#clock, taskId, { ...options, running }, this.#news);
      return this.#settled(tool, await task.resume());
    });
  }

  /** @param isListed `tool` is what the server listed: what it promises of being called twice holds */
  async #ask(
    name: string,
    args: Readonly<Record<string, unknown>>,
    tool: Tool | undefined,
    options: RequestOptions & TaskOptions,
    isListed: boolean,
  ): Promise<RpcAnswer> {
    const requests = this.#requests;
    const asTask = callsAsTask(requests, tool, options);
    const params = { name, arguments: args, ...(asTask ? { task: {} } : {}) };
    const answered = await requests.complete('tools/call', params, {
      ...options,
      parameters: this.#parameterHeaders(tool, args),
      onLateAnswer: asTask ? (answer) => cancelCreated(answer, requests, options.call) : undefined,
      // A tool that says so may run twice; of any other, nobody knows.
      repeatable: isListed && !this.#list.isDoubted && mayRepeat(tool),
      resultTypes: requests.revision.tasks === 'extension' ? ['task'] : [],
    });
    const task = taskIn(answered, requests, asTask);
    if (task === undefined) return answered;
    return new ToolTask(requests, this.#clock, task.taskId, options, this.#news).finish(task, answered);
  }

  #settled(tool: Tool | undefined, answered: RpcAnswer): ToolAnswer | Promise<ToolAnswer> {
    const { outputSchema } = tool ?? {};
    if (outputSchema === undefined || answered.result['isError'] === true) return toolCall(answered, CHECKED);
    const checked = checkOutput(outputSchema, answered.result, this.#clock);
    return checked.then((outcome) => toolCall(answered, outcome));
  }

  /**
   * The definition of one tool, however old, unless the server said that its list changed. Undefined where it lists no such tool.
   * @throws SluiceError where the list cannot be had
   */
  async find(name: string, signal: AbortSignal | undefined): Promise<Tool | undefined> {
    const tools = this.#list.known ?? (await this.#list.get(signal));
    return named(name, tools);
  }

  /** The server does not know a tool that it listed, and did not tell: its list is asked for again, and waited for a moment. */
  async #isGone(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#relists.take() !== 'yes') return false;
    this.#list.invalidate();
    let isGone = false;
    const listed = this.#list.get(signal, true).then(
      (tools) => {
        isGone = tools.every((tool) => tool.name !== name);
        if (isGone) this.#events.onToolsChanged?.();
      },
      () => undefined,
    );
    await orSoon(listed, this.#clock, RELIST_WAIT);
    return isGone;
  }

  /** A call needs no list: where there is none, the server decides about it. */
  #find(name: string, signal: AbortSignal | undefined): Promise<Tool | undefined> {
    return this.find(name, signal).catch(() => undefined);
  }

  #parameterHeaders(tool: Tool | undefined, args: Readonly<Record<string, unknown>>) {
    if (tool === undefined || !this.#requests.revision.mirrorsBody) return undefined;
    const params = headerParamsOf(tool);
    return params.kind === 'valid' ? headersFor(params.params, args) : undefined;
  }

  #read(entry: unknown): Tool | undefined {
    const requests = this.#requests;
    const lacks = isObject(entry) && !isObject(entry['inputSchema']) ? 'it has no "inputSchema"' : undefined;
    const read = readListed<Tool>(requests, 'tools/list', 'tool', entry, TOOL, lacks);
    const tool = read && withReadSchemas(read);
    if (tool === undefined || !requests.revision.mirrorsBody) return tool;
    const params = headerParamsOf(tool);
    if (params.kind === 'valid') return tool;
    requests.warn(`the tool ${tool.name} was left out of tools/list, because its ${params.reason}`);
    return undefined;
  }
}

function named(name: string, tools: readonly Tool[] | undefined): Tool | undefined {
  return tools?.find((tool) => tool.name === name);
}

function mayRepeat(tool: Tool | undefined): boolean {
  return tool?.annotations?.readOnlyHint === true || tool?.annotations?.idempotentHint === true;
}

function withReadSchemas(tool: Tool): Tool {
  const inputSchema = withoutNullKeywords(tool.inputSchema);
  const outputSchema = withoutNullKeywords(tool.outputSchema);
  if (inputSchema === tool.inputSchema && outputSchema === tool.outputSchema) return tool;
  return { ...tool, inputSchema, ...(outputSchema === undefined ? {} : { outputSchema }) };
}

/** The server has looked for the tool in vain: as an error of the protocol, which is the one meant for it. */
function isUnknownTool(error: unknown): error is SluiceError {
  const rpc = rpcErrorOf(error);
  if (rpc === undefined) return false;
  const { code, message, data } = rpc;
  return code === METHOD_NOT_FOUND || saysToolIsUnknown(`${message} ${typeof data === 'string' ? data : ''}`);
}

/** Of the first block, where servers say what went wrong. */
function textIn({ content }: CallToolResult): string {
  const [first] = content;
  return first?.type === 'text' && typeof first['text'] === 'string' ? first['text'] : '';
}

type Checked = Pick<ToolAnswer, 'violations' | 'notes' | 'unchecked'>;

function toolCall({ result, reply, asked }: RpcAnswer, checked: Checked): ToolAnswer {
  return { ...readToolResult(result), sent: sentTextOf(reply, result), reply, asked, ...checked };
}

async function checkOutput(
  outputSchema: NonNullable<Tool['outputSchema']>,
  result: Readonly<Record<string, unknown>>,
  clock: Clock,
): Promise<Checked> {
  if (!('structuredContent' in result)) return NOT_STRUCTURED;
  const outcome = await checkSchema(outputSchema, result['structuredContent'], clock);
  // Some servers write what they have not as null.
  if (outcome.kind === 'violations' && result['structuredContent'] === null) return NOT_STRUCTURED;
  if (outcome.kind === 'unchecked') return { ...CHECKED, unchecked: outcome.reason };
  const told = (all: readonly SchemaViolation[] = []) =>
    all.map(({ path, message }) => `structuredContent${path}: ${message}`);
  const violations = outcome.kind === 'violations' ? told(outcome.violations) : [];
  return { ...CHECKED, violations, notes: told(outcome.notes) };
}

const CHECKED = { violations: [], notes: [], unchecked: undefined } as const;
const NOT_STRUCTURED = {
  ...CHECKED,
  violations: ['the tool declares an outputSchema, and the result has no structuredContent'],
};
