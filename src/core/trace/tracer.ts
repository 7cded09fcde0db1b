import type { Clock } from '../metrics/clock.ts';
import { createMask, type Mask } from './mask.ts';
import { createRedactor, type RedactorOptions } from './redact.ts';
import type { TraceEvent, TraceLevel } from './traceEvent.ts';

const RANK = { off: 0, info: 1, debug: 2, trace: 3 } as const;

/** Warnings within one second. A server can give cause for a million, and each costs a line of a log. */
const MAX_WARNINGS = 1_000;
const SECOND = 1_000;

type Untimed<E> = E extends TraceEvent ? Omit<E, 'server' | 'time'> : never;

export interface TracerOptions extends RedactorOptions {
  readonly server: string;
  readonly clock: Clock;
  readonly level: () => TraceLevel | 'off';
  /** Gets only what is masked. */
  readonly sink: (event: TraceEvent) => void;
  /** Values to mask wherever they stand; without effect where there is a `mask`. */
  readonly secrets?: readonly string[];
}

/** Where the rooms below report what they see. What nobody reads is not built: ask `wants` first. */
export class Tracer {
  /** For a text that goes elsewhere than into an event. */
  readonly mask: Mask;
  readonly #options: TracerOptions;
  readonly #redact: (event: TraceEvent) => TraceEvent;
  #warnings = 0;
  /** When the second began in which they are counted. */
  #countedFrom = Number.NEGATIVE_INFINITY;

  constructor(options: TracerOptions) {
    this.#options = options;
    const { secrets = [], mask = createMask(secrets), configured = {} } = options;
    this.mask = mask;
    this.#redact = createRedactor(secrets, { mask, configured });
  }

  wants(level: TraceLevel): boolean {
    return RANK[this.#options.level()] >= RANK[level];
  }

  /** The caller has asked `wants` with the event's level. */
  emit(event: Untimed<TraceEvent>): void {
    const { server, clock, sink } = this.#options;
    sink(this.#redact({ ...event, server, time: clock.wallTime() } as TraceEvent));
  }

  warn(message: string): void {
    if (!this.wants('info')) return;
    const now = this.#options.clock.now();
    if (now - this.#countedFrom >= SECOND) {
      this.#countedFrom = now;
      this.#warnings = 0;
    }
    this.#warnings++;
    if (this.#warnings <= MAX_WARNINGS) this.emit({ kind: 'warning', message });
    else if (this.#warnings === MAX_WARNINGS + 1)
      this.emit({
        kind: 'warning',
        message: `more than ${MAX_WARNINGS} warnings in a second: the others are left out`,
      });
  }
}
