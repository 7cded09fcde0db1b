import type { BenchmarkReport, CallRow } from '../../core/benchmark/benchmarkReport.ts';
import type { ComparedFigure, Comparison } from '../../core/benchmark/compareRuns.ts';
import { formatMs } from '../text/formatMs.ts';
import { PHASE_WORDS } from '../text/phases.ts';
import { ratio } from '../text/wording.ts';

/** A table as text, for the page and for Markdown alike. The first `texts` columns are words, the others figures. */
export interface ReportTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly texts: number;
}

const SHOWN_CALLS = 5;
const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'max', 'mean'] as const;

/** The first five calls, each with its connection, its phases and what became of its stream. */
export function firstCalls({ first }: BenchmarkReport): ReportTable {
  const { queued, connect, headers, firstEvent, response } = PHASE_WORDS;
  const phases = [queued, connect, headers, firstEvent, response];
  const head = ['call', 'connection', 'drain', ...phases, 'total'];
  return { head, rows: first.slice(0, SHOWN_CALLS).map(callCells), texts: 3 };
}

function callCells({ number, outcome, ms, answer }: CallRow): string[] {
  const name = outcome === 'ok' ? String(number) : `${number} (${outcome})`;
  if (answer === undefined) return [name, '–', '–', '–', '–', '–', '–', '–', cell(ms)];
  const { timing, wire, drain } = answer;
  const { queued, connect, sent, headers, firstEvent, response } = timing;
  const figures = [queued, connect, sent + headers, firstEvent, response, ms];
  return [name, `#${wire.connection} ${wire.origin}`, drain?.outcome ?? 'unfinished', ...figures.map(cell)];
}

export function percentiles({ latency }: BenchmarkReport): ReportTable {
  return {
    head: ['min', ...PERCENTILES.map(percentileName)],
    rows: [
      [latency.min, ...PERCENTILES.map((name) => latency[name])].map((ms) =>
        latency.count === 0 ? '–' : cell(ms),
      ),
    ],
    texts: 0,
  };
}

/** Which phase the time went to. */
export function phaseTable({ phases }: BenchmarkReport): ReportTable {
  const whole = phases.reduce((sum, { mean }) => sum + mean, 0);
  return {
    head: ['phase', 'median', 'mean', 'share'],
    rows: phases.map(({ name, median, mean }) => [
      PHASE_WORDS[name],
      cell(median),
      cell(mean),
      whole === 0 ? '–' : `${Math.round((mean / whole) * 100)} %`,
    ]),
    texts: 1,
  };
}

export function comparisonTable({ figures }: Comparison): ReportTable {
  return {
    head: ['', 'first run', 'second run', 'second / first'],
    rows: figures.map(({ name, before, after, ratio: times }) => [
      name === 'throughput' ? 'calls a second' : percentileName(name),
      figureCell(name, before),
      figureCell(name, after),
      ratio(times),
    ]),
    texts: 1,
  };
}

export function perSecond(throughput: number): string {
  return throughput.toLocaleString('en-US', { maximumFractionDigits: throughput < 100 ? 1 : 0 });
}

function figureCell(name: ComparedFigure['name'], value: number): string {
  return name === 'throughput' ? perSecond(value) : cell(value);
}

function percentileName(name: Exclude<ComparedFigure['name'], 'throughput'>): string {
  return name === 'p999' ? 'p99.9' : name;
}

/** A figure that stays on one line in a narrow table. */
function cell(ms: number): string {
  return formatMs(ms).replace(' ', '\u00a0');
}
