import type { ModeName } from '../lab/modes.ts';
import type { ClientName } from './clients/benchClient.ts';
import type { Link } from './links.ts';
import type { Load } from './load.ts';

export interface LaneSpec {
  readonly client: ClientName;
  readonly mode: ModeName;
  readonly link: Link;
  /** It takes part for comparison only. */
  readonly yardstick?: true;
}

/**
 * What is measured side by side. `turns`: one client at a time, in rounds, for calls that keep the machine busy.
 * `together`: all at once, for calls that mostly wait, so that a run ends while somebody still watches.
 */
export interface Cell {
  readonly scenario: string;
  readonly lanes: readonly LaneSpec[];
  readonly pace: 'turns' | 'together';
  readonly rounds: number;
  /** Calls that each client learns from; none of them counts. */
  readonly warmUp: number;
  readonly load: Omit<Load, 'calls'>;
  readonly calls: { readonly sluice: number; readonly others: number };
}

/** A series of first calls, each by a new client: see `Commands.firstCalls`. */
export interface FirstCalls {
  readonly scenario: string;
  readonly lanes: readonly LaneSpec[];
  readonly times: number;
  readonly typingMs: number;
}

/** Loading core.cjs: in one piece, and as it is built. Each time in a process of its own. */
export interface Loads {
  readonly scenario: string;
  readonly times: number;
}

/** First calls from cold, over a plain link with a round trip that is felt. */
export interface Cold {
  readonly scenario: 'cold';
  readonly era: 'legacy' | 'modern';
  /** Sluice was connected to the server before, and keeps what it learnt. */
  readonly isKnown: boolean;
  readonly times: number;
  readonly roundTripMs: number;
}

export interface Plan {
  readonly cells: readonly Cell[];
  readonly firstCalls: readonly FirstCalls[];
  readonly loads: readonly Loads[];
  readonly colds: readonly Cold[];
}

/** `quick`: which of the modes a quick run measures. */
interface Scenario {
  readonly name: string;
  readonly modes: readonly ModeName[];
  readonly quick: readonly ModeName[];
  readonly link?: Link;
  readonly clients?: readonly ClientName[];
  readonly pace?: 'turns' | 'together';
  readonly rounds?: number;
  readonly warmUp?: number;
  readonly load?: Partial<Omit<Load, 'calls'>>;
  readonly calls?: { readonly sluice: number; readonly others: number };
  /** Whatever the modes, they are measured in one cell. */
  readonly oneCell?: boolean;
}

/** What servers do to connections, and the healthy one first. */
export const MODES = [
  'prompt',
  'tail-stall',
  'split-stall',
  'hold-open',
  'trickle',
  'no-keepalive',
] as const satisfies readonly ModeName[];
const STALLS = ['tail-stall', 'split-stall'] as const;
const ALL: readonly ClientName[] = ['sluice', 'sdk-2', 'sdk-1', 'keep-alive', 'fresh'];

const BUSY = { sluice: 400, others: 250 };
const PAUSED = { sluice: 60, others: 16 };
const WAITING = { sluice: 60, others: 30 };
const LARGE = { sluice: 1, others: 1 };
const MEGABYTE = 1_000_000;

const scenarios: readonly Scenario[] = [
  { name: 'plain-0ms', modes: MODES, quick: MODES, calls: BUSY },
  { name: 'plain-30ms', modes: MODES, quick: ['split-stall'], rounds: 3, calls: PAUSED, load: { gapMs: 30 } },
  { name: 'plain-100ms', modes: MODES, quick: [], pace: 'together', calls: WAITING, load: { gapMs: 100 } },
  { name: 'tls-0ms', link: 'tls', modes: ['prompt', ...STALLS], quick: [], calls: BUSY },
  {
    name: 'tls-10ms',
    link: 'tls',
    modes: STALLS,
    quick: [],
    rounds: 3,
    calls: PAUSED,
    load: { gapMs: 10 },
  },
  {
    name: 'tls-30ms',
    link: 'tls',
    modes: MODES,
    quick: ['split-stall'],
    rounds: 3,
    calls: PAUSED,
    load: { gapMs: 30 },
  },
  {
    name: 'tls-100ms',
    link: 'tls',
    modes: MODES,
    quick: [],
    pace: 'together',
    calls: WAITING,
    load: { gapMs: 100 },
  },
  {
    name: 'plain-5000ms',
    modes: ['prompt', 'keep-alive-hint', 'hold-open'],
    quick: [],
    oneCell: true,
    pace: 'together',
    warmUp: 1,
    calls: { sluice: 5, others: 5 },
    load: { gapMs: 5_000 },
  },
  {
    name: 'far-0ms',
    link: 'far',
    modes: MODES,
    quick: ['prompt', 'hold-open'],
    pace: 'together',
    calls: WAITING,
  },
  { name: 'at-once-8', modes: ['prompt'], quick: [], calls: BUSY, load: { atOnce: 8, leadIn: 64 } },
  {
    name: 'at-once-64',
    modes: ['prompt'],
    quick: ['prompt'],
    // A turn of a quarter of a second would measure how soon each client's code is compiled.
    calls: { sluice: 6_000, others: 6_000 },
    load: { atOnce: 64, leadIn: 64 },
  },
  { name: 'size-64KB', modes: ['prompt'], quick: [], load: { bytes: 65_536 } },
  { name: 'size-1MB', modes: ['prompt'], quick: [], calls: PAUSED, load: { bytes: MEGABYTE } },
  {
    name: 'size-50MB',
    modes: ['prompt'],
    quick: ['prompt'],
    clients: ['sluice', 'sdk-2', 'sdk-1', 'keep-alive', 'parse-alone'],
    warmUp: 1,
    rounds: 9,
    calls: LARGE,
    load: { bytes: 50 * MEGABYTE, leadIn: 0, maxMs: 60_000 },
  },
  { name: 'trace', modes: ['prompt'], quick: ['prompt'], clients: ['sluice', 'sluice-traced'], calls: BUSY },
];

/** Sluice alone: what counts is how many connections the server saw. */
const thousand: Cell = {
  scenario: 'thousand',
  lanes: (['plain', 'tls'] as const).flatMap((link) =>
    STALLS.map((mode) => ({ client: 'sluice' as const, mode, link })),
  ),
  pace: 'together',
  rounds: 1,
  warmUp: 20,
  load: { leadIn: 0, maxMs: 120_000, gapMs: 30, atOnce: 1, bytes: 1024 },
  calls: { sluice: 1_000, others: 0 },
};

const firstCall: FirstCalls = {
  scenario: 'first-call',
  lanes: (['sluice', 'sdk-2', 'sdk-1'] as const).flatMap((client) =>
    (['prompt', 'split-stall', 'hold-open'] as const).map((mode) => ({
      client,
      mode,
      link: 'far' as const,
    })),
  ),
  times: 12,
  typingMs: 500,
};

const loadCore: Loads = { scenario: 'load-core', times: 40 };

const colds: readonly Cold[] = (['legacy', 'modern'] as const).flatMap((era) =>
  [true, false].map((isKnown) => ({ scenario: 'cold', era, isKnown, times: 15, roundTripMs: 100 }) as const),
);

export const scenarioNames: readonly string[] = [
  ...scenarios.map(({ name }) => name),
  thousand.scenario,
  firstCall.scenario,
  loadCore.scenario,
  'cold',
];

export interface PlanOptions {
  /** Names of scenarios. */
  readonly only: readonly string[];
  /** A part of the modes, half of the calls, two rounds: for a look, not for a figure. */
  readonly quick: boolean;
  /** At most so many calls in a turn. */
  readonly calls: number;
}

export function makePlan({ only, quick, calls: most }: PlanOptions): Plan {
  const wanted = (name: string) => only.includes(name);
  const all = scenarios.filter(({ name }) => wanted(name)).flatMap((scenario) => cellsOf(scenario, quick));
  if (!quick && wanted(thousand.scenario)) all.push(thousand);
  const cells = all.map((cell) => {
    const { sluice, others } = cell.calls;
    return { ...cell, calls: { sluice: Math.min(sluice, most), others: Math.min(others, most) } };
  });
  const first = quick ? { ...firstCall, times: 4 } : firstCall;
  const load = quick ? { ...loadCore, times: 10 } : loadCore;
  return {
    cells,
    firstCalls: wanted(first.scenario) ? [first] : [],
    loads: wanted(load.scenario) ? [load] : [],
    colds: wanted('cold') ? colds.map((cold) => (quick ? { ...cold, times: 3 } : cold)) : [],
  };
}

function cellsOf(scenario: Scenario, quick: boolean): Cell[] {
  const { name, link = 'plain', clients = ALL, pace = 'turns', warmUp = 20, load = {} } = scenario;
  const { sluice, others } = scenario.calls ?? { sluice: 150, others: 150 };
  const cell = (lanes: readonly LaneSpec[]): Cell => ({
    scenario: name,
    lanes,
    pace,
    rounds: quick ? Math.min(2, scenario.rounds ?? 2) : (scenario.rounds ?? (pace === 'together' ? 1 : 5)),
    warmUp,
    load: {
      leadIn: pace === 'together' ? 0 : 5,
      maxMs: pace === 'together' ? 60_000 : 1_000 + 60 * (load.gapMs ?? 0),
      gapMs: 0,
      atOnce: 1,
      bytes: 1024,
      ...load,
    },
    calls: quick ? { sluice: Math.ceil(sluice / 2), others: Math.ceil(others / 2) } : { sluice, others },
  });
  const modes = quick ? scenario.quick : scenario.modes;
  const lanesOf = (mode: ModeName) =>
    clients
      .filter((client) => client !== 'keep-alive' || comesToAnEnd(mode))
      .map((client) => ({ client, mode, link }));
  if (scenario.oneCell) return modes.length === 0 ? [] : [cell(modes.flatMap(lanesOf))];
  // Sluice on a healthy server takes its turn in every cell: it is what the other modes are measured with.
  const yardstick = { client: 'sluice', mode: 'prompt', link, yardstick: true } as const;
  return modes.map((mode) => cell(mode === 'prompt' ? lanesOf(mode) : [...lanesOf(mode), yardstick]));
}

/** Who reads a stream to its end never comes back from these. */
function comesToAnEnd(mode: ModeName): boolean {
  return mode !== 'hold-open' && mode !== 'trickle';
}
