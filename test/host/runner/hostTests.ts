// Runs test/host inside real VS Codes and shows each result as it comes.
//   node test/host/runner/hostTests.ts [--host desktop|server] [--vscode minimum|newest] [--grep TEXT] [--extension FOLDER]
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import type { Desktop } from '../../../scripts/host/desktop.ts';
import { root } from '../../../scripts/host/paths.ts';
import { program, say } from '../../../scripts/host/progress.ts';
import { type Release, releases } from '../../../scripts/host/serverBuild.ts';
import { remoteUri, startVSCodeServer, workbenchUrl } from '../../../scripts/host/vscodeServer.ts';
import type { HostTestEvent } from '../report.ts';
import { launchBrowser } from './browser.ts';
import { chooseHosts, chosenReleases, type Host, type HostKind, type ServerHost } from './chooseHost.ts';
import { type Counts, type HostResults, receiveResults } from './hostResults.ts';

const testsEntry = path.join(root, 'dist/test/host.cjs');

/** From the start of VS Code to the first word of the tests. Ten times what a slow machine takes. */
const startLimit = 180_000;
/** For the whole run. */
const runLimit = 900_000;

export interface HostTestOptions {
  readonly host?: HostKind;
  /** The VS Codes to run in, by default the oldest that is supported and the newest. */
  readonly vscode?: readonly Release[];
  /** Only the tests whose full title has this text. */
  readonly grep?: string;
  /** The folder of the extension under test. */
  readonly extension?: string;
}

/** One run in one VS Code. */
interface Run {
  readonly extension: string;
  /** A directory for this run alone. */
  readonly directory: string;
  /** The folder that VS Code opens. */
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly results: HostResults;
}

export async function runHostTests(options: HostTestOptions): Promise<Counts> {
  const hosts = await chooseHosts(options.vscode ?? releases, options.host);
  await bundle();
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
  for (const host of hosts) {
    const name = `VS Code ${host.kind === 'desktop' ? host.version : host.build.version}`;
    say(`${name}:`);
    const counts = await runIn(host, options);
    for (const kind of ['passed', 'failed', 'skipped'] as const) total[kind] += counts[kind];
    total.failures.push(...(counts.failures ?? []).map((failure) => `${name}: ${failure}`));
  }
  return total;
}

/** The entry, and each test file by itself: mocha has to be set up before it loads them. */
async function bundle(): Promise<void> {
  const folder = path.join(root, 'test/host');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'));
  const names = files.map((file) => file.replace(/\.ts$/, ''));
  const output = path.join(root, 'dist/test');
  await rm(output, { recursive: true, force: true });
  await build({
    entryPoints: {
      host: path.join(folder, 'run.ts'),
      ...Object.fromEntries(names.map((name) => [`host/${name}`, path.join(folder, `${name}.ts`)])),
    },
    outdir: output,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode', 'mocha'],
    // A module of the lab that asks where it is gets its bundle's place: CommonJS has no `import.meta`.
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.filename': '__filename' },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

async function runIn(host: Host, options: HostTestOptions): Promise<Counts> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-host-'));
  const workspace = path.join(directory, 'workspace');
  await mkdir(workspace);
  const results = await receiveResults(show);
  const late = setTimeout(() => results.giveUp('VS Code ran no test in three minutes.'), startLimit);
  const tooLong = setTimeout(() => results.end('The tests did not end in 15 minutes.'), runLimit);
  const env = {
    SLUICE_TEST_PORT: String(results.port),
    SLUICE_TEST_RELEASE: host.release,
    ...(options.grep === undefined ? {} : { SLUICE_TEST_GREP: options.grep }),
  };
  const run = { extension: options.extension ?? root, directory, workspace, env, results };
  try {
    await (host.kind === 'desktop' ? runOnDesktop(host, run) : runOnServer(host, run));
    return await results.counts;
  } finally {
    clearTimeout(late);
    clearTimeout(tooLong);
    results.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runOnDesktop(
  desktop: Desktop,
  { extension, directory, workspace, env, results }: Run,
): Promise<void> {
  await runTests({
    vscodeExecutablePath: desktop.executable,
    extensionDevelopmentPath: extension,
    extensionTestsPath: testsEntry,
    extensionTestsEnv: env,
    launchArgs: [workspace, '--disable-extensions', `--user-data-dir=${path.join(directory, 'data')}`],
  }).catch((error: unknown) => results.giveUp(`VS Code ended without running a test: ${String(error)}`));
}

async function runOnServer(host: ServerHost, run: Run): Promise<void> {
  const server = await startVSCodeServer({
    build: host.build,
    dataDirectory: path.join(run.directory, 'data'),
    automation: true,
    env: run.env,
  });
  void server.closed.then(() => run.results.end('VS Code’s server ended before the tests did.'));
  const browser = await launchBrowser(host.browser);
  try {
    const page = await browser.newPage();
    const log: string[] = [];
    await page.exposeFunction('codeAutomationLog', (level: string, words: readonly unknown[]) => {
      if (level === 'error') log.push(words.join(' '));
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => {
      run.results.giveUp(`VS Code ended with ${code} without running a test:\n${log.join('\n')}`);
    });
    await page.goto(
      workbenchUrl(server.origin, {
        folder: run.workspace,
        payload: [
          ['extensionDevelopmentPath', remoteUri(server.origin, run.extension)],
          ['extensionTestsPath', remoteUri(server.origin, testsEntry)],
        ],
      }),
    );
    await run.results.counts;
  } finally {
    await browser.close();
    await server.close();
  }
}

function show(event: HostTestEvent): void {
  switch (event.kind) {
    case 'passed':
      say(`  passed  ${event.title} (${event.milliseconds} ms)`);
      for (const line of event.notes) say(`          ${line}`);
      break;
    case 'failed':
      say(`  FAILED  ${event.title}\n${event.error.replace(/^/gm, '          ')}`);
      break;
    case 'skipped':
      say(`  skipped ${event.title}`);
      break;
    case 'finished':
      break;
  }
}

if (import.meta.main) {
  await program(async () => {
    const { values } = parseArgs({
      options: {
        host: { type: 'string' },
        vscode: { type: 'string' },
        grep: { type: 'string' },
        extension: { type: 'string' },
      },
    });
    const { vscode, ...options } = values;
    if (values.host !== undefined && values.host !== 'desktop' && values.host !== 'server') {
      throw new Error(`--host is desktop or server, not ${values.host}.`);
    }
    const { passed, failed, skipped } = await runHostTests({
      ...(options as HostTestOptions),
      vscode: chosenReleases(vscode),
    });
    say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  });
}
