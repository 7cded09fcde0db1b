import { existsSync } from 'node:fs';
import { runQuietly } from '../../../scripts/host/command.ts';
import { say, step } from '../../../scripts/host/progress.ts';

/** What of the machine decides whether a package may be installed, and how. */
export interface System {
  readonly hasApt: boolean;
  readonly isRoot: boolean;
  /** Settles when the program has ended, rejects where it cannot be run or fails. */
  run(program: string, args: readonly string[]): Promise<unknown>;
}

const thisMachine: System = {
  hasApt: existsSync('/usr/bin/apt-get'),
  isRoot: process.getuid?.() === 0,
  run: (program, args) =>
    runQuietly(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }),
};

/**
 * Installs a package of Debian or Ubuntu where that may be done without asking: as root, or by sudo without a password.
 * @param missing what is wrong without it, as the beginning of a sentence
 * @throws one line with what is missing and what to do
 */
export async function installSystemPackage(
  name: string,
  missing: string,
  system: System = thisMachine,
): Promise<void> {
  if (!system.hasApt) throw new Error(`${missing}, and this machine has no apt-get: install ${name}.`);
  const install = ['install', '-y', '--no-install-recommends', name];
  if (!system.isRoot) {
    const refusal = await system.run('sudo', ['-n', 'true']).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (refusal !== undefined) {
      const [who, sudo] = refusal.code === 'ENOENT' ? ['as root, run', ''] : ['run', 'sudo '];
      // A bare system has no list of packages yet.
      throw new Error(`${missing}: ${who} ${sudo}apt-get update && ${sudo}apt-get ${install.join(' ')}`);
    }
  }
  const [program, ...before]: [string, ...string[]] = system.isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  say(`${missing}.`);
  await step(`Installing ${name}`, async () => {
    await system.run(program, [...before, 'update']);
    await system.run(program, [...before, ...install]);
  });
}
