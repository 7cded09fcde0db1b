import type { Probe, ProgressWatch } from './diagnosis.ts';
import type { WireExchange } from './wireLog.ts';

/** Milliseconds of a call below which nobody can tell whether its progress was held back. */
const LONG_ENOUGH = 100;
/** Reports that come within this share of a call's time, all at its end, came together. */
const TOGETHER = 0.05;

/**
 * Whether a tool's progress came while it worked, or all at once with the answer: then something between it and us
 * keeps a response until it is whole.
 */
export function judgeProgress(probe: Probe, exchanges: readonly WireExchange[]): ProgressWatch {
  if (probe.kind === 'ping') return { kind: 'untested' };
  const longest = exchanges
    .filter(({ progress, answeredAt }) => progress.length > 0 && answeredAt !== undefined)
    .sort((a, b) => (b.answeredAt ?? 0) - (a.answeredAt ?? 0))[0];
  const ms = longest?.answeredAt;
  const first = longest?.progress[0];
  if (longest === undefined || ms === undefined || first === undefined) return { kind: 'none' };
  if (ms < LONG_ENOUGH) return { kind: 'quick', ms };
  const span = ms - first;
  const reports = longest.progress.length;
  return { kind: span <= Math.max(5, ms * TOGETHER) ? 'together' : 'spread', reports, span, ms };
}
