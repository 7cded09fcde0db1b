import type { Clock } from '../metrics/clock.ts';
import { Rate } from '../metrics/rate.ts';
import { EventBound } from './eventBound.ts';
import { createMask, type Mask } from './mask.ts';
import { Recorder } from './recorder.ts';
import { createRedactor, type Redact, type RedactorOptions } from './redact.ts';
import { RepeatedWarnings } from './repeatedWarnings.ts';
import { isToldAt, type TraceEvent, type TraceKind, type TraceLevel, type Untimed } from './traceEvent.ts';

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
  /** Bytes of the last events that are recorded, at all levels, whatever the `sink` reads; absent: none are. */
  readonly recordBytes?: number | undefined;
  /** Values to mask wherever they stand; without effect where there is a `mask`. */
  readonly secrets?: readonly string[];
}

/** Milliseconds of one turn of the loop that waiting events may take. What is left of them takes another turn. */
const TURN = 5;

/** What was recorded of a server. */
export interface RecordedEvents {
  /** The last ones, in order. Secrets are masked. */
  readonly events: readonly TraceEvent[];
  /** Older ones, which are kept no longer. */
  readonly leftOut: number;
}

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
  readonly #redact: Redact;
  readonly #recorder: Recorder | undefined;
  readonly #warnings: Rate;
  readonly #repeated: RepeatedWarnings;
  readonly #bound: EventBound;
  /** In order. Bounded by `EventBound`. */
  #waiting: Waiting[] = [];
  #requests = 0;

  constructor(options: TracerOptions) {
    this.#options = options;
    const { secrets = [], mask = createMask(secrets), configured = {}, recordBytes } = options;
    this.mask = mask;
    this.#redact = createRedactor(secrets, { mask, configured });
    this.#recorder = recordBytes === undefined ? undefined : new Recorder(recordBytes);
    this.#warnings = new Rate(options.clock, MAX_WARNINGS);
    this.#repeated = new RepeatedWarnings(options.clock);
    this.#bound = new EventBound(options.clock);
  }

  /** Whether somebody reads events of a kind, or may read them later. */
  wants(kind: TraceKind): boolean {
    return this.#recorder !== undefined || isToldAt(this.#options.level(), kind);
  }

  /** The same of a message. One that was received is told by the event or the body that brought it, where that is told. */
  wantsMessage(direction: 'sent' | 'received'): boolean {
    if (direction === 'sent') return this.wants('message');
    const level = this.#options.level();
    return isToldAt(level, 'message') && !isToldAt(level, 'sse-event');
  }

  /** The number of the next HTTP request, counted from 1 over all connections to the server. */
  numberRequest(): number {
    return ++this.#requests;
  }

  /** The last events, masked, in order; and how many there were that are kept no longer. Nothing where none are recorded. */
  recorded(): RecordedEvents {
    const { server } = this.#options;
    const { entries, leftOut } = this.#recorder?.snapshot() ?? { entries: [], leftOut: 0 };
    return {
      events: entries.map(({ event, time, length }) =>
        Object.assign(this.#redact(event as TraceEvent, length), { server, time }),
      ),
      leftOut,
    };
  }

  /** Forgets the events that were recorded. */
  clearRecorded(): void {
    this.#recorder?.clear();
  }

  /**
   * The caller has asked `wants` with the event's kind. What a server can cause without end is bounded a second; the
   * first of each kind is told all the same, and how many of which kind were not is told with the next event after it.
   */
  emit(event: Untimed<TraceEvent>): void {
    const { level, clock } = this.#options;
    // What brought a message is recorded.
    if (event.kind !== 'message' || event.direction === 'sent') this.#recorder?.add(event, clock.wallTime());
    if (!isToldAt(level(), event.kind)) return;
    const leftOut = this.#bound.leftOut();
    if (leftOut !== undefined) this.#tell({ kind: 'warning', message: leftOut });
    if (event.kind === 'state' && event.state !== 'connected')
      for (const message of this.#repeated.flush()) this.#warn(message);
    if (this.#bound.takes(event)) this.#tell(event);
  }

  /** @param kind of which few are told a minute; where absent, messages are of one that differ in numbers alone */
  warn(message: string, kind?: string): void {
    if (!this.wants('warning')) return;
    const told = this.#repeated.take(message, kind);
    if (told === undefined) return;
    const left = this.#warnings.take();
    if (left === 'yes') this.#warn(told);
    else if (left === 'first')
      this.#warn(`more than ${MAX_WARNINGS} warnings in a second: the others are left out`);
  }

  /** Resolves when nothing waits for `sink` any more. */
  async flush(): Promise<void> {
    for (;;) {
      this.#giveTurn();
      if (this.#waiting.length === 0) return;
      await new Promise<void>((resolve) => this.#options.clock.schedule(0, resolve));
    }
  }

  #warn(message: string): void {
    const warning = { kind: 'warning', message } as const;
    this.#recorder?.add(warning, this.#options.clock.wallTime());
    if (isToldAt(this.#options.level(), 'warning')) this.#tell(warning);
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
