import type { Clock } from '../metrics/clock.ts';
import { MAX_TEXT } from './redact.ts';
import { levelOf, type TraceEvent, type Untimed } from './traceEvent.ts';

/** Events within one second, and characters of their texts. Each event is a line of a log, which is a file. */
const MAX_EVENTS = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
const SECOND = 1_000;

/** Which events there is room for in this second. Calls and states are always told: they are the user's. */
export class EventBound {
  readonly #clock: Clock;
  #from = Number.NEGATIVE_INFINITY;
  #events = 0;
  #characters = 0;
  readonly #told = new Set<string>();
  readonly #leftOut = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  takes(event: Untimed<TraceEvent>): boolean {
    const { kind } = event;
    if (levelOf(kind) === 'info') return true;
    this.#events++;
    this.#characters += textLength(event);
    const isFirst = !this.#told.has(kind);
    if (isFirst) this.#told.add(kind);
    if (isFirst || (this.#events <= MAX_EVENTS && this.#characters <= MAX_CHARACTERS)) return true;
    this.#leftOut.set(kind, (this.#leftOut.get(kind) ?? 0) + 1);
    return false;
  }

  /** Begins a new second where the last is over; what to say of that one, if there is something. */
  leftOut(): string | undefined {
    const now = this.#clock.now();
    if (now - this.#from < SECOND) return undefined;
    const kinds = [...this.#leftOut].map(([kind, count]) => `${count} ${kind}`);
    this.#from = now;
    this.#events = 0;
    this.#characters = 0;
    this.#told.clear();
    this.#leftOut.clear();
    return kinds.length === 0
      ? undefined
      : `too much for the trace in one second: left out ${kinds.join(', ')}`;
  }
}

function textLength(event: Untimed<TraceEvent>): number {
  switch (event.kind) {
    case 'message':
      return Math.min(event.json.length, MAX_TEXT);
    case 'sse-event':
      return Math.min(event.data.length, MAX_TEXT);
    case 'sse-comment':
      return Math.min(event.comment.length, MAX_TEXT);
    case 'http-body':
      return Math.min(event.text.length, MAX_TEXT);
    default:
      return 0;
  }
}
