import { ROUND_TRIP_MS } from './links.ts';
import type { CellResult, Comparison, LaneResult, Results } from './results.ts';
import type { Ratio } from './statistics.ts';

/** One measurement against its limit. */
export interface Check {
  /** For example `hold-open, tls-30ms`. */
  readonly where: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: 'x' | 'ms' | 'connections' | 'sockets' | 'round trips';
  /** `over`: the value must not be less than the limit. */
  readonly side: 'under' | 'over';
  readonly spread?: Pick<Ratio, 'p25' | 'p75'>;
}

/** What Sluice is to reach, and what it did. */
export interface Figure {
  readonly what: string;
  readonly target: string;
  readonly checks: readonly Check[];
}

export type Verdict = 'met' | 'missed' | 'not measured';

export function verdictOf({ checks }: Figure): Verdict {
  if (checks.length === 0) return 'not measured';
  return checks.every(holds) ? 'met' : 'missed';
}

export function holds({ value, limit, side }: Check): boolean {
  return side === 'under' ? value <= limit : value >= limit;
}

/** The same for every kind of check: above 1 it does not hold. */
export function strain({ value, limit, side }: Check): number {
  return side === 'under' ? value / limit : limit / value;
}

const PLAIN = ['plain-0ms', 'plain-30ms', 'plain-100ms'];
const TLS = ['tls-10ms', 'tls-30ms', 'tls-100ms'];
const P99_MS = 20;
const CAP = 16;
const PAYLOAD = 50_000_000;
/** Round trips, the connection's own among them. */
const COLD = { legacy: { known: 3.2, unknown: 4.3 }, modern: { known: 2.2, unknown: 3.2 } };

/** The figures of media/bench.md, row by row. */
export function figuresOf(results: Results): readonly Figure[] {
  const cells = (...names: readonly string[]) =>
    results.cells.filter(({ scenario }) => names.includes(scenario));
  const prompt = cells('plain-0ms').filter((cell) => cell.lanes.every(({ mode }) => mode === 'prompt'));
  return [
    {
      what: 'prompt, p50, against the bare undici keep-alive loop',
      target: '1.3 x',
      checks: against('keep-alive', prompt, 1.3),
    },
    {
      what: 'prompt, p50, against the official client 2.x',
      target: '0.4 x',
      checks: against('sdk-2', prompt, 0.4),
    },
    {
      what: 'plain, every mode: p50 against Sluice’s own prompt p50 at the same gap, and p99',
      target: '3 x, 20 ms',
      checks: besidePrompt(cells(...PLAIN)),
    },
    {
      what: 'TLS on loopback, gaps of 10 ms and more, the same',
      target: '3 x, 20 ms',
      checks: besidePrompt(cells(...TLS)),
    },
    {
      what: 'tail-stall and split-stall over TLS, no gap: p50 and p90 against those of prompt',
      target: '3 x',
      checks: cells('tls-0ms').flatMap((cell) => bothPercentiles(cell, 3)),
    },
    {
      what: 'connections opened on split-stall and tail-stall, 1,000 calls 30 ms apart',
      target: '6',
      checks: ours(cells('thousand'))
        .filter(({ lane }) => lane.calls >= 1_000)
        .map(({ lane, cell }) => ({
          where: `${lane.mode}, ${lane.link}, ${cell.scenario}`,
          value: lane.connections.accepted,
          limit: 6,
          unit: 'connections',
          side: 'under',
        })),
    },
    {
      what: 'sockets open at any moment: the cap, or 2 on a prompt server with calls in sequence',
      target: '16, 2',
      checks: ours(results.cells).map(({ lane, cell }) => ({
        where: `${lane.mode}, ${lane.link}, ${cell.scenario}`,
        value: lane.connections.maxOpen,
        limit: lane.mode === 'prompt' && cell.load.atOnce === 1 ? 2 : CAP,
        unit: 'sockets',
        side: 'under',
      })),
    },
    {
      what: 'TLS, 50 ms of round trip, every mode: p50',
      target: '1.15 round trips',
      checks: ours(cells('far-0ms')).map(({ lane, cell }) => ({
        where: `${lane.mode}, ${cell.scenario}`,
        value: lane.latency.p50 / ROUND_TRIP_MS,
        limit: 1.15,
        unit: 'round trips',
        side: 'under',
      })),
    },
    {
      what: 'TLS, 50 ms, the first call after the arguments were typed: p50',
      target: '1.2 round trips',
      checks: results.firstCalls
        .filter(({ client }) => client === 'sluice')
        .map(({ mode, scenario, latency }) => ({
          where: `${mode}, ${scenario}`,
          value: latency.p50 / ROUND_TRIP_MS,
          limit: 1.2,
          unit: 'round trips',
          side: 'under',
        })),
    },
    {
      what: '64 calls at once, throughput against the official client 2.x',
      target: '4 x at least',
      checks: cells('at-once-64').flatMap((cell) => throughput(cell, 4)),
    },
    {
      what: '50 MB over SSE: time against parsing alone, peak memory of the first call against the payload',
      target: '1.5 x, 4 x',
      checks: cells('size-50MB').flatMap((cell) => [
        ...against('parse-alone', [cell], 1.5),
        ...peak(cell, 4),
      ]),
    },
    {
      what: 'full tracing against none, p50',
      target: '1.15 x',
      checks: cells('trace').flatMap(({ scenario, comparisons }) =>
        comparisons.map((comparison) => ratioCheck(comparison, scenario, 1.15)),
      ),
    },
    {
      what: 'first call from cold, plain, 100 ms, remembered: legacy, modern; nothing remembered: legacy, modern: p50',
      target: '3.2, 2.2; 4.3, 3.2 round trips',
      checks: results.colds.map(({ era, isKnown, sluice, roundTripMs }) => ({
        where: `${era}, ${isKnown ? 'remembered' : 'nothing remembered'}`,
        value: sluice.p50 / roundTripMs,
        limit: COLD[era][isKnown ? 'known' : 'unknown'],
        unit: 'round trips',
        side: 'under',
      })),
    },
    {
      what: 'loading core.cjs, against the same sources in one piece',
      target: '0.4 x',
      checks: results.loads.map(({ scenario, ratio: { ratio, p25, p75 } }) => ({
        where: scenario,
        value: ratio,
        limit: 0.4,
        unit: 'x',
        side: 'under',
        spread: { p25, p75 },
      })),
    },
  ];
}

function ours(cells: readonly CellResult[]): { lane: LaneResult; cell: CellResult }[] {
  return cells.flatMap((cell) =>
    cell.lanes.filter(({ client }) => client === 'sluice').map((lane) => ({ lane, cell })),
  );
}

function ratioCheck({ of, ratio, p25, p75 }: Comparison, scenario: string, limit: number): Check {
  return {
    where: `${of.mode}, ${scenario}`,
    value: ratio,
    limit,
    unit: 'x',
    side: 'under',
    spread: { p25, p75 },
  };
}

function against(client: string, cells: readonly CellResult[], limit: number): Check[] {
  return cells.flatMap(({ scenario, comparisons }) =>
    comparisons
      .filter(({ of, to }) => to.client === client && to.mode === of.mode)
      .map((comparison) => ratioCheck(comparison, scenario, limit)),
  );
}

function besidePrompt(cells: readonly CellResult[]): Check[] {
  return cells.flatMap(({ scenario, comparisons, lanes }) => [
    ...comparisons
      .filter(({ of, to }) => to.client === 'sluice' && to.mode !== of.mode)
      .map((comparison) => ratioCheck(comparison, scenario, 3)),
    ...lanes
      .filter(({ client, mode }) => client === 'sluice' && mode !== 'prompt')
      .map(({ mode, latency }) => ({
        where: `${mode}, ${scenario}`,
        value: latency.p99,
        limit: P99_MS,
        unit: 'ms' as const,
        side: 'under' as const,
      })),
  ]);
}

function bothPercentiles({ scenario, lanes }: CellResult, limit: number): Check[] {
  const sluice = lanes.filter(({ client }) => client === 'sluice');
  const prompt = sluice.find(({ mode }) => mode === 'prompt');
  if (prompt === undefined) return [];
  return sluice
    .filter((lane) => lane !== prompt)
    .flatMap(({ mode, latency }) =>
      (['p50', 'p90'] as const).map((percentile) => ({
        where: `${mode} ${percentile}, ${scenario}`,
        value: latency[percentile] / prompt.latency[percentile],
        limit,
        unit: 'x' as const,
        side: 'under' as const,
      })),
    );
}

function throughput({ scenario, lanes }: CellResult, limit: number): Check[] {
  const [sluice, sdk] = (['sluice', 'sdk-2'] as const).map((name) =>
    lanes.find(({ client }) => client === name),
  );
  if (sluice === undefined || sdk === undefined) return [];
  const value = sluice.perSecond / sdk.perSecond;
  return [{ where: scenario, value, limit, unit: 'x', side: 'over' }];
}

function peak({ scenario, lanes }: CellResult, limit: number): Check[] {
  return lanes
    .filter(({ client }) => client === 'sluice')
    .map(({ memory: { before, afterWarmUp } }) => ({
      where: `memory, ${scenario}`,
      value: (afterWarmUp.peak - before.now) / PAYLOAD,
      limit,
      unit: 'x',
      side: 'under',
    }));
}

/** The worst of each unit, for one line that tells how near the limit is. */
export function worstOf({ checks }: Figure): readonly Check[] {
  const units = [...new Set(checks.map(({ unit, limit }) => `${unit} ${limit}`))];
  return units.flatMap((kind) => {
    const alike = checks.filter(({ unit, limit }) => `${unit} ${limit}` === kind);
    const worst = alike.toSorted((a, b) => strain(b) - strain(a))[0];
    return worst === undefined ? [] : [worst];
  });
}
