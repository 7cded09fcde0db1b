import type { BenchmarkPlan } from '../../core/benchmark/benchmarkPlan.ts';
import type { BenchmarkReport, RunEnd } from '../../core/benchmark/benchmarkReport.ts';
import type { Comparison } from '../../core/benchmark/compareRuns.ts';
import { assertNever } from '../../core/errors.ts';
import { excerpt } from '../../core/jsonrpc/excerpt.ts';
import { formatMs } from './formatMs.ts';

/** `1 call`, `1,000 calls`. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
}

/** A plan in a few words, for example `1,000 calls, 8 at once`. */
export function describePlan({ load, extent }: BenchmarkPlan): string {
  const seconds = extent.kind === 'duration' ? `${extent.seconds} s` : '';
  if (load.kind === 'open') {
    const rate = `${counted(load.ratePerSecond, 'call')} a second`;
    return extent.kind === 'calls' ? `${counted(extent.calls, 'call')}, ${rate}` : `${rate} for ${seconds}`;
  }
  const many = extent.kind === 'calls' ? counted(extent.calls, 'call') : `calls for ${seconds}`;
  const how = load.concurrency === 1 ? 'one after another' : `${load.concurrency} at once`;
  return `${many}, ${how}${load.gap === 0 ? '' : `, ${load.gap} ms apart`}`;
}

/** Why a run ended early; undefined where it did not. */
export function describeEnd(end: RunEnd): string | undefined {
  switch (end.kind) {
    case 'complete':
      return undefined;
    case 'cancelled':
      return 'Cancelled. What was measured until then is below.';
    case 'server-gone':
      return `Stopped early: the server is gone. ${end.message} [${end.code}]`;
    default:
      return assertNever(end);
  }
}

/** Facts of a run that are not durations, one line each. */
export function facts(report: BenchmarkReport): string[] {
  const { origins, pool, plan, latency, service, failures, drains, outcomes } = report;
  const used = Object.entries(origins)
    .filter(([, count]) => count > 0)
    .map(([origin, count]) => `${count.toLocaleString('en-US')} ${origin}`);
  const lines = [
    `Outcomes: ${outcomes.map(({ code, count }) => `${code} ${count.toLocaleString('en-US')}`).join(', ') || 'none'}`,
    `Connections: ${pool.opened} opened meanwhile, ${pool.reused.toLocaleString('en-US')} of ${counted(pool.requests, 'request')} reused one; calls over ${used.join(', ') || 'none'}`,
    `Most calls at once: ${report.mostAtOnce}`,
  ];
  if (drains.length > 0)
    lines.push(
      `Rest of the responses: ${drains.map(({ outcome, count }) => `${outcome} ${count.toLocaleString('en-US')}`).join(', ')}`,
    );
  if (plan.load.kind === 'open')
    lines.push(
      `Latency counts from the time a call was due. From the time it was sent on its way: p50 ${formatMs(service.p50)}, p99 ${formatMs(service.p99)}, max ${formatMs(service.max)}`,
    );
  if (failures.count > 0)
    lines.push(
      `Not in the percentiles: ${counted(failures.count, 'failed call')}, p50 ${formatMs(failures.p50)}, max ${formatMs(failures.max)}`,
    );
  if (latency.count > 0 && latency.count < 1000)
    lines.push(
      `With ${counted(latency.count, 'answer')}, p99.9${latency.count < 100 ? ' and p99 are' : ' is'} little more than the maximum`,
    );
  return lines;
}

/** What a comparison may claim, in one sentence. */
export function describeVerdict({ verdict, figures }: Comparison): string {
  const median = figures.find(({ name }) => name === 'p50')?.ratio;
  const times = median === undefined ? '' : `, ${ratio(median)} at the median`;
  switch (verdict) {
    case 'too-few':
      return 'Too few answers in one of the runs (20 are needed) to say which is faster.';
    case 'within-noise':
      return `Within noise: the middle halves of the two runs overlap${times}. This is no evidence that one is faster.`;
    case 'faster':
      return `The second run is faster${times}: three quarters of its calls were quicker than three quarters of the first run’s.`;
    case 'slower':
      return `The second run is slower${times}: three quarters of its calls were slower than three quarters of the first run’s.`;
    default:
      return assertNever(verdict);
  }
}

/** A ratio as it is read: `0.42 x`. */
export function ratio(value: number | undefined): string {
  return value === undefined ? '–' : `${Number(value.toPrecision(value < 1 ? 2 : 3))} x`;
}

/** Characters of arguments in a report. */
const MOST_ARGUMENTS = 500;

/** Arguments in one line, bounded. */
export function argumentsText(args: Readonly<Record<string, unknown>>): string {
  return excerpt(args, MOST_ARGUMENTS);
}
