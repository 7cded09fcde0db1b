import type { Meta, Outgoing, Params } from './jsonrpc.ts';

/** The client closed the stream, or said `notifications/cancelled`: the tool stops here. */
export class Cancelled extends Error {}

export interface InputRequest {
  readonly method: string;
  readonly params?: Params;
}

/** A modern server that needs the user's word ends the request with its questions, and is called again with the answers. */
export class InputRequired extends Error {
  /** Empty where the client is only to come back with the state. */
  readonly inputRequests: Readonly<Record<string, InputRequest>>;

  constructor(inputRequests: Readonly<Record<string, InputRequest>>) {
    super('input required');
    this.inputRequests = inputRequests;
  }
}

export class MissingCapability extends Error {
  readonly requiredCapabilities: Readonly<Record<string, object>>;

  constructor(capability: string) {
    super(`this client cannot do ${capability}`);
    this.requiredCapabilities = { [capability]: {} };
  }
}

/** An error of the protocol instead of a result. */
export class Refused extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A client's answer to an elicitation. */
export interface Elicited {
  readonly action: string;
  /** Empty unless the user accepted. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Which capability lets a server ask for what. */
const CAPABILITY_FOR: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

export interface ToolCallOptions {
  readonly params: Params;
  /** Modern: what the client answered in all rounds so far, and how many there were. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly round: number;
  /** Aborted when the call is given up. */
  readonly signal: AbortSignal;
  readonly hold: (signal: AbortSignal, ms?: number) => Promise<void>;
  /** Absent where the answer is one JSON body: nothing can be said before it. */
  readonly send: ((message: Outgoing) => Promise<void>) | undefined;
  /** Whether the client declared it, and there is a way to ask. */
  readonly can: (capability: string) => boolean;
  /** Legacy: sends a request of the server's own on the call's stream; resolves with what the client posts back. */
  readonly request: ((method: string, params: Params) => Promise<unknown>) | undefined;
  /** The least severe log message that the client wants; undefined where it wants none. */
  readonly logLevel: string | undefined;
}

/** What a tool of the lab sees of its call. */
export class ToolCall {
  readonly args: Readonly<Record<string, unknown>>;
  readonly meta: Meta;
  /** Modern: how often the client came back with a state. */
  readonly round: number;
  readonly #options: ToolCallOptions;

  constructor(options: ToolCallOptions) {
    this.args = options.params.arguments ?? {};
    this.meta = options.params._meta ?? {};
    this.round = options.round;
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
    const progressToken = this.meta.progressToken;
    if (progressToken === undefined) return;
    await this.notify('notifications/progress', { progressToken, progress, total, message });
  }

  /** Sent where there is a stream to send it on. */
  async notify(method: string, params: Params): Promise<void> {
    await this.#options.send?.({ jsonrpc: '2.0', method, params });
  }

  /** Sent where the client wants messages of this level. */
  async log(level: string, data: unknown): Promise<void> {
    const { logLevel } = this.#options;
    if (logLevel === undefined || LEVELS.indexOf(level) < LEVELS.indexOf(logLevel)) return;
    await this.notify('notifications/message', { level, logger: 'lab', data });
  }

  /** Asks the user in the way of the call's era. In the modern one the tool runs again, from its start, with the answer. */
  async elicit(key: string, message: string, requestedSchema: object): Promise<Elicited> {
    const params = { mode: 'form', message, requestedSchema };
    const { [key]: given } = await this.ask({ [key]: { method: 'elicitation/create', params } });
    return { content: {}, ...(given as Partial<Elicited> & { action: string }) };
  }

  /** Asks for several things: one after the other in the legacy era, all at once in the modern one. */
  async ask(requests: Readonly<Record<string, InputRequest>>): Promise<Readonly<Record<string, unknown>>> {
    const { answers, request, can } = this.#options;
    for (const { method } of Object.values(requests)) {
      const capability = CAPABILITY_FOR[method];
      if (capability !== undefined && !can(capability)) throw new MissingCapability(capability);
    }
    const given: Record<string, unknown> = {};
    for (const [key, { method, params = {} }] of Object.entries(requests))
      given[key] = request === undefined ? answers[key] : await request(method, params);
    if (Object.values(given).includes(undefined)) throw new InputRequired(requests);
    return given;
  }
}

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
