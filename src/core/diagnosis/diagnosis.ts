import type { Finding } from '../metrics/finding.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';
import type { OpenedConnection } from './openedSockets.ts';
import type { WireExchange } from './wireLog.ts';

/** What a diagnosis asks, over and over. */
export type Probe =
  /** The smallest request of the server's revision: `ping`, or `server/discover`. */
  | { readonly kind: 'ping' }
  | {
      readonly kind: 'tool';
      readonly tool: string;
      readonly arguments: Readonly<Record<string, unknown>>;
    };

/** Milliseconds, and requests beside those that connecting takes. */
export interface DiagnosisLimits {
  readonly duration: number;
  readonly probes: number;
  /** How long idle connections and open streams are watched at most. */
  readonly watch: number;
}

/** How one request went, on which connection. */
export interface Sample {
  /** Milliseconds that its connection was left in peace before; undefined where it was a new one. */
  readonly rest: number | undefined;
  readonly timing: RequestTiming;
  readonly wire: WireInfo;
  readonly drain: DrainReport;
}

/**
 * Requests that were made alike.
 * - `at-once`: each on the connection of the one before, as soon as its response was over.
 * - `rested`: the same, after `rest` milliseconds.
 * - `fresh`: each on a new connection.
 */
export type SeriesKind = 'at-once' | 'rested' | 'fresh';

export interface Series {
  readonly kind: SeriesKind;
  /** Milliseconds between a response's end and the next request; 0 but for `rested`. */
  readonly rest: number;
  readonly samples: readonly Sample[];
  /** Requests that were not answered, by the code of their error. */
  readonly failures: ReadonlyMap<string, number>;
}

/** What became of a connection that was left idle. */
export type IdleWatch =
  | { readonly kind: 'closed'; readonly ms: number }
  | { readonly kind: 'open'; readonly ms: number }
  /** We closed it, before the time that the server's `Keep-Alive` header gives. */
  | { readonly kind: 'given-up'; readonly ms: number }
  | { readonly kind: 'untested' };

/** What became of a stream that its server left open after the response. */
export interface StreamWatch {
  readonly drain: DrainReport;
  readonly exchange: WireExchange | undefined;
}

/** How progress came, where the tool reports any. */
export type ProgressWatch =
  | { readonly kind: 'untested' }
  | { readonly kind: 'none' }
  /** Too quick to tell. */
  | { readonly kind: 'quick'; readonly ms: number }
  /** `span`: milliseconds from the first report to the response; `ms`: from the request to the response. */
  | {
      readonly kind: 'spread' | 'together';
      readonly reports: number;
      readonly span: number;
      readonly ms: number;
    };

/** What became of the stream on which the server speaks unasked: that of a GET, or of `subscriptions/listen`. */
export type OwnStreamWatch =
  /** It has none, or nobody saw it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'open'; readonly ms: number }
  /** `silence`: milliseconds for which nothing had come on it; `cuts`: how often. */
  | { readonly kind: 'cut'; readonly silence: number; readonly cuts: number };

/** How long a server takes for what every client asks of it, in one era. Milliseconds, without queueing and opening. */
export interface EraTimes {
  readonly era: 'modern' | 'legacy';
  readonly protocolVersion: string;
  /** Until it can be called: `server/discover`, or `initialize`. */
  readonly connect: number;
  /** `server/discover` or `ping`, the median of a few. */
  readonly smallest: number;
  /** All pages of `tools/list`; undefined where it was not answered. */
  readonly list: number | undefined;
}

export type DiagnosisEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'out-of-time' }
  /** The server answered no more. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What a diagnosis saw. It judges nothing but what the pool's own evidence says in `findings`. */
export interface Diagnosis {
  readonly server: string;
  readonly url: string;
  readonly probe: Probe;
  readonly limits: DiagnosisLimits;
  readonly end: DiagnosisEnd;
  /** Wall time in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds. */
  readonly elapsed: number;
  /** HTTP requests, with those that connecting took. */
  readonly requests: number;
  readonly probes: number;
  /** Requests that came to no response, those among them that were repeated. */
  readonly lost: number;
  readonly protocolVersion: string;
  readonly era: 'modern' | 'legacy';
  /** The server keeps sessions. */
  readonly session: boolean;
  readonly series: readonly Series[];
  /** Every connection that was opened, with how long it took. */
  readonly opened: readonly OpenedConnection[];
  /** What the pool learnt of the series, by the evidence that it goes by for calls. */
  readonly findings: readonly Finding[];
  readonly idle: IdleWatch;
  /** Connections of the series that were closed by which side, before anybody left them idle on purpose. */
  readonly closed: { readonly server: number; readonly client: number };
  /** Of the era that was found first, and of the other one where the server speaks it as well. */
  readonly times: readonly EraTimes[];
  readonly ownStream: OwnStreamWatch;
  readonly stream: StreamWatch | undefined;
  readonly progress: ProgressWatch;
  /** One probe's answer, for its headers and the form of its body. */
  readonly answer: WireExchange | undefined;
  /** Headers of all answers, lower case; of each name the first value. Some come with some answers only. */
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy between this machine and the server, by its URL. */
  readonly proxy: string | undefined;
}
