// Runs the tests of this folder inside VS Code's extension host. VS Code calls `run`; each result goes at once to the
// runner outside, over the loopback port that it put into the environment.
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { notesOf } from './note.ts';
import type { HostTestEvent } from './report.ts';
import { stackOf } from './stack.ts';

/** The figures are in comparison with what the newest VS Code does. */
const newestOnly: readonly string[] = ['figures.test.cjs'];

type Send = (event: HostTestEvent) => void;

export async function run(): Promise<void> {
  const { SLUICE_TEST_PORT, SLUICE_TEST_GREP, SLUICE_TEST_RELEASE } = process.env;
  const report = connect(Number(SLUICE_TEST_PORT), '127.0.0.1');
  const send: Send = (event) => report.write(`${JSON.stringify(event)}\n`);
  process.setSourceMapsEnabled(true); // for `stackOf`
  try {
    const leftOut = SLUICE_TEST_RELEASE === 'minimum' ? newestOnly : [];
    await runFiles(path.join(__dirname, 'host'), leftOut, SLUICE_TEST_GREP, send);
  } catch (error) {
    send({ kind: 'failed', title: 'loading the tests', error: stackOf(error) });
  }
  send({ kind: 'finished' });
  await new Promise<void>((resolve) => report.end(resolve));
}

async function runFiles(
  folder: string,
  leftOut: readonly string[],
  grep: string | undefined,
  send: Send,
): Promise<void> {
  // Not `require`: what that gives of an ES module differs between the Nodes of the VS Codes.
  const { default: Mocha } = await import('mocha');
  // Results go out through the runner's events, so mocha's own reporter has nothing to say.
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, reporter: Mocha.reporters.Base, fullTrace: true });
  if (grep !== undefined) mocha.grep(grep);
  for (const file of (await readdir(folder)).sort()) {
    if (file.endsWith('.test.cjs') && !leftOut.includes(file)) mocha.addFile(path.join(folder, file));
  }
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (test) =>
      send({
        kind: 'passed',
        title: test.fullTitle(),
        milliseconds: test.duration ?? 0,
        notes: notesOf(test),
      }),
    );
    runner.on('fail', (test, error) =>
      send({ kind: 'failed', title: test.fullTitle(), error: stackOf(error) }),
    );
    runner.on('pending', (test) => send({ kind: 'skipped', title: test.fullTitle() }));
  });
}
