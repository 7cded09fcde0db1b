import type { SluiceErrorCode } from '../errors.ts';
import type { Finding } from '../metrics/finding.ts';
import type { Initiator } from '../metrics/initiator.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';

/** How much is told. Each level includes the ones before it. */
export type TraceLevel = 'info' | 'debug' | 'trace';

/** A failure as events tell it. */
export interface TracedError {
  readonly code: SluiceErrorCode;
  readonly message: string;
}

/** What became of a connection. */
export type ConnectionChange =
  | {
      readonly change: 'opened';
      /** Scheme, host and port of the server. */
      readonly origin: string;
      /** URL of the proxy that it goes through; absent where there is none. */
      readonly via?: string;
      readonly httpVersion: '1.1' | '2';
    }
  /** `uses`: requests that it has carried. */
  | { readonly change: 'closed'; readonly uses: number }
  | { readonly change: 'failed'; readonly error: TracedError };

/** The state that a server's connection has moved to. */
export type StateChange =
  | { readonly state: 'disconnected' | 'connecting' | 'closed' }
  | {
      readonly state: 'connected';
      readonly protocolVersion: string;
      /** Absent where the server does not say what it is. */
      readonly implementation?: { readonly name: string; readonly version: string };
    }
  | { readonly state: 'failed'; readonly error: TracedError };

interface Common {
  readonly server: string;
  /** Wall time in milliseconds since the epoch, for display. */
  readonly time: number;
}

/** On which request something happened: the number of the HTTP request, counted per server from 1. */
interface OnRequest extends Common {
  readonly request: number;
  /** Number of the connection that carries it; 0 while it has none. */
  readonly connection: number;
  /** Id of the call that the request is a part of; absent where it is of none. */
  readonly call?: number;
  /** Milliseconds since the request was asked for. */
  readonly at: number;
}

/**
 * What is told of one HTTP request comes in this order: `message` where it carries one, `http-request` when it is
 * written, `http-response` and what the response brings, and once the caller has its answer `drain`, then `http-end`.
 * Each request ends with exactly one `http-end`; one that fails has no `drain`.
 */
export type TraceEvent =
  /** A call settled. Its drain is told by the event `drain` of its last request. */
  | (Common & {
      readonly kind: 'call';
      /** Id of the call, counted per server from 1. */
      readonly call: number;
      /** For example `tools/call say_hello`. */
      readonly title: string;
      readonly initiator: Initiator;
      readonly outcome: 'ok' | 'tool-error' | 'error' | 'cancelled';
      /** Milliseconds the caller waited. */
      readonly ms: number;
      /** Numbers of its HTTP requests, in the order in which they were asked for. */
      readonly requests: readonly number[];
      readonly timing?: RequestTiming;
      readonly wire?: WireInfo;
      readonly error?: TracedError;
    })
  | (Common & { readonly kind: 'state' } & StateChange)
  | (Common & { readonly kind: 'warning'; readonly message: string })
  /** What is known of how the server treats its connections has changed: all that is known now. */
  | (Common & { readonly kind: 'learnt'; readonly findings: readonly Finding[] })
  | (OnRequest & {
      readonly kind: 'message';
      readonly direction: 'sent' | 'received';
      readonly json: string;
    })
  | (Common & {
      readonly kind: 'connection';
      readonly connection: number;
      /** Milliseconds that opening took; how long it was open where it is closed. */
      readonly ms: number;
    } & ConnectionChange)
  | (OnRequest & { readonly kind: 'drain'; readonly report: DrainReport })
  /** It is written; or else it ends without ever being written, and its connection is 0. */
  | (OnRequest & {
      readonly kind: 'http-request';
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly bytes: number;
    })
  | (OnRequest & {
      readonly kind: 'http-response';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | string[]>>;
    })
  | (OnRequest & {
      readonly kind: 'sse-event';
      readonly event: string;
      readonly id?: string;
      readonly data: string;
      /** True where it came after the response, while the stream was drained. */
      readonly tail: boolean;
    })
  | (OnRequest & { readonly kind: 'sse-comment'; readonly comment: string; readonly tail: boolean })
  | (OnRequest & { readonly kind: 'sse-retry'; readonly ms: number })
  | (OnRequest & { readonly kind: 'http-body'; readonly text: string; readonly tail: boolean })
  /** `end`: the response is over, and what was left of it drained or given up, as `drain` says. */
  | (OnRequest & { readonly kind: 'http-end'; readonly how: 'end' | 'error'; readonly error?: TracedError });

export type TraceKind = TraceEvent['kind'];

/** An event before it is known when and where it happened. */
export type Untimed<E> = E extends TraceEvent ? Omit<E, 'server' | 'time'> : never;

/** The level from which events of a kind are told. */
const LEVELS: Readonly<Record<TraceKind, TraceLevel>> = {
  call: 'info',
  state: 'info',
  warning: 'info',
  learnt: 'info',
  message: 'debug',
  connection: 'debug',
  drain: 'debug',
  'http-request': 'trace',
  'http-response': 'trace',
  'sse-event': 'trace',
  'sse-comment': 'trace',
  'sse-retry': 'trace',
  'http-body': 'trace',
  'http-end': 'trace',
};

const RANK = { off: 0, info: 1, debug: 2, trace: 3 } as const;

export function levelOf(kind: TraceKind): TraceLevel {
  return LEVELS[kind];
}

/** Whether events of a kind are told at a level. */
export function isToldAt(level: TraceLevel | 'off', kind: TraceKind): boolean {
  return RANK[level] >= RANK[LEVELS[kind]];
}
