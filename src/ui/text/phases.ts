import type { PhaseName } from '../../core/benchmark/benchmarkReport.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../../core/metrics/requestTiming.ts';

/** The words for the phases of a request, in the order they happen. */
export const PHASE_WORDS = {
  queued: 'queued',
  connect: 'connect',
  sent: 'sent',
  headers: 'headers',
  firstEvent: 'first event',
  response: 'response',
} as const satisfies Readonly<Record<PhaseName, string>>;

export const PHASES = Object.keys(PHASE_WORDS) as readonly PhaseName[];

/** One stretch of a call's way. */
export interface Stretch {
  readonly name: 'before' | (typeof PHASE_WORDS)[PhaseName] | 'drained';
  /** Milliseconds. */
  readonly ms: number;
}

// Less than this before the last request is our own work, and not worth a word.
const LEAST_BEFORE_MS = 5;
const LEAST_SHARE_BEFORE = 0.1;

/**
 * The phases of a call in the order they happen. `before` is what came before the request that was answered: the
 * handshake, or rounds in which the server asked back. `drained` comes after the answer: nobody waited for it.
 * @param ms what the caller waited
 */
export function phasesOf(timing: RequestTiming, ms: number, drain?: DrainReport): Stretch[] {
  const before = ms - timing.total;
  const phases: Stretch[] = [
    ...(before > LEAST_BEFORE_MS && before > ms * LEAST_SHARE_BEFORE
      ? [{ name: 'before', ms: before } as const]
      : []),
    ...PHASES.map((phase) => ({ name: PHASE_WORDS[phase], ms: timing[phase] })),
  ];
  if (drain !== undefined) phases.push({ name: 'drained', ms: drain.ms });
  return phases;
}

/** Which connection served a call, for example `#3 reused, SSE, HTTP/1.1`. */
export function formatWire(wire: WireInfo): string {
  const origin = wire.origin === 'reused' ? `reused (request ${wire.use})` : wire.origin;
  const body = { json: 'JSON', sse: 'SSE', none: 'no body' }[wire.body];
  return `#${wire.connection} ${origin}, ${body}, HTTP/${wire.httpVersion}`;
}

const DRAIN_WORDS: Readonly<Record<DrainReport['outcome'], string>> = {
  reused: 'nothing left to read, connection kept',
  drained: 'rest read, connection kept',
  'budget-time': 'still sending when the time was up, connection closed',
  'budget-bytes': 'more bytes than the budget, connection closed',
  'held-open': 'server holds the stream open, connection closed',
  'closed-by-server': 'closed by the server',
  reset: 'stream reset',
};

/** What became of the rest of the response. */
export function formatDrain(drain: DrainReport): string {
  return DRAIN_WORDS[drain.outcome];
}
