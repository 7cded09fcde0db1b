import { refusal } from './answer.ts';
import type { Holds } from './holds.ts';
import type { ClientCapabilities, Id, Outgoing, Request } from './jsonrpc.ts';
import type { Ledger, Received } from './ledger.ts';
import { CAPABILITIES_META, LOG_LEVEL_META } from './modern.ts';
import { type Era, failure, http, type Outcome, result } from './outcome.ts';
import type { Sessions } from './sessions.ts';
import {
  Cancelled,
  InputRequired,
  MissingCapability,
  Refused,
  ToolCall,
  type ToolCallOptions,
} from './toolCall.ts';
import type { Tools } from './tools.ts';

const INVALID_PARAMS = -32602;
const MISSING_CAPABILITY = -32021;

export type Send = (message: Outgoing) => Promise<void>;

/** Who calls, and how to speak to them meanwhile. */
export interface Caller {
  readonly era: Era;
  readonly request: Request;
  readonly received: Received;
  /** Aborted when the client's connection is gone. */
  readonly closed: AbortSignal;
  /** Absent where the answer is one JSON body: nothing can be said before it. */
  readonly send: Send | undefined;
}

export interface ToolCallsOptions {
  readonly tools: Tools;
  readonly sessions: Sessions;
  readonly holds: Holds;
  readonly ledger: Ledger;
}

/** A state handed out (modern), with what the client had answered by then. */
interface Given {
  readonly id: Id;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly round: number;
}

const FIRST: Omit<Given, 'id'> = { answers: {}, round: 0 };

/** Runs `tools/call`: who calls, who gave up, what the tool asked the user and what came back. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #running = new Map<string, AbortController>();
  /** Requests of the server's own (legacy) that wait for the response the client posts. */
  readonly #asked = new Map<Id, (result: unknown) => void>();
  /** The `requestState`s handed out (modern): each must come back exactly, once, under a new id. */
  readonly #states = new Map<string, Given>();
  #count = 0;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  async call(caller: Caller): Promise<Outcome> {
    const { request } = caller;
    const { tools, ledger } = this.#options;
    const { name = '' } = request.params ?? {};
    const tool = tools.get(name);
    if (tool === undefined) {
      return failure(request, { code: INVALID_PARAMS, message: `Unknown tool: ${name}` });
    }
    return this.perform(caller, async (call) => {
      ledger.called(name);
      return tool.run(call);
    });
  }

  /** Does for a request what can ask back, be given up and be refused. */
  async perform(
    caller: Caller,
    run: (call: ToolCall) => Promise<Readonly<Record<string, unknown>>>,
  ): Promise<Outcome> {
    const { request, received } = caller;
    const { inputResponses, requestState } = request.params ?? {};
    const before =
      inputResponses === undefined && requestState === undefined ? FIRST : this.#takeBack(request);
    if (before === undefined) {
      return failure(request, { code: INVALID_PARAMS, message: 'requestState is not what the server gave' });
    }
    const key = keyOf(received, request.id);
    const given = new AbortController();
    const giveUp = () => given.abort();
    caller.closed.addEventListener('abort', giveUp, { once: true });
    this.#running.set(key, given);
    try {
      return result(caller.era, request, await run(this.#toolCall(caller, before, given.signal)));
    } catch (error) {
      return this.#stopped(caller, before, error);
    } finally {
      caller.closed.removeEventListener('abort', giveUp);
      this.#running.delete(key);
    }
  }

  /** `notifications/cancelled`. */
  cancel(notification: Received): void {
    this.#running.get(keyOf(notification, notification.message?.params?.requestId))?.abort();
  }

  /** A response that the client posted. */
  answered(id: Id, result: unknown): void {
    this.#asked.get(id)?.(result);
    this.#asked.delete(id);
  }

  #toolCall(caller: Caller, { answers, round }: Omit<Given, 'id'>, signal: AbortSignal): ToolCall {
    const { era, request, received, send } = caller;
    const { holds, sessions } = this.#options;
    const { params = {} } = request;
    const session = received.headers['mcp-session-id'];
    const declared: ClientCapabilities | undefined =
      era === 'modern' ? params._meta?.[CAPABILITIES_META] : sessions.capabilities(session);
    const asker = era === 'legacy' && send !== undefined ? this.#asker(send, signal) : undefined;
    return new ToolCall({
      params,
      answers,
      round,
      signal,
      send,
      hold: (heldFor, ms) => holds.hold(heldFor, ms),
      can: (capability) => declared?.[capability] !== undefined && (era === 'modern' || asker !== undefined),
      request: asker,
      logLevel: era === 'modern' ? params._meta?.[LOG_LEVEL_META] : sessions.logLevels.get(session ?? ''),
    });
  }

  #asker(send: Send, signal: AbortSignal): NonNullable<ToolCallOptions['request']> {
    return async (method, params) => {
      this.#count += 1;
      const id = `lab-${this.#count}`;
      const answer = new Promise((resolve, reject) => {
        this.#asked.set(id, resolve);
        signal.addEventListener('abort', () => reject(new Cancelled()), { once: true });
      });
      const [answered] = await Promise.all([answer, send({ jsonrpc: '2.0', id, method, params })]);
      return answered;
    };
  }

  /** What a tool threw that is no failure of the lab's. */
  #stopped({ era, request }: Caller, before: Omit<Given, 'id'>, error: unknown): Outcome {
    if (error instanceof Cancelled) {
      this.#options.ledger.cancelled();
      return { kind: 'cancelled' };
    }
    if (error instanceof InputRequired) {
      this.#count += 1;
      const requestState = `state-${this.#count}`;
      this.#states.set(requestState, { ...before, id: request.id, round: before.round + 1 });
      const { inputRequests } = error;
      const asked = Object.keys(inputRequests).length === 0 ? {} : { inputRequests };
      return result(era, request, { resultType: 'input_required', ...asked, requestState });
    }
    if (error instanceof Refused) {
      const { code, message, data } = error;
      return failure(request, { code, message, ...(data !== undefined && { data }) });
    }
    if (error instanceof MissingCapability) {
      const { requiredCapabilities } = error;
      const message = 'Missing required client capability';
      const missing = { code: MISSING_CAPABILITY, message, data: { requiredCapabilities } };
      if (era === 'modern') return http(refusal(400, missing, request.id));
      const content = [{ type: 'text', text: error.message }];
      return result(era, request, { content, isError: true });
    }
    throw error;
  }

  /** What had been answered; undefined where the state is not one that was given, or comes under the same id. */
  #takeBack({ id, params }: Request): Omit<Given, 'id'> | undefined {
    const given = this.#states.get(params?.requestState ?? '');
    this.#states.delete(params?.requestState ?? '');
    if (given === undefined || given.id === id) return undefined;
    return { round: given.round, answers: { ...given.answers, ...params?.inputResponses } };
  }
}

/** Ids are unique within a client only. */
function keyOf({ headers }: Received, id: Id | undefined): string {
  return `${headers['mcp-session-id'] ?? ''}/${id}`;
}
