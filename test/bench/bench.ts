// npm run bench: Sluice against its peers, in one run. What it measures is in plan.ts, what is asked of it in figures.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { program } from '../../scripts/host/progress.ts';
import { type BenchOptions, parseBenchOptions } from './benchOptions.ts';
import { figuresOf, verdictOf } from './figures.ts';
import { createTrust } from './links.ts';
import { describeMachine } from './machine.ts';
import { measureCell, measureFirstCalls } from './measure.ts';
import { measureCold } from './measureCold.ts';
import { measureLoads } from './measureLoads.ts';
import { draw } from './picture.ts';
import { makePlan } from './plan.ts';
import { figureTable, report } from './report.ts';
import type { CellResult, ColdResult, FirstCallResult, LaneFailure, LoadResult, Results } from './results.ts';

async function bench(options: BenchOptions): Promise<void> {
  const results = await measure(options);
  const figures = figuresOf(results);
  const files = await write(options, results);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...results, figures }, undefined, 2)}\n`);
  else process.stdout.write(`\n${figureTable(figures)}\n`);
  for (const { client, mode, scenario, error } of results.failures)
    tell(`Not measured: ${client}, ${mode}, ${scenario}: ${error}`);
  tell(`Written: ${files.join(', ')}`);
  const missed = figures.some((figure) => verdictOf(figure) === 'missed');
  if (results.failures.length > 0 || (options.check && missed)) process.exitCode = 1;
}

async function measure(options: BenchOptions): Promise<Results> {
  const plan = makePlan(options);
  const startedAt = new Date();
  const start = performance.now();
  const cells: CellResult[] = [];
  const firstCalls: FirstCallResult[] = [];
  const loads: LoadResult[] = [];
  const colds: ColdResult[] = [];
  const failures: LaneFailure[] = [];
  const all = plan.cells.length + plan.firstCalls.length + plan.loads.length + plan.colds.length;
  const begin = (what: string) => {
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    tell(`${String(cells.length + 1).padStart(2)}/${all}  ${minutes} min  ${what}`);
  };
  await using trust = await createTrust();
  for (const cell of plan.cells) {
    begin(`${cell.scenario}, ${[...new Set(cell.lanes.map(({ mode }) => mode))].join(', ')}`);
    const measured = await measureCell(cell, trust);
    cells.push(measured.result);
    failures.push(...measured.failures);
  }
  for (const first of plan.firstCalls) {
    begin(first.scenario);
    const measured = await measureFirstCalls(first, trust);
    firstCalls.push(...measured.result);
    failures.push(...measured.failures);
  }
  for (const load of plan.loads) {
    begin(load.scenario);
    loads.push(await measureLoads(load));
  }
  for (const cold of plan.colds) {
    begin(`${cold.scenario}, ${cold.era}, ${cold.isKnown ? 'known' : 'unknown'}`);
    colds.push(await measureCold(cold));
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    machine: describeMachine(),
    startedAt: startedAt.toISOString(),
    seconds,
    cells,
    firstCalls,
    loads,
    colds,
    failures,
  };
}

/** The report, and beside it the picture and the numbers. */
async function write({ output, quick, calls }: BenchOptions, results: Results): Promise<readonly string[]> {
  const stem = output.slice(0, -path.extname(output).length);
  const picture = draw(results);
  await mkdir(path.dirname(output), { recursive: true });
  await writeFile(
    output,
    report(results, figuresOf(results), {
      picture: picture === undefined ? undefined : `${path.basename(stem)}.svg`,
      quick: quick || Number.isFinite(calls),
    }),
  );
  if (picture === undefined) return [output];
  await writeFile(`${stem}.svg`, picture);
  return [output, `${stem}.svg`];
}

/** Progress is for the person at the terminal; standard output is for the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

await program(() => bench(parseBenchOptions(process.argv.slice(2))));
