import type { DrainReport } from '../metrics/requestTiming.ts';
import type { Connection } from './connection.ts';
import type { Answered } from './learning/originFacts.ts';

/** Offsets on the clock; absent until it happened. */
export interface ExchangeMarks {
  readonly asked: number;
  /** The share of the wait in which the connection that carries it was being opened. */
  readonly connectMs: number;
  readonly assigned?: number;
  readonly sent?: number;
  readonly headers?: number;
  /** The message that answers it came, or the body ended. */
  readonly answered?: number;
}

/** What an exchange showed of its connection and of the server; handed over once, at its end. */
export interface Observation {
  /** Undefined where it ended before it had one. */
  readonly connection: Connection | undefined;
  /** Whether the connection may carry another request. */
  readonly isFit: boolean;
  /** Uses of the connection, this one included; 0 where it had none. */
  readonly use: number;
  /** What was asked, for comparing like with like. */
  readonly likeness: string;
  readonly marks: ExchangeMarks;
  /** Milliseconds that the connection had rested; `Infinity` where it had never received a byte. */
  readonly rest: number;
  /** The longest time without a byte between the response's first byte and its answer, in milliseconds. */
  readonly silence: number;
  /** No other request was on the connection from when it was given to this one until the answer. */
  readonly isAlone: boolean;
  /** Written, and the connection closed without a byte of an answer. */
  readonly isUnanswered: boolean;
  /** The answer was no longer wanted when it came: how it ended says nothing about the server. */
  readonly isCalledOff: boolean;
  /** Where the caller had its answer: what became of the rest of the response. */
  readonly drain: DrainReport | undefined;
}

/** While it lasts, by the exchange alone. */
export type Growing<T> = { -readonly [Member in keyof T]: T[Member] };

/** Of a request that waits for a connection. */
export function nothingSeen(likeness: string, marks: ExchangeMarks): Growing<Observation> {
  return {
    connection: undefined,
    isFit: false,
    use: 0,
    likeness,
    marks,
    rest: Number.POSITIVE_INFINITY,
    silence: 0,
    isAlone: true,
    isUnanswered: false,
    isCalledOff: false,
    drain: undefined,
  };
}

/** What there is to learn of it; undefined where it was not answered, or nobody waited for the answer. */
export function answeredOf(seen: Observation): Answered | undefined {
  const { connection, drain, marks, rest, silence, likeness, use } = seen;
  if (connection === undefined || drain === undefined || seen.isCalledOff) return undefined;
  return {
    rest,
    lateness: silence,
    began: (marks.headers ?? 0) - (marks.sent ?? marks.assigned ?? 0),
    likeness,
    drain,
    first: use === 1,
    multiplexed: connection.isShared && (seen.isAlone ? 'alone' : 'shared'),
  };
}
