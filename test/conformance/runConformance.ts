// npm run conformance: the official suite, with core/ as the client and the demo as the server.
//   npm run conformance -- [part of a scenario's name]
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/host/paths.ts';
import { program, say } from '../../scripts/host/progress.ts';
import { startDemoServer } from '../../src/demo/index.ts';
import { EXPECTED_FAILURES } from './expectedFailures.ts';
import { CHECKS_LEFT_OUT, SCENARIOS_LEFT_OUT } from './leftOut.ts';
import { runScenario, type Scenario, type Subject, scenariosOf } from './officialSuite.ts';
import { LEGEND, type Row, resultTables, titleOf } from './resultTable.ts';
import { asListed, judge } from './verdict.ts';

export interface ConformanceOutcome {
  /** Runs that passed or failed. One that fails as it is listed to is neither. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One text for each run that failed. */
  readonly failures: readonly string[];
}

/** A scenario starts the suite, and the suite the driver: two processes that take turns, so one fits on each core. */
const AT_ONCE = availableParallelism();
/** They measure how long the client waits: beside others they would measure how long the machine lets it. */
const TIMED: readonly string[] = ['sse-retry'];

/**
 * The official suite: every client scenario with the driver, which is core/ alone, and every server scenario that applies
 * with the demo. Each by itself, at its default revision and again at each revision that it applies to. Nothing is retried.
 * @param only runs the scenarios alone whose names have this in them
 */
export async function runConformance({
  only = '',
}: {
  readonly only?: string;
} = {}): Promise<ConformanceOutcome> {
  const wanted = ({ name }: Scenario) => name.includes(only);
  const clients = await scenariosOf('client');
  const servers = await scenariosOf('server');
  const applying = servers.filter(({ name }) => !(name in SCENARIOS_LEFT_OUT));
  const rows = [
    ...(await withDriver((command) => runAll(clients.filter(wanted), { command }))),
    ...(await withDemo((url) => runAll(applying.filter(wanted), { url }))),
  ];
  const counted = rows.filter(({ verdict }) => verdict.kind !== 'expected');
  const listed = new Set(rows.filter((row) => !counted.includes(row)).map(({ scenario }) => scenario.name));
  const shown = rows.filter(({ scenario }) => counted.some((row) => row.scenario === scenario));
  if (shown.length > 0) say(`\n${resultTables(shown)}\n\n${LEGEND}`);
  if (listed.size > 0)
    say(
      `\nNot counted: ${listed.size} client scenarios, which fail for want of authorization as test/conformance/expectedFailures.ts lists.`,
    );
  const leftOut = servers.filter((scenario) => wanted(scenario) && !applying.includes(scenario));
  if (leftOut.length > 0)
    say(`Not run: ${leftOut.length} server scenarios, for the reasons in test/conformance/leftOut.ts.`);
  if (rows.length + leftOut.length === 0) say(`No scenario has ${JSON.stringify(only)} in its name.`);
  const failures = [
    ...counted.flatMap((row) =>
      row.verdict.kind === 'failed' ? [[titleOf(row), ...row.verdict.reasons].join('\n  ')] : [],
    ),
    ...unknownNames('test/conformance/expectedFailures.ts', EXPECTED_FAILURES, clients),
    ...unknownNames('test/conformance/leftOut.ts', Object.keys(SCENARIOS_LEFT_OUT), servers),
    ...unknownNames('test/conformance/runConformance.ts', TIMED, clients),
    ...passingAll(rows).map(
      (name) => `${name} passes, and test/conformance/expectedFailures.ts lists it as failing`,
    ),
  ];
  const passed = counted.filter(({ verdict }) => verdict.kind === 'passed').length;
  return { passed, failed: failures.length, skipped: 0, failures };
}

/** Bundled once: compiled for each scenario anew, it would meet the suite's time-outs. */
async function withDriver<T>(run: (command: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-driver-'));
  try {
    const outfile = path.join(directory, 'driver.cjs');
    await build({
      entryPoints: [path.join(root, 'test/conformance/driver.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      logLevel: 'warning',
    });
    return await run(`"${process.execPath}" "${outfile}"`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function withDemo<T>(run: (url: string) => Promise<T>): Promise<T> {
  const demo = await startDemoServer();
  try {
    return await run(demo.url);
  } finally {
    await demo.close();
  }
}

/** In the order of the suite, whatever the order in which they ran. */
async function runAll(scenarios: readonly Scenario[], subject: Subject): Promise<readonly Row[]> {
  const rows = new Map<Scenario, readonly Row[]>();
  const isTimed = ({ name }: Scenario) => TIMED.includes(name);
  const waiting = scenarios.filter((scenario) => !isTimed(scenario));
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      rows.set(next, await runOne(next, subject));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const scenario of scenarios.filter(isTimed)) rows.set(scenario, await runOne(scenario, subject));
  return scenarios.flatMap((scenario) => rows.get(scenario) ?? []);
}

async function runOne(scenario: Scenario, subject: Subject): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const leftOut = scenario.role === 'server' ? CHECKS_LEFT_OUT[scenario.name] : undefined;
  for (const revision of [undefined, ...scenario.revisions]) {
    const evidence = await runScenario(scenario, revision, subject);
    const verdict = judge(evidence, leftOut);
    const row = { scenario, revision, verdict: isListed(scenario) ? asListed(verdict, evidence) : verdict };
    rows.push(row);
    say(`${row.verdict.kind.padEnd(8)}  ${titleOf(row)}`);
    // One failure is what the list claims.
    if (row.verdict.kind === 'expected') break;
  }
  return rows;
}

function isListed({ role, name }: Scenario): boolean {
  return role === 'client' && EXPECTED_FAILURES.includes(name);
}

/** Scenarios that are listed as failing, and passed in every run. */
function passingAll(rows: readonly Row[]): readonly string[] {
  const listed = new Set(rows.map(({ scenario }) => scenario).filter(isListed));
  for (const { scenario, verdict } of rows) if (verdict.kind !== 'passed') listed.delete(scenario);
  return [...listed].map(({ name }) => name);
}

function unknownNames(list: string, names: readonly string[], scenarios: readonly Scenario[]): string[] {
  const known = new Set(scenarios.map(({ name }) => name));
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${list} names ${name}, which the suite lacks`);
}

if (import.meta.main) {
  await program(async () => {
    const { passed, failed, failures } = await runConformance({ only: process.argv[2] ?? '' });
    for (const failure of failures) say(`\n${failure}`);
    say(`\n${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  });
}
