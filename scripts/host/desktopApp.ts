// The VS Code that the user of this machine has installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runQuietly } from './command.ts';
import { hasDisplay } from './desktop.ts';
import { oldestSupported } from './manifest.ts';
import { root } from './paths.ts';

const macCommand = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';

export interface DesktopApp {
  readonly command: string;
  readonly version: string;
}

export interface DesktopWindow {
  /** Settles when the window is closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** The installed VS Code, or the reason why it does not serve. */
export async function findDesktopApp(): Promise<DesktopApp | string> {
  if (!hasDisplay()) return 'there is no display';
  const command = findCommand();
  if (command === undefined) return 'no `code` is on the PATH';
  const [version = ''] = (await runQuietly(command, ['--version'])).split('\n');
  const oldest = oldestSupported();
  return isAtLeast(version, oldest)
    ? { command, version }
    : `the installed VS Code is ${version}, and Sluice needs ${oldest}`;
}

/**
 * Opens a window on `folder` with Sluice from its sources, with settings and extensions of its own: nothing of the
 * user's is touched, and closing it closes nothing of the user's.
 */
export function openDesktop(app: DesktopApp, folder: string, dataDirectory: string): DesktopWindow {
  const lock = path.join(dataDirectory, 'code.lock');
  // One that a crash left behind names a process that may by now be anybody's.
  rmSync(lock, { force: true });
  const child = spawn(
    app.command,
    [
      '--wait',
      '--new-window',
      `--user-data-dir=${dataDirectory}`,
      `--extensions-dir=${path.join(dataDirectory, 'extensions')}`,
      `--extensionDevelopmentPath=${root}`,
      '--disable-workspace-trust',
      folder,
    ],
    { stdio: 'ignore', shell: process.platform === 'win32' },
  );
  return {
    closed: new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    }),
    close: () => {
      child.kill();
      endHolder(lock);
    },
  };
}

/** `code` only waits for the application, which is no child of it: the lock of its data directory holds its id. */
function endHolder(lock: string): void {
  if (!existsSync(lock)) return;
  try {
    process.kill(Number(readFileSync(lock, 'utf8')));
  } catch {
    // It has gone by itself.
  }
}

function findCommand(): string | undefined {
  const { PATH = '' } = process.env;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return [...PATH.split(path.delimiter).map((directory) => path.join(directory, name)), macCommand].find(
    (file) => existsSync(file),
  );
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}
