import { refusal } from './answer.ts';
import type { Holds } from './holds.ts';
import type { ClientCapabilities, Id, Outgoing, Request } from './jsonrpc.ts';
import type { Ledger, Received } from './ledger.ts';
import { CAPABILITIES_META } from './modern.ts';
import { type Era, failure, http, type Outcome, result } from './outcome.ts';
import type { Sessions } from './sessions.ts';
import { Cancelled, InputRequired, MissingCapability, ToolCall, type ToolCallOptions } from './toolCall.ts';
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

/** Runs `tools/call`: who calls, who gave up, what the tool asked the user and what came back. */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #running = new Map<string, AbortController>();
  /** Requests of the server's own (legacy) that wait for the response the client posts. */
  readonly #asked = new Map<Id, (result: unknown) => void>();
  /** The `requestState`s handed out (modern): each must come back exactly, once, under a new id. */
  readonly #states = new Map<string, Id>();
  #count = 0;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  async call(caller: Caller): Promise<Outcome> {
    const { request, received } = caller;
    const { tools, ledger } = this.#options;
    const { name = '', inputResponses } = request.params ?? {};
    const tool = tools.get(name);
    if (tool === undefined) {
      return failure(request, { code: INVALID_PARAMS, message: `Unknown tool: ${name}` });
    }
    if (inputResponses !== undefined && !this.#takesBack(request)) {
      return failure(request, { code: INVALID_PARAMS, message: 'requestState is not what the server gave' });
    }
    ledger.called(name);
    const key = keyOf(received, request.id);
    const given = new AbortController();
    const giveUp = () => given.abort();
    caller.closed.addEventListener('abort', giveUp, { once: true });
    this.#running.set(key, given);
    try {
      return result(caller.era, request, await tool.run(this.#toolCall(caller, given.signal)));
    } catch (error) {
      return this.#stopped(caller, error);
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

  #toolCall({ era, request, received, send }: Caller, signal: AbortSignal): ToolCall {
    const { holds, sessions } = this.#options;
    const { params = {} } = request;
    const declared: ClientCapabilities | undefined =
      era === 'modern'
        ? params._meta?.[CAPABILITIES_META]
        : sessions.capabilities(received.headers['mcp-session-id']);
    const asker = era === 'legacy' && send !== undefined ? this.#asker(send, signal) : undefined;
    return new ToolCall({
      params,
      signal,
      send,
      hold: (heldFor, ms) => holds.hold(heldFor, ms),
      canElicit: declared?.elicitation !== undefined && (era === 'modern' || asker !== undefined),
      request: asker,
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
  #stopped({ era, request }: Caller, error: unknown): Outcome {
    if (error instanceof Cancelled) {
      this.#options.ledger.cancelled();
      return { kind: 'cancelled' };
    }
    if (error instanceof InputRequired) {
      this.#count += 1;
      const requestState = `state-${this.#count}`;
      this.#states.set(requestState, request.id);
      return result(era, request, {
        resultType: 'input_required',
        inputRequests: error.inputRequests,
        requestState,
      });
    }
    if (error instanceof MissingCapability) {
      const { requiredCapabilities } = error;
      const message = 'Missing required client capability';
      const missing = { code: MISSING_CAPABILITY, message, data: { requiredCapabilities } };
      if (era === 'modern') return http(refusal(400, missing, request.id));
      const content = [{ type: 'text', text: 'this client cannot elicit' }];
      return result(era, request, { content, isError: true });
    }
    throw error;
  }

  #takesBack({ id, params }: Request): boolean {
    const first = this.#states.get(params?.requestState ?? '');
    this.#states.delete(params?.requestState ?? '');
    return first !== undefined && first !== id;
  }
}

/** Ids are unique within a client only. */
function keyOf({ headers }: Received, id: Id | undefined): string {
  return `${headers['mcp-session-id'] ?? ''}/${id}`;
}
