// npm test: every suite there is, in one run, with one line at the end that says how it went.
//   npm test -- [--only lint,types,unit,build,integration,conformance,host,ui] [--vscode minimum|newest]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageVsix } from '../scripts/host/packageVsix.ts';
import { root } from '../scripts/host/paths.ts';
import { program, say } from '../scripts/host/progress.ts';
import { type Release, sources } from '../scripts/host/serverBuild.ts';
import { runConformance } from './conformance/runConformance.ts';
import { chosenReleases } from './host/runner/chooseHost.ts';
import type { Counts } from './host/runner/hostResults.ts';
import { runHostTests } from './host/runner/hostTests.ts';

interface Suite {
  readonly name: string;
  run(vscode: readonly Release[]): Promise<Counts>;
}

interface Result extends Counts {
  readonly name: string;
  readonly seconds: number;
}

/** In this order: what is quick and tells most comes first, and what needs the package comes after it. */
const suites: readonly Suite[] = [
  { name: 'lint', run: () => check('@biomejs/biome/bin/biome', ['check', '.']) },
  { name: 'types', run: () => check('typescript/bin/tsc', []) },
  { name: 'unit', run: () => vitest('unit') },
  { name: 'build', run: build },
  {
    name: 'integration',
    run: async () => added([await vitest('integration'), await vitest('measured')]),
  },
  { name: 'conformance', run: () => runConformance() },
  { name: 'host', run: (vscode) => runHostTests({ vscode }) },
  { name: 'ui', run: uiTests },
];

async function runSuites({ names, vscode }: Chosen): Promise<void> {
  const results: Result[] = [];
  for (const suite of suites) {
    if (names.includes(suite.name)) results.push(await runSuite(suite, vscode));
  }
  const failures = results.flatMap(({ name, failures = [] }) => failures.map((said) => `${name}: ${said}`));
  say('');
  for (const failure of failures) say(`${failure}\n`);
  for (const { name, passed, failed, skipped, seconds } of results) {
    say(
      `${name.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped  (${seconds.toFixed(1)} s)`,
    );
  }
  const sum = (count: 'passed' | 'failed') => results.reduce((total, result) => total + result[count], 0);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  // Once more, in a line each: whoever sees the end of a long log only learns all of them.
  for (const failure of failures) say(`  FAILED ${headOf(failure)}`);
  process.exitCode = sum('failed') > 0 ? 1 : 0;
}

/** What failed, and the beginning of what it said, in one line. */
function headOf(failure: string): string {
  const [title = '', said = ''] = failure.split('\n', 2);
  return said === '' ? title : `${title}: ${said.trim().slice(0, 200)}`;
}

/** A suite that breaks, or runs no test, has failed. So has one that skips a test on CI, where nothing is skipped. */
async function runSuite({ name, run }: Suite, vscode: readonly Release[]): Promise<Result> {
  say(`\n== ${name}`);
  const start = performance.now();
  const counts: Counts = await run(vscode).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    say(said);
    return { passed: 0, failed: 1, skipped: 0, failures: [`the suite itself\n${said}`] };
  });
  const result = { name, ...counts, seconds: (performance.now() - start) / 1000 };
  if (counts.failed > 0) return result;
  if (counts.passed === 0) {
    say(`${name} ran no test.`);
    return { ...result, failed: 1 };
  }
  if (counts.skipped > 0 && process.env['CI'] === 'true') {
    say(`${name} skipped ${counts.skipped} on CI.`);
    return { ...result, failed: counts.skipped };
  }
  return result;
}

/** A tool that says yes or no. */
async function check(tool: string, args: readonly string[]): Promise<Counts> {
  const ok = (await show(tool, args)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

async function build(): Promise<Counts> {
  const { bytes, contents } = await packageVsix();
  say(`${(bytes / 1000).toFixed(0)} kB: ${contents.join(', ')}`);
  return { passed: 1, failed: 0, skipped: 0 };
}

/**
 * What of the ui suite the oldest VS Code leaves out. It runs what VS Code itself has a part in: its keyboard, lists, boxes, dialogs,
 * editors, notifications, settings and trust. These show pages that Sluice draws alike in both, ask in the way of others that
 * are run, or measure.
 */
const newestOnly = ['activation', 'benchmark', 'demoTools', 'diagnosis', 'everything', 'fastPicks'];

/** The suite in each VS Code. */
async function uiTests(vscode: readonly Release[]): Promise<Counts> {
  const counts: Counts[] = [];
  for (const release of vscode) {
    const { vscode: version } = sources[release];
    say(`VS Code ${version}:`);
    const leftOut =
      release === 'minimum' ? newestOnly.map((name) => `--exclude=test/ui/${name}.test.ts`) : [];
    const { failures = [], ...other } = await vitest('ui', { SLUICE_VSCODE: release }, leftOut);
    counts.push({ ...other, failures: failures.map((failure) => `VS Code ${version}: ${failure}`) });
  }
  return added(counts);
}

function added(parts: readonly Counts[]): Counts {
  const sum = (of: 'passed' | 'failed' | 'skipped') => parts.reduce((total, part) => total + part[of], 0);
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: parts.flatMap(({ failures = [] }) => failures),
  };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

async function vitest(
  project: string,
  env: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<Counts> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-vitest-'));
  const file = path.join(directory, 'report.json');
  try {
    const args = ['run', `--project=${project}`, '--reporter=verbose', '--reporter=json', ...more];
    const code = await show('vitest/vitest.mjs', [...args, `--outputFile.json=${file}`], env);
    if (!existsSync(file)) throw new Error(`vitest ended with ${code} and no report.`);
    const report = JSON.parse(await readFile(file, 'utf8')) as VitestReport;
    const failures = report.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages?.join('\n') ?? ''}`);
    // What fails outside a test, in a hook or after the last one, shows in the exit code only.
    if (code !== 0 && failures.length === 0) failures.push('outside a test\nits log says what');
    return {
      passed: report.numPassedTests,
      failed: failures.length,
      skipped: report.numPendingTests + report.numTodoTests,
      failures,
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Runs a tool of node_modules at this terminal, and gives its exit code. */
function show(
  tool: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(process.execPath, [path.join(root, 'node_modules', tool), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

interface Chosen {
  /** Of the suites. */
  readonly names: readonly string[];
  /** The VS Codes for the suites that need one. */
  readonly vscode: readonly Release[];
}

/** What `--only` and `--vscode` name, or all. */
function chosen(): Chosen {
  const all = suites.map(({ name }) => name);
  const { values } = parseArgs({ options: { only: { type: 'string' }, vscode: { type: 'string' } } });
  const names = values.only?.split(',') ?? all;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new Error(`No such suite: ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  return { names, vscode: chosenReleases(values.vscode) };
}

await program(async () => runSuites(chosen()));
