import { dirname, extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../metrics/clock.ts';
import type { SchemaOutcome } from './schemaJudge.ts';

/** Milliseconds for one check. */
const MAX_TIME = 500;
/** Milliseconds until the thread is there. */
const MAX_START = 10_000;
/** Milliseconds that an idle thread is kept. */
const KEEP = 60_000;
/** Checks that wait for the one that runs. */
const MAX_WAITING = 1_000;
/** Megabytes of its heap. */
const MAX_HEAP = 256;

/** What the thread said, or why it was stopped. */
export type ThreadOutcome =
  | { readonly kind: 'answered'; readonly outcome: SchemaOutcome }
  /** The same check would end the same way. */
  | { readonly kind: 'too-costly'; readonly reason: string }
  /** It says nothing about the schema or the value. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What one check knows of those before it, and tells those behind it. */
export interface CheckMemory {
  /** Asked when its turn has come: the thread is asked only where nothing is known. */
  known(): SchemaOutcome | undefined;
  /** Told before the next one has its turn. */
  found(outcome: ThreadOutcome): void;
}

/**
 * A thread that judges values: JavaScript cannot stop a regular expression but by ending its thread. It is started by
 * the first check that needs it, does one at a time, and another one takes its place when it had to be ended.
 */
export class SchemaThread {
  #running: RunningThread | undefined;
  #before: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #cancelEnd: () => void = () => undefined;

  /**
   * It never rejects.
   * @param json the value: as a text it is handed over in no time, where copying its members takes twice what parsing did
   */
  async check(schema: object, json: string, clock: Clock, memory: CheckMemory): Promise<ThreadOutcome> {
    if (this.#waiting >= MAX_WAITING)
      return { kind: 'failed', reason: `${MAX_WAITING} other checks are waiting already` };
    this.#waiting++;
    const turn = this.#before.then(async (): Promise<ThreadOutcome> => {
      const outcome = memory.known();
      if (outcome !== undefined) return { kind: 'answered', outcome };
      const found = await this.#run(schema, json, clock);
      memory.found(found);
      return found;
    });
    this.#before = turn;
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  async #run(schema: object, json: string, clock: Clock): Promise<ThreadOutcome> {
    this.#cancelEnd();
    this.#running ??= new RunningThread();
    const running = this.#running;
    const found = await running.ask(schema, json, clock);
    if (found.kind === 'answered') this.#cancelEnd = clock.schedule(KEEP, () => this.#end(running));
    else this.#end(running);
    return found;
  }

  #end(running: RunningThread): void {
    if (this.#running === running) this.#running = undefined;
    running.end();
  }
}

/** One worker. It keeps the process alive only while somebody waits for it. */
class RunningThread {
  readonly #worker: Worker;
  /** Takes what it says next. */
  #settle: (outcome: ThreadOutcome) => void = () => undefined;
  #isReady = false;

  constructor() {
    // A file beside this one, in the sources as in the bundle: `schemaWorker.ts`, `schemaWorker.cjs`.
    const here = import.meta.filename;
    this.#worker = new Worker(join(dirname(here), `schemaWorker${extname(here)}`), {
      // Nothing of this process is its business.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP },
    });
    this.#worker
      .on('message', (outcome: SchemaOutcome) => this.#settle({ kind: 'answered', outcome }))
      .on('error', ({ message: reason }: Error) =>
        this.#settle({ kind: this.#isReady ? 'too-costly' : 'failed', reason }),
      )
      .on('exit', (code) => this.#settle({ kind: 'failed', reason: `the checker ended with code ${code}` }));
  }

  async ask(schema: object, json: string, clock: Clock): Promise<ThreadOutcome> {
    this.#worker.ref();
    try {
      if (!this.#isReady) {
        // Its first words are that it is there.
        const started = await this.#next(clock, MAX_START, () => undefined);
        if (started.kind !== 'answered')
          return { kind: 'failed', reason: `the checker did not start: ${started.reason}` };
        this.#isReady = true;
      }
      return await this.#next(clock, MAX_TIME, () => this.#worker.postMessage({ schema, json }));
    } finally {
      this.#worker.unref();
    }
  }

  end(): void {
    void this.#worker.terminate();
  }

  #next(clock: Clock, ms: number, begin: () => void): Promise<ThreadOutcome> {
    return new Promise((resolve) => {
      // Where this thread itself stood still, the answer may be here and not read yet: it is read before the second timer.
      let cancel = clock.schedule(ms, () => {
        cancel = clock.schedule(1, () =>
          this.#settle({ kind: 'too-costly', reason: `it takes longer than ${ms} ms` }),
        );
      });
      this.#settle = (outcome) => {
        cancel();
        this.#settle = () => undefined;
        resolve(outcome);
      };
      begin();
    });
  }
}
