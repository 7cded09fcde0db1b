import {
  type Asked,
  eventStream,
  type RawServer,
  resultOf,
  startRawServer,
} from '../integration/core/rawServer.ts';

export const DELETE_ALL = {
  mode: 'form',
  message: 'Delete all?',
  requestedSchema: { type: 'object', properties: {} },
};

async function within(ms: number, call: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No call came in ${ms / 1000} s.`)), ms);
  await Promise.race([call, late.promise]).finally(() => clearTimeout(timer));
}

/** A legacy server that asks what and when the test wants. It has one tool, which asks nothing by itself. */
export interface AskingServer extends AsyncDisposable {
  readonly url: string;
  /** Asks while no call runs. */
  askUnasked(id: string, params?: object): Promise<void>;
  /** Asks on the stream of the call that came last. */
  askInCall(id: string, params?: object): void;
  /** Resolves when a call has come that is later than the ones before. */
  nextCall(): Promise<void>;
  /** Answers the call that came last. */
  endCall(text: string): void;
  /** What was answered so far, in order: `q1 cancel`. */
  readonly answers: readonly string[];
  /** Called with each answer. */
  onAnswer: ((id: string) => void) | undefined;
}

export async function startAskingServer(tool: string): Promise<AskingServer> {
  const answers: string[] = [];
  const unasked = Promise.withResolvers<(message: object) => void>();
  let call: { readonly asked: Asked; readonly send: (message: object) => void } | undefined;
  let calls = 0;
  let seen = 0;
  let onCall: (() => void) | undefined;
  const server: RawServer = await startRawServer(
    (asked) => {
      const { httpMethod, message } = asked;
      if (httpMethod === 'GET') {
        unasked.resolve(eventStream(asked));
        return true;
      }
      if (message.result !== undefined) {
        const { action } = message.result as { readonly action: string };
        answers.push(`${message.id} ${action}`);
        asking.onAnswer?.(String(message.id));
        return false;
      }
      if (message.method !== 'tools/call') return false;
      call = { asked, send: eventStream(asked) };
      calls++;
      onCall?.();
      return true;
    },
    { tools: [{ name: tool, inputSchema: {} }] },
  );
  const question = (id: string, params: object) => ({
    jsonrpc: '2.0',
    id,
    method: 'elicitation/create',
    params,
  });
  const asking: AskingServer = {
    url: server.url,
    answers,
    onAnswer: undefined,
    askUnasked: async (id, params = DELETE_ALL) => (await unasked.promise)(question(id, params)),
    askInCall: (id, params = DELETE_ALL) => call?.send(question(id, params)),
    async nextCall() {
      if (calls === seen) await within(20_000, new Promise<void>((resolve) => (onCall = resolve)));
      seen = calls;
    },
    endCall(text) {
      if (call === undefined) return;
      call.send(resultOf(call.asked, { content: [{ type: 'text', text }] }));
      call.asked.response.end();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return asking;
}
