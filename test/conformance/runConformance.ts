import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from '../../scripts/host/paths.ts';
import { say } from '../../scripts/host/progress.ts';
import { startDemoServer } from '../../src/demo/index.ts';
import { EXPECTED_FAILURES } from './expectedFailures.ts';
import { CHECKS_LEFT_OUT, SCENARIOS_LEFT_OUT } from './leftOut.ts';
import { runScenario, type Scenario, type Subject, scenariosOf } from './officialSuite.ts';
import { type Row, resultTable, titleOf } from './resultTable.ts';
import { judge } from './verdict.ts';

export interface ConformanceOutcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** One text for each run that failed. */
  readonly failures: readonly string[];
}

/** A scenario starts the suite, and the suite the driver: two processes that take turns, so two fit on two cores. */
const AT_ONCE = 2;

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
  const untrue = [
    ...unknownNames('test/conformance/expectedFailures.ts', EXPECTED_FAILURES, clients),
    ...unknownNames('test/conformance/leftOut.ts', Object.keys(SCENARIOS_LEFT_OUT), servers),
  ];
  const applying = servers.filter(({ name }) => !(name in SCENARIOS_LEFT_OUT));
  const rows = [
    ...(await withDriver((command) => runAll(clients.filter(wanted), { command }))),
    ...(await withDemo((url) => runAll(applying.filter(wanted), { url }))),
  ];
  const listed = new Set(EXPECTED_FAILURES);
  const expected = rows.filter(({ scenario }) => scenario.role === 'client' && listed.has(scenario.name));
  const judged = rows.filter((row) => !expected.includes(row));
  const failing = new Set(
    expected.flatMap(({ scenario, verdict }) => (verdict.kind === 'failed' ? [scenario.name] : [])),
  );
  for (const name of new Set(expected.map(({ scenario }) => scenario.name))) {
    if (!failing.has(name))
      untrue.push(`${name} passes, and test/conformance/expectedFailures.ts lists it as failing`);
  }
  say(`\n${resultTable(judged)}`);
  say(`\n${failing.size} scenarios fail as test/conformance/expectedFailures.ts lists.`);
  say(
    `${Object.keys(SCENARIOS_LEFT_OUT).length} server scenarios are left out by test/conformance/leftOut.ts.`,
  );
  const failures = [
    ...judged.flatMap((row) =>
      row.verdict.kind === 'failed' ? [[titleOf(row), ...row.verdict.reasons].join('\n  ')] : [],
    ),
    ...untrue,
  ];
  const passed = judged.filter(({ verdict }) => verdict.kind === 'passed').length;
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

async function runAll(scenarios: readonly Scenario[], subject: Subject): Promise<readonly Row[]> {
  const rows: Row[][] = scenarios.map(() => []);
  const waiting = [...scenarios.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, scenario] = next;
      rows[at] = await runOne(scenario, subject);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return rows.flat();
}

async function runOne(scenario: Scenario, subject: Subject): Promise<Row[]> {
  const rows: Row[] = [];
  const isListed = scenario.role === 'client' && EXPECTED_FAILURES.includes(scenario.name);
  const leftOut = scenario.role === 'server' ? CHECKS_LEFT_OUT[scenario.name] : undefined;
  for (const revision of [undefined, ...scenario.revisions]) {
    const verdict = judge(await runScenario(scenario, revision, subject), leftOut);
    const row = { scenario, revision, verdict };
    rows.push(row);
    say(`${verdict.kind.padEnd(8)} ${titleOf(row)}${isListed ? ' (expected to fail)' : ''}`);
    // One failure is what the list claims.
    if (isListed && verdict.kind === 'failed') break;
  }
  return rows;
}

function unknownNames(list: string, names: readonly string[], scenarios: readonly Scenario[]): string[] {
  const known = new Set(scenarios.map(({ name }) => name));
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${list} names ${name}, which the suite lacks`);
}
