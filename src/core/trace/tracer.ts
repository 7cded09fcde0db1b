import type { Clock } from '../metrics/clock.ts';
import { Rate } from '../metrics/rate.ts';
import { EventBound, type Untimed } from './eventBound.ts';
import { createMask, type Mask } from './mask.ts';
import { createRedactor, type RedactorOptions } from './redact.ts';
import { RepeatedWarnings } from './repeatedWarnings.ts';
import type { TraceEvent, TraceLevel } from './traceEvent.ts';

const RANK = { off: 0, info: 1, debug: 2, trace: 3 } as const;

/** Warnings within one second. A server can give cause for a million, and each costs a line of a log. */
const MAX_WARNINGS = 1_000;

export interface TracerOptions extends RedactorOptions {
  readonly server: string;
  readonly clock: Clock;
  readonly level: () => TraceLevel | 'off';
  /** Gets only what is masked. */
  readonly sink: (event: TraceEvent) => void;
  /** Milliseconds that events wait for `sink`, so that no call waits for it; 0: each comes at once. */
  readonly delay?: number;
  /** Values to mask wherever they stand; without effect where there is a `mask`. */
  readonly secrets?: readonly string[];
}

/** Milliseconds of one turn of the loop that waiting events may take. What is left of them takes another turn. */
const TURN = 5;

/** An event as it was reported: neither masked nor cut. */
interface Waiting {
  readonly event: TraceEvent;
  readonly time: number;
}

/** Where the rooms below report what they see. Ask `wants` first, so that an event without a reader is not built. */
export class Tracer {
  /** For a text that goes elsewhere than into an event. */
  readonly mask: Mask;
  readonly #options: TracerOptions;
  readonly #redact: (event: TraceEvent) => TraceEvent;
  readonly #warnings: Rate;
  readonly #repeated: RepeatedWarnings;
  readonly #bound: EventBound;
  /** In order. Bounded by `EventBound`. */
  #waiting: Waiting[] = [];

  constructor(options: TracerOptions) {
    this.#options = options;
    const { secrets = [], mask = createMask(secrets), configured = {} } = options;
    this.mask = mask;
    this.#redact = createRedactor(secrets, { mask, configured });
    this.#warnings = new Rate(options.clock, MAX_WARNINGS);
    this.#repeated = new RepeatedWarnings(options.clock);
    this.#bound = new EventBound(options.clock);
  }

  wants(level: TraceLevel): boolean {
    return RANK[this.#options.level()] >= RANK[level];
  }

  /**
   * The caller has asked `wants` with the event's level. What a server can cause without end is bounded a second; the
   * first of each kind is told all the same, and how many of which kind were not is told with the next event after it.
   */
  emit(event: Untimed<TraceEvent>): void {
    const leftOut = this.#bound.leftOut();
    if (leftOut !== undefined) this.#tell({ kind: 'warning', message: leftOut });
    if (event.kind === 'state' && event.state !== 'connected')
      for (const message of this.#repeated.flush()) this.#tell({ kind: 'warning', message });
    if (this.#bound.takes(event)) this.#tell(event);
  }

  /** @param kind of which few are told a minute; where absent, messages are of one that differ in numbers alone */
  warn(message: string, kind?: string): void {
    if (!this.wants('info')) return;
    const told = this.#repeated.take(message, kind);
    if (told === undefined) return;
    const left = this.#warnings.take();
    if (left === 'yes') this.#tell({ kind: 'warning', message: told });
    else if (left === 'first')
      this.#tell({
        kind: 'warning',
        message: `more than ${MAX_WARNINGS} warnings in a second: the others are left out`,
      });
  }

  /** Resolves when nothing waits for `sink` any more. */
  async flush(): Promise<void> {
    for (;;) {
      this.#giveTurn();
      if (this.#waiting.length === 0) return;
      await new Promise<void>((resolve) => this.#options.clock.schedule(0, resolve));
    }
  }

  #tell(event: Untimed<TraceEvent>): void {
    const { clock, delay = 0 } = this.#options;
    const waiting = { event: event as TraceEvent, time: clock.wallTime() };
    if (delay === 0) this.#give(waiting);
    else if (this.#waiting.push(waiting) === 1) clock.schedule(delay, () => void this.flush());
  }

  #giveTurn(): void {
    const { clock } = this.#options;
    const end = clock.now() + TURN;
    const waiting = this.#waiting;
    let given = 0;
    while (given < waiting.length) {
      this.#give(waiting[given++] as Waiting);
      if (clock.now() >= end) break;
    }
    this.#waiting = waiting.slice(given);
  }

  #give({ event, time }: Waiting): void {
    // The masked event is a copy already: time and place are added to it, and not to a copy of the copy.
    this.#options.sink(Object.assign(this.#redact(event), { server: this.#options.server, time }));
  }
}
