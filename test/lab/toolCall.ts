import type { Outgoing, Params } from './jsonrpc.ts';

/** The client closed the stream, or said `notifications/cancelled`: the tool stops here. */
export class Cancelled extends Error {}

/** A modern server that needs the user's word ends the request with its question, and is called again with the answer. */
export class InputRequired extends Error {
  readonly inputRequests: Readonly<Record<string, object>>;

  constructor(inputRequests: Readonly<Record<string, object>>) {
    super('input required');
    this.inputRequests = inputRequests;
  }
}

export class MissingCapability extends Error {
  readonly requiredCapabilities = { elicitation: {} };
}

/** A client's answer to an elicitation. */
export interface Elicited {
  readonly action: string;
  /** Empty unless the user accepted. */
  readonly content: Readonly<Record<string, unknown>>;
}

export interface ToolCallOptions {
  readonly params: Params;
  /** Aborted when the call is given up. */
  readonly signal: AbortSignal;
  readonly hold: (signal: AbortSignal, ms?: number) => Promise<void>;
  /** Absent where the answer is one JSON body: nothing can be said before it. */
  readonly send: ((message: Outgoing) => Promise<void>) | undefined;
  readonly canElicit: boolean;
  /** Legacy: sends a request of the server's own on the call's stream; resolves with what the client posts back. */
  readonly request: ((method: string, params: Params) => Promise<unknown>) | undefined;
}

/** What a tool of the lab sees of its call. */
export class ToolCall {
  readonly args: Readonly<Record<string, unknown>>;
  readonly #options: ToolCallOptions;

  constructor(options: ToolCallOptions) {
    this.args = options.params.arguments ?? {};
    this.#options = options;
  }

  /** Waits for `lab.release()`, or `ms` milliseconds. Throws `Cancelled` when the call is given up meanwhile. */
  async hold(ms?: number): Promise<void> {
    const { signal, hold } = this.#options;
    await hold(signal, ms);
    if (signal.aborted) throw new Cancelled();
  }

  /** Sent where the client asked for progress, and where there is a stream to send it on. */
  async progress(progress: number, total: number, message: string): Promise<void> {
    const progressToken = this.#options.params._meta?.progressToken;
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total, message };
    await this.#options.send?.({ jsonrpc: '2.0', method: 'notifications/progress', params });
  }

  /** Asks the user in the way of the call's era. In the modern one the tool runs again, from its start, with the answer. */
  async elicit(key: string, message: string, requestedSchema: object): Promise<Elicited> {
    const { params, request, canElicit } = this.#options;
    if (!canElicit) throw new MissingCapability();
    const elicitation = { mode: 'form', message, requestedSchema };
    const given =
      request === undefined ? params.inputResponses?.[key] : await request('elicitation/create', elicitation);
    if (given !== undefined) return { content: {}, ...(given as Partial<Elicited> & { action: string }) };
    throw new InputRequired({ [key]: { method: 'elicitation/create', params: elicitation } });
  }
}
