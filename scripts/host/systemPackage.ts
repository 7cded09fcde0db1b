import { existsSync } from 'node:fs';
import { runQuietly } from './command.ts';
import { step } from './progress.ts';

/**
 * Installs a package of Debian or Ubuntu where that may be done without asking: as root, or by sudo without a password.
 * @param missing what is wrong without it, as the beginning of a sentence
 * @throws one line with what is missing and the command for it
 */
export async function installSystemPackage(name: string, missing: string): Promise<void> {
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`${missing}, and this machine has no apt-get: install ${name}.`);
  const asRoot = await rootPrefix();
  const command = `apt-get install -y --no-install-recommends ${name}`;
  if (asRoot === undefined) throw new Error(`${missing}: run sudo ${command}`);
  const apt = (...args: readonly string[]) => {
    const [program = '', ...rest] = [...asRoot, 'apt-get', ...args];
    return runQuietly(program, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  };
  await step(`${missing}. Installing ${name}`, async () => {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', name);
  });
}

/** What makes a command root's without a question, or undefined. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  return runQuietly('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
}
