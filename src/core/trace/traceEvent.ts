import type { DrainReport, RequestTiming } from '../metrics/requestTiming.ts';

/** How much is recorded. Each level includes the ones before it. */
export type TraceLevel = 'info' | 'debug' | 'trace';

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
  /** Milliseconds since the request was asked for. */
  readonly at: number;
}

export type TraceEvent =
  // info
  | (Common & {
      readonly kind: 'call';
      /** For example `tools/call say_hello`. */
      readonly title: string;
      readonly outcome: 'ok' | 'tool-error' | 'error' | 'cancelled';
      /** Milliseconds the caller waited. */
      readonly ms: number;
      readonly timing?: RequestTiming;
      /** For example `#3 reused, SSE`. */
      readonly wire?: string;
      readonly error?: string;
    })
  | (Common & { readonly kind: 'state'; readonly state: string; readonly detail?: string })
  | (Common & { readonly kind: 'warning'; readonly message: string })
  /** What was learnt of how the server treats its connections has changed; one sentence each. */
  | (Common & { readonly kind: 'learnt'; readonly findings: readonly string[] })
  // debug
  | (Common & {
      readonly kind: 'message';
      readonly direction: 'sent' | 'received';
      readonly json: string;
      readonly request: number;
      /** Milliseconds since the request was asked for. */
      readonly at: number;
    })
  | (Common & {
      readonly kind: 'connection';
      readonly connection: number;
      readonly change: 'opened' | 'closed' | 'failed';
      readonly detail: string;
      readonly ms?: number;
    })
  | (OnRequest & { readonly kind: 'drain'; readonly report: DrainReport })
  // trace
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
  | (OnRequest & { readonly kind: 'http-end'; readonly how: 'end' | 'error'; readonly error?: string });

/** The level from which an event is recorded. */
export function levelOf(event: TraceEvent): TraceLevel {
  switch (event.kind) {
    case 'call':
    case 'state':
    case 'warning':
    case 'learnt':
      return 'info';
    case 'message':
    case 'connection':
    case 'drain':
      return 'debug';
    default:
      return 'trace';
  }
}
