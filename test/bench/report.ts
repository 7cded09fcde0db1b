import { type Check, type Figure, holds, strain, verdictOf, worstOf } from './figures.ts';
import type { CellResult, ColdResult, LaneResult, LoadedBuild, LoadResult, Results } from './results.ts';
import { CLIENT_TITLES, describeCell, number, table } from './wording.ts';

export interface ReportOptions {
  /** Named as seen from the report; absent where there is nothing to draw. */
  readonly picture: string | undefined;
  readonly quick: boolean;
}

/** Everything that was measured, as Markdown for people. */
export function report(
  results: Results,
  figures: readonly Figure[],
  { picture, quick }: ReportOptions,
): string {
  const { machine, startedAt, seconds, failures, firstCalls, loads, colds } = results;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  const scenarios = [...new Set(results.cells.map(({ scenario }) => scenario))];
  const parts = [
    '# Sluice against its peers',
    `Written by \`npm run bench\` on ${startedAt.slice(0, 10)}, in ${Math.round(seconds / 60)} minutes. ${machine.cpu}, ` +
      `${machine.cores} cores, ${machine.system}, Node ${machine.node}; ${packages.join(', ')}.`,
    ...(quick ? ['A quick run: fewer calls and cells than figures should rest on.'] : []),
    HOW,
    ...(picture === undefined
      ? []
      : [`![The median of a call, for each client and each way a server can behave](${picture})`]),
    '## Figures',
    figureTable(figures),
    ...misses(figures),
    'The remaining figure, nothing left over after 200,000 calls, is kept by `test/integration/core/soak.test.ts`.',
    ...scenarios.map((name) => scenarioPart(results.cells.filter(({ scenario }) => scenario === name))),
    ...(firstCalls.length === 0 ? [] : [firstCallPart(results)]),
    ...loads.map(loadPart),
    ...(colds.length === 0 ? [] : [coldPart(colds)]),
    ...(failures.length === 0
      ? []
      : [
          '## Not measured',
          failures
            .map(({ client, mode, scenario, error }) => `- ${client}, ${mode}, ${scenario}: ${error}`)
            .join('\n'),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

const HOW = `How it is measured: each client and each server has a process of its own. Clients take turns in rounds, each round begins with
another one (cells with 100 ms and more between calls, and those with a long round trip, run all clients at the same time). At most 20
calls of each are for warming up and learning, and five more at the beginning of each turn; none of them counts. A ratio is Sluice's median against the
other's, in brackets the middle half of the rounds' ratios. Connections are counted at the server. Compare within one run only.`;

export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    figure.target,
    worstOf(figure).map(worst).join('; ') || '-',
    verdict(figure),
  ]);
  return table(['', 'at most', 'measured, the worst of all', ''], rows);
}

function verdict(figure: Figure): string {
  const verdict = verdictOf(figure);
  if (verdict !== 'missed') return verdict;
  const missed = figure.checks.filter((check) => !holds(check)).length;
  return `**missed**, ${missed} of ${figure.checks.length}`;
}

function worst({ where, ...check }: Check): string {
  return `${value({ where, ...check })} (${where})`;
}

function value({ value, unit, spread }: Check): string {
  const within = spread === undefined ? '' : ` [${number(spread.p25)}-${number(spread.p75)}]`;
  const whole = unit === 'connections' || unit === 'sockets';
  return `${whole ? String(value) : number(value)} ${unit}${within}`;
}

function misses(figures: readonly Figure[]): readonly string[] {
  const missed = figures.flatMap(({ checks }) => checks.filter((check) => !holds(check)));
  if (missed.length === 0) return [];
  const lines = missed
    .toSorted((a, b) => strain(b) - strain(a))
    .map((check) => `- ${check.where}: ${value(check)}, where ${check.limit} ${check.unit} is the limit`);
  return [`Missed, the widest first:\n\n${lines.join('\n')}`];
}

const HEAD = [
  'server, client',
  'calls',
  'p50 ms',
  'p90',
  'p99',
  'max',
  'calls/s',
  'Sluice against it',
  'accepted',
  'most open',
  'open at the end',
  'peak memory MB',
];

function scenarioPart(cells: readonly CellResult[]): string {
  const [first] = cells;
  if (first === undefined) return '';
  const rows = cells.flatMap((cell) => cell.lanes.map((lane) => laneRow(lane, cell)));
  return `## ${first.scenario}\n\n${describeCell(first)}.\n\n${table(HEAD, rows)}`;
}

function laneRow(lane: LaneResult, { comparisons, lanes }: CellResult): string[] {
  const { client, mode, link, calls, latency, connections, memory, perSecond } = lane;
  const against = comparisons.filter(({ to }) => to.client === client && to.mode === mode);
  // The yardstick of several modes has no one ratio.
  const comparison = against.length === 1 ? against[0] : undefined;
  const severalLinks = lanes.some((other) => other.link !== link);
  const ratio =
    comparison === undefined
      ? ''
      : `${number(comparison.ratio)} (${number(comparison.p25)}-${number(comparison.p75)})`;
  return [
    `${lane.yardstick ? 'beside it: ' : ''}${mode}, ${CLIENT_TITLES[client]}${severalLinks ? `, ${link}` : ''}`,
    String(calls),
    ...[latency.p50, latency.p90, latency.p99, latency.max].map(number),
    perSecond.toFixed(0),
    ratio,
    ...[connections.accepted, connections.maxOpen, connections.openAtEnd].map(String),
    (memory.atEnd.peak / 1_000_000).toFixed(0),
  ];
}

function firstCallPart({ firstCalls }: Results): string {
  const rows = firstCalls
    .toSorted((a, b) => a.mode.localeCompare(b.mode))
    .map(({ mode, client, calls, latency }) => [
      `${mode}, ${CLIENT_TITLES[client]}`,
      String(calls),
      ...[latency.p50, latency.p90, latency.max].map(number),
    ]);
  const [first] = firstCalls;
  return `## ${first?.scenario}\n\nConnect, list the tools, type the arguments for ${first?.typingMs} ms, call: that call.\n\n${table(
    ['server, client', 'calls', 'p50 ms', 'p90', 'max'],
    rows,
  )}`;
}

function loadPart({ scenario, times, onePiece, built, ratio }: LoadResult): string {
  const row = (what: string, { bytes, latency }: LoadedBuild, against = '') => [
    what,
    (bytes / 1_000).toFixed(0),
    ...[latency.p50, latency.p90, latency.max].map(number),
    against,
  ];
  const against = `${number(ratio.ratio)} (${number(ratio.p25)}-${number(ratio.p75)})`;
  return `## ${scenario}\n\n${LOADING} ${times} times each, in turns.\n\n${table(
    ['', 'kB', 'p50 ms', 'p90', 'max', 'against one piece'],
    [row('one piece, by import()', onePiece), row('core.cjs, by require', built, against)],
  )}`;
}

function coldPart(colds: readonly ColdResult[]): string {
  const rows = colds.flatMap(({ era, isKnown, roundTripMs, sluice, official }) => {
    const row = (who: string, { p50, p90 }: ColdResult['sluice']) => [
      era,
      who,
      ...[p50, p90, p50 / roundTripMs].map(number),
    ];
    return [
      row(isKnown ? 'Sluice, remembered' : 'Sluice, nothing remembered', sluice),
      row('official client 2.x', official),
    ];
  });
  return `## cold\n\n${COLD}\n\n${table(['era', '', 'p50 ms', 'p90', 'round trips'], rows)}`;
}

const COLD = `From \`callTool\` on a new client to the result, over a plain link with 100 ms of round trip, the connection included. The official client
is told the era, and connects first. The link holds what a client sends until the connection's round trip is over: \`connect\` itself returns at once
there, so that Sluice learns the distance from the first answer only.`;

const LOADING = `What the first use of a server waits for, in a new process that has loaded the modules of Node which VS Code's extension host has. "One
piece" is all of core/ and undici in one minified bundle, loaded by \`import()\`, as Sluice was built before core/ loaded its seldom used parts when they are used.`;
