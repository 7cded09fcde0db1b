import { isObject } from '../../../src/core/jsonrpc/message.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';

interface Message {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
}

/** What went over the wire, as the trace has it. */
export interface Wire {
  readonly sent: readonly Message[];
  readonly received: readonly Message[];
  /** What the server asked: requests of its own, and those in a result. */
  readonly asked: readonly Message[];
  /** Requests that were answered with 200. */
  readonly answered: readonly {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
  }[];
  readonly cancelled: boolean;
}

const sends =
  (...methods: readonly string[]) =>
  ({ sent }: Wire) =>
    methods.every((method) => sent.some((one) => one.method === method));
const hears =
  (...methods: readonly string[]) =>
  ({ received }: Wire) =>
    methods.every((method) => received.some((one) => one.method === method));
const isAsked =
  (method: string, mode?: string) =>
  ({ asked }: Wire) =>
    asked.some(
      (one) => one.method === method && (mode === undefined || (one.params?.['mode'] ?? 'form') === mode),
    );

/** Everything that a peer may offer, and how it shows on the wire that it was used. */
export const FEATURES = {
  tools: sends('tools/list', 'tools/call'),
  pagination: ({ sent }: Wire) => sent.some(({ params }) => params?.['cursor'] !== undefined),
  'structured content': ({ received }: Wire) =>
    received.some(({ result }) => result?.['structuredContent'] !== undefined),
  progress: hears('notifications/progress'),
  cancellation: ({ cancelled }: Wire) => cancelled,
  elicitation: isAsked('elicitation/create', 'form'),
  'elicitation by url': isAsked('elicitation/create', 'url'),
  sampling: isAsked('sampling/createMessage'),
  roots: isAsked('roots/list'),
  'roots changed': sends('notifications/roots/list_changed'),
  resources: sends('resources/list', 'resources/read'),
  templates: sends('resources/templates/list'),
  subscriptions: hears('notifications/resources/updated'),
  prompts: sends('prompts/list', 'prompts/get'),
  completion: sends('completion/complete'),
  logging: hears('notifications/message'),
  'tools changed': hears('notifications/tools/list_changed'),
  'prompts changed': hears('notifications/prompts/list_changed'),
  'resources changed': hears('notifications/resources/list_changed'),
  tasks: sends('tasks/get', 'tasks/result'),
  'list of tasks': sends('tasks/list'),
  'cancelling tasks': sends('tasks/cancel'),
  ping: (wire: Wire) =>
    sends('ping')(wire) || wire.sent.filter(({ method }) => method === 'server/discover').length > 1,
  'own stream': ({ answered }: Wire) =>
    answered.some(({ method, headers }) => method === 'GET' && headers['last-event-id'] === undefined),
  resumption: ({ answered }: Wire) =>
    answered.some(({ method, headers }) => method === 'GET' && headers['last-event-id'] !== undefined),
  'end of the session': ({ answered }: Wire) => answered.some(({ method }) => method === 'DELETE'),
} as const satisfies Readonly<Record<string, (wire: Wire) => boolean>>;

export type Feature = keyof typeof FEATURES;

/** The features that were used, in the order of the list. */
export function featuresOn(trace: readonly TraceEvent[]): Feature[] {
  const wire = wireOf(trace);
  return (Object.keys(FEATURES) as Feature[]).filter((name) => FEATURES[name](wire));
}

/** At the level `trace` a message that came is shown as what it came in: an event, or a body. */
function wireOf(trace: readonly TraceEvent[]): Wire {
  const sent = trace.flatMap((event) =>
    event.kind === 'message' && event.direction === 'sent' ? messagesIn(event.json) : [],
  );
  const received = trace.flatMap((event) => {
    if (event.kind === 'sse-event') return event.event === 'message' ? messagesIn(event.data) : [];
    return event.kind === 'http-body' ? messagesIn(event.text) : [];
  });
  const inResults = received.flatMap(({ result }) =>
    isObject(result?.['inputRequests']) ? (Object.values(result['inputRequests']) as Message[]) : [],
  );
  const statuses = new Map(
    trace.flatMap((event) =>
      event.kind === 'http-response' ? [[event.request, event.status] as const] : [],
    ),
  );
  return {
    sent,
    received,
    asked: [...received.filter((one) => 'id' in one), ...inResults],
    answered: trace.flatMap((event) =>
      event.kind === 'http-request' && statuses.get(event.request) === 200 ? [event] : [],
    ),
    cancelled: trace.some((event) => event.kind === 'call' && event.outcome === 'cancelled'),
  };
}

function messagesIn(text: string): Message[] {
  return /^\s*[[{]/.test(text) ? ([JSON.parse(text)].flat() as Message[]) : [];
}
