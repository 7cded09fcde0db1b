import { orSoon } from '../async/orSoon.ts';
import { untilAborted } from '../async/untilAborted.ts';
import { proxyOf } from '../config/proxyFor.ts';
import type { ProtocolChoice, ServerConfig } from '../config/serverConfig.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import type { Implementation } from '../mcp/mcpTypes.ts';
import type { ServerInfo } from '../mcp/serverInfo.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import type {
  Diagnosis,
  DiagnosisEnd,
  DiagnosisLimits,
  EraTimes,
  IdleWatch,
  Probe,
  Sample,
  Series,
  SeriesKind,
  StreamWatch,
} from './diagnosis.ts';
import { pause } from './pause.ts';
import { ProbeLine } from './probeLine.ts';
import { judgeProgress } from './progress.ts';

export interface DiagnosisOptions {
  readonly probe: Probe;
  readonly limits: DiagnosisLimits;
  readonly clientInfo: Implementation;
  /** Ends the diagnosis: what was seen until then is reported. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DiagnosisProgress) => void;
  readonly clock?: Clock;
}

export interface DiagnosisProgress {
  readonly step: 'connecting' | 'at-once' | 'rested' | 'fresh' | 'timing' | 'watching';
  /** Requests that were made to probe, of at most so many. */
  readonly probes: number;
  readonly of: number;
}

/**
 * HTTP requests that a diagnosis makes at most, as far as the server answers each and has its tools on one page: the probes,
 * and on each of its lines what connecting takes (`server/discover`, `initialize`, `notifications/initialized`, the server's own
 * stream, `tools/list`, the end of a session) and on two of them three smallest requests and a list.
 */
export function mostRequests({ probes }: DiagnosisLimits): number {
  return probes + LINES * CONNECTING + 2 * TIMED;
}

const LINES = 5;
const CONNECTING = 6;
const TIMED = 4;

/** In 15 seconds: enough to see an idle connection closed by a server that keeps it for 5 seconds, as most do. */
export const SHORT_DIAGNOSIS: DiagnosisLimits = { duration: 15_000, probes: 31, watch: 6_000 };
/** As long as the usual limits of proxies on idle connections and streams. */
export const LONG_DIAGNOSIS: DiagnosisLimits = { duration: 90_000, probes: 31, watch: 75_000 };

const AT_ONCE = 12;
const FRESH = 6;
/** Milliseconds: below, at and above what systems delay an acknowledgement, on Linux (40) and elsewhere (200). */
const RESTS = [20, 60, 120, 250];
const ROUNDS = 3;
/** Requests in a series after which it is clear that connections cannot be used again. */
const ENOUGH = 4;
/** Milliseconds that the rest of a response is read. */
const DRAIN = 400;
/** The server had not ended its stream when we did. */
const LEFT_OPEN: ReadonlySet<string> = new Set(['held-open', 'budget-time', 'budget-bytes']);
/** Failures in a row after which nobody is asked any more. */
const MOST_FAILURES = 3;
/** The other era of a server that speaks the modern one. */
const LATEST_LEGACY = '2025-11-25';
/** Milliseconds that a server gets to end a session; the report does not wait for longer. */
const CLOSING = 1_000;

/**
 * Makes a short series of requests of its own, on connections of its own, and tells what it saw.
 *
 *     connect ─> 12 at once ─> 12 after rests of 20 to 250 ms ─┬─> the idle connection is watched ─┬─> report
 *                on one connection each time                   ├─> 6 on new connections, then the ─┤
 *                                                              │   smallest requests of each era ──┤
 *                                                              └─> an open stream is watched ──────┘
 *
 * @throws SluiceError where the server cannot be connected
 */
export async function runDiagnosis(config: ServerConfig, options: DiagnosisOptions): Promise<Diagnosis> {
  const run = new DiagnosisRun(config, options);
  try {
    return await run.run();
  } finally {
    run.leave();
  }
}

class DiagnosisRun {
  readonly #config: ServerConfig;
  readonly #options: DiagnosisOptions;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  readonly #lines: ProbeLine[] = [];
  readonly #startedAt: number;
  readonly #wallTime: number;
  readonly #leave: () => void;
  #end: DiagnosisEnd = { kind: 'complete' };
  #probes = 0;
  #failures = 0;
  #lost = 0;

  constructor(config: ServerConfig, options: DiagnosisOptions) {
    this.#config = config;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = this.#clock.now();
    this.#wallTime = this.#clock.wallTime();
    const cancel = (): void => this.#stop({ kind: 'cancelled' });
    const cancelTimeout = this.#clock.schedule(options.limits.duration, () =>
      this.#stop({ kind: 'out-of-time' }),
    );
    const { signal } = options;
    if (signal?.aborted === true) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#leave = () => {
      cancelTimeout();
      signal?.removeEventListener('abort', cancel);
    };
  }

  async run(): Promise<Diagnosis> {
    this.#tell('connecting');
    const line = this.#line('always', DRAIN);
    const info = await line.connect(this.#ended.signal).catch((error: unknown) => {
      throw this.#end.kind === 'out-of-time' ? this.#silent() : error;
    });
    const known = info.protocolVersion;

    const series: Series[] = [await this.#atOnce(line)];
    const bearsReuse = series.some(({ samples }) => samples.some(({ wire }) => wire.use > 1));
    if (bearsReuse) series.push(...(await this.#rested(line)));
    const isHeldOpen = series.some(({ samples }) =>
      samples.some(({ drain }) => LEFT_OPEN.has(drain.outcome)),
    );
    const { closed, headers } = line;
    const progress = judgeProgress(this.#options.probe, line.log.exchanges);
    const answer = line.lastAnswer;

    // Each on a line of its own: they do not wait for one another.
    const [idle, [fresh, times], stream] = await Promise.all([
      this.#watchIdle(line, series.at(-1)?.samples.at(-1)),
      this.#fresh(known).then(async (series) => [series, await this.#times(info)] as const),
      isHeldOpen ? this.#watchStream(known) : undefined,
    ]);
    series.push(fresh);
    const findings = line.findings();
    const ownStream = line.ownStream();
    if (!this.#isOver) this.#countLost();
    await this.#close();
    const exchanges = this.#lines.flatMap(({ log }) => log.exchanges);
    return {
      server: this.#config.name,
      url: line.url,
      probe: this.#options.probe,
      limits: this.#options.limits,
      end: this.#end,
      startedAt: this.#wallTime,
      elapsed: this.#clock.now() - this.#startedAt,
      requests: exchanges.length,
      probes: this.#probes,
      lost: this.#lost,
      ...protocolOf(info, exchanges),
      series: series.filter(({ samples, failures }) => samples.length + failures.size > 0),
      opened: this.#lines.flatMap(({ sockets }) => sockets.opened),
      findings,
      idle,
      closed,
      times,
      ownStream,
      stream,
      progress,
      answer,
      headers,
      proxy: proxyOf(this.#config)?.url,
    };
  }

  leave(): void {
    this.#leave();
    // A server that does not answer is not waited for.
    for (const line of this.#lines) void line.close();
  }

  async #atOnce(line: ProbeLine): Promise<Series> {
    const series = new GrowingSeries('at-once', 0);
    this.#tell('at-once');
    while (series.length < AT_ONCE && (series.length < ENOUGH || series.isReused))
      if (!(await this.#probe(line, series))) break;
    return series;
  }

  /** In turns, so that what changes meanwhile changes for all. */
  async #rested(line: ProbeLine): Promise<Series[]> {
    const all = RESTS.map((rest) => new GrowingSeries('rested', rest));
    this.#tell('rested');
    for (let round = 0; round < ROUNDS; round++) {
      for (const series of all) {
        await pause(series.rest, this.#clock, this.#ended.signal);
        if (!(await this.#probe(line, series))) return all;
      }
    }
    return all;
  }

  async #fresh(known: string): Promise<Series> {
    const series = new GrowingSeries('fresh', 0);
    if (this.#isOver) return series;
    const line = this.#line('never', DRAIN, known);
    if (!(await this.#connected(line))) return series;
    this.#tell('fresh');
    while (series.length < FRESH && (await this.#probe(line, series)));
    return series;
  }

  /** The connection that served all series: when does its server close it? */
  async #watchIdle({ log, sockets }: ProbeLine, last: Sample | undefined): Promise<IdleWatch> {
    const isIdle = last?.drain.outcome === 'reused' || last?.drain.outcome === 'drained';
    if (!isIdle || log.isClosed(last.wire.connection) || this.#isOver) return { kind: 'untested' };
    const from = this.#clock.now();
    const watching = new AbortController();
    const stopWatching = log.onClose(() => {
      if (log.isClosed(last.wire.connection)) watching.abort();
    });
    await pause(
      this.#options.limits.watch,
      this.#clock,
      AbortSignal.any([watching.signal, this.#ended.signal]),
    );
    stopWatching();
    const ms = this.#clock.now() - from;
    if (!log.isClosed(last.wire.connection)) return { kind: 'open', ms };
    return { kind: sockets.closedBy === 'server' ? 'closed' : 'given-up', ms };
  }

  /** Of the era that was found, and of the other one where the server speaks that too and the settings leave it open. */
  async #times(info: ServerInfo): Promise<EraTimes[]> {
    const all: EraTimes[] = [];
    const protocols: ProtocolChoice[] = [this.#config.protocol];
    if (this.#config.protocol === 'auto' && info.era === 'modern') protocols.push(LATEST_LEGACY);
    for (const protocol of protocols) {
      if (this.#isOver) break;
      const known = protocol === 'auto' ? info.protocolVersion : undefined;
      const line = this.#line('always', DRAIN, known, protocol);
      this.#tell('timing');
      const rest = (ms: number) => pause(ms, this.#clock, this.#ended.signal);
      // A server that speaks one era refuses the other: that is no failure of anybody.
      const times = await line.times(rest, this.#ended.signal).catch(() => undefined);
      if (times !== undefined) all.push(times);
    }
    return all;
  }

  async #watchStream(known: string): Promise<StreamWatch | undefined> {
    const line = this.#line('always', this.#options.limits.watch, known);
    if (!(await this.#connected(line))) return undefined;
    this.#tell('watching');
    const series = new GrowingSeries('fresh', 0);
    await this.#probe(line, series);
    const drain = series.samples[0]?.drain;
    return drain && { drain, exchange: line.lastAnswer };
  }

  /** @returns whether it is worth going on */
  async #probe(line: ProbeLine, series: GrowingSeries): Promise<boolean> {
    if (this.#isOver || this.#probes >= this.#options.limits.probes) return false;
    this.#probes++;
    try {
      series.samples.push(await line.probe(series.rest, this.#ended.signal));
      this.#failures = 0;
    } catch (error) {
      if (this.#isOver) return false;
      this.#failed(error, series);
    }
    this.#tell();
    return !this.#isOver;
  }

  #failed(error: unknown, series: GrowingSeries): void {
    const [code, message] = isSluiceError(error) ? [error.code, error.message] : ['internal', String(error)];
    series.failures.set(code, (series.failures.get(code) ?? 0) + 1);
    if (++this.#failures >= MOST_FAILURES) this.#stop({ kind: 'failed', code, message });
  }

  async #connected(line: ProbeLine): Promise<boolean> {
    try {
      await line.connect(this.#ended.signal);
      return true;
    } catch (error) {
      if (!this.#isOver)
        this.#stop({
          kind: 'failed',
          code: isSluiceError(error) ? error.code : 'internal',
          message: (error as Error).message,
        });
      return false;
    }
  }

  #line(
    reuse: 'always' | 'never',
    drain: number,
    protocolVersion?: string,
    protocol = this.#config.protocol,
  ): ProbeLine {
    const { probe, clientInfo } = this.#options;
    const line = new ProbeLine({
      config: { ...this.#config, protocol },
      probe,
      reuse,
      drain,
      clientInfo,
      clock: this.#clock,
      ...(protocolVersion === undefined ? {} : { protocolVersion }),
    });
    this.#lines.push(line);
    return line;
  }

  /** Ends the sessions, so that the report counts that too. */
  async #close(): Promise<void> {
    const closing = Promise.all(this.#lines.map((line) => line.close())).then(() => undefined);
    const closed = orSoon(closing, this.#clock, CLOSING);
    await untilAborted(closed, this.#ended.signal).catch((error: unknown) => {
      if (!this.#isOver) throw error;
    });
  }

  #silent(): SluiceError {
    const { name, url } = this.#config;
    const seconds = this.#options.limits.duration / 1_000;
    return new SluiceError('request-timeout', `${url} did not answer in ${seconds} s`, {
      server: name,
      phase: 'negotiation',
      delivery: 'unknown',
      hint: 'There is nothing to diagnose until it answers: look at its own log, or call one of its tools with the trace open.',
    });
  }

  #stop(end: DiagnosisEnd): void {
    if (this.#isOver) return;
    this.#end = end;
    // Those that are cut off now are not the server's.
    this.#countLost();
    this.#ended.abort();
  }

  #countLost(): void {
    this.#lost = this.#lines.flatMap(({ log }) => log.exchanges).filter(({ lost }) => lost).length;
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted;
  }

  #step: DiagnosisProgress['step'] = 'connecting';

  #tell(step: DiagnosisProgress['step'] = this.#step): void {
    this.#step = step;
    const { onProgress, limits } = this.#options;
    onProgress?.({ step, probes: this.#probes, of: limits.probes });
  }
}

class GrowingSeries implements Series {
  readonly kind: SeriesKind;
  readonly rest: number;
  readonly samples: Sample[] = [];
  readonly failures = new Map<string, number>();

  constructor(kind: SeriesKind, rest: number) {
    this.kind = kind;
    this.rest = rest;
  }

  get length(): number {
    let failed = 0;
    for (const count of this.failures.values()) failed += count;
    return this.samples.length + failed;
  }

  get isReused(): boolean {
    return this.samples.some(({ wire }) => wire.use > 1 && wire.origin === 'reused');
  }
}

function protocolOf(
  { protocolVersion, era }: ServerInfo,
  exchanges: readonly { readonly headers: Readonly<Record<string, string>> }[],
): Pick<Diagnosis, 'protocolVersion' | 'era' | 'session'> {
  const session = exchanges.some(({ headers }) => headers['mcp-session-id'] !== undefined);
  return { protocolVersion, era, session };
}
