import { setTimeout as after } from 'node:timers/promises';
import { Lane } from './lane.ts';
import { startServer, type Trust, targetOf } from './links.ts';
import type { Cell, FirstCalls, LaneSpec } from './plan.ts';
import type { CellResult, Comparison, FirstCallResult, LaneFailure } from './results.ts';
import { startRunner } from './runner.ts';
import { ratioOf, summarize } from './statistics.ts';

export interface Measured<Result> {
  readonly result: Result;
  readonly failures: readonly LaneFailure[];
}

/** A client that fails is out of its cell, and the others are measured all the same. */
export async function measureCell(cell: Cell, trust: Trust): Promise<Measured<CellResult>> {
  const started: Lane[] = [];
  const failures: LaneFailure[] = [];
  const fails = (spec: LaneSpec, error: unknown) => {
    failures.push({ ...spec, scenario: cell.scenario, error: String(error) });
  };
  try {
    const starts = await Promise.allSettled(cell.lanes.map((spec) => Lane.start(spec, cell, trust)));
    cell.lanes.forEach((spec, place) => {
      const start = starts[place];
      if (start?.status === 'fulfilled') started.push(start.value);
      else fails(spec, start?.reason);
    });
    const lanes = await (cell.pace === 'turns' ? inTurns : together)(started, cell, fails);
    const results = await Promise.all(lanes.map((lane) => lane.result()));
    const { lanes: _, ...rest } = cell;
    return { result: { ...rest, lanes: results, comparisons: compare(lanes) }, failures };
  } finally {
    await Promise.all(started.map((lane) => lane[Symbol.asyncDispose]()));
  }
}

type Fails = (spec: LaneSpec, error: unknown) => void;

/** Gives the lanes that did not fail. */
async function inTurns(
  started: readonly Lane[],
  { rounds, load }: Cell,
  fails: Fails,
): Promise<readonly Lane[]> {
  const lanes = [...started];
  const unlessItFails = (lane: Lane, work: Promise<void>) =>
    work.catch((error: unknown) => {
      lanes.splice(lanes.indexOf(lane), 1);
      fails(lane.spec, error);
    });
  const each = async (order: readonly Lane[], work: (lane: Lane) => Promise<void>) => {
    for (const lane of order) await unlessItFails(lane, work(lane));
  };
  // What does not count need not take its turn, where it waits most of the time.
  if (load.gapMs > 0) await Promise.all(started.map((lane) => unlessItFails(lane, lane.warmUp())));
  else await each(started, (lane) => lane.warmUp());
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another client, so that nobody always comes after the same one.
    const first = round % Math.max(1, lanes.length);
    await each([...lanes.slice(first), ...lanes.slice(0, first)], (lane) => lane.turn());
  }
  return lanes;
}

/** All at once, but not in step: calls that began together would meet again after each gap. */
async function together(started: readonly Lane[], cell: Cell, fails: Fails): Promise<readonly Lane[]> {
  const run = async (lane: Lane, place: number) => {
    await after((cell.load.gapMs * place) / started.length);
    await lane.warmUp();
    for (let round = 0; round < cell.rounds; round += 1) await lane.turn();
  };
  const lanes = await Promise.all(
    started.map((lane, place) =>
      run(lane, place).then(
        () => [lane],
        (error: unknown) => {
          fails(lane.spec, error);
          return [];
        },
      ),
    ),
  );
  return lanes.flat();
}

/** Sluice against every other in its own mode, and against itself on a prompt server. */
function compare(lanes: readonly Lane[]): Comparison[] {
  const calls = (lane: Lane) => lane.turns.map(({ ms }) => ms);
  const ours = lanes.filter(({ spec }) => spec.client.startsWith('sluice'));
  return ours.flatMap((one) =>
    lanes
      .filter((other) => other !== one && isComparable(one.spec, other.spec))
      .map((other) => ({ of: one.spec, to: other.spec, ...ratioOf(calls(one), calls(other)) })),
  );
}

function isComparable(one: LaneSpec, other: LaneSpec): boolean {
  if (one.link !== other.link) return false;
  return one.mode === other.mode ? other.client !== 'sluice-traced' : isYardstick(one, other);
}

function isYardstick(one: LaneSpec, other: LaneSpec): boolean {
  return other.client === one.client && other.mode === 'prompt';
}

/** All at once: these mostly wait. */
export async function measureFirstCalls(
  { lanes, times, typingMs, scenario }: FirstCalls,
  trust: Trust,
): Promise<Measured<readonly FirstCallResult[]>> {
  const results: FirstCallResult[] = [];
  const failures: LaneFailure[] = [];
  await Promise.all(
    lanes.map(async (spec) => {
      try {
        await using runner = startRunner(trust.caFile);
        await using server = await startServer(spec.link, spec.mode, trust);
        const target = targetOf(server.url, spec.link, trust, 1);
        const ms = await runner.ask('firstCalls', spec.client, target, times, typingMs);
        results.push({ ...spec, scenario, typingMs, calls: ms.length, latency: summarize(ms) });
      } catch (error) {
        failures.push({ ...spec, scenario, error: String(error) });
      }
    }),
  );
  return { result: results, failures };
}
