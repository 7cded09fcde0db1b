import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const macApplications = ['Chromium', 'Google Chrome', 'Microsoft Edge'];

/** The machine's own Chromium, or one of its kin. None is downloaded. */
export function findBrowser(): string | undefined {
  const { PATH = '' } = process.env;
  const onPath = PATH.split(path.delimiter).flatMap((directory) =>
    names.map((name) => path.join(directory, name)),
  );
  const applications = macApplications.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  return [...onPath, ...applications, chromium.executablePath()].find((file) => existsSync(file));
}

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // What talks to the network by itself is off: a test's log holds the test's own traffic only.
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
