import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { runQuietly } from '../../../scripts/host/command.ts';
import { type Published, unpack } from '../../../scripts/host/npmArchive.ts';
import { say, step } from '../../../scripts/host/progress.ts';
import { provision } from '../../../scripts/host/provision.ts';
import { installSystemPackage } from './systemPackage.ts';

/** Names the browser to take, by its path. */
const variable = 'SLUICE_BROWSER';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const macApplications = ['Chromium', 'Google Chrome', 'Microsoft Edge'];

/** Brings a headless Chromium with the libraries and fonts that it needs, for Linux on x64. */
const published: Published = {
  name: '@sparticuz/chromium',
  version: '153.0.0',
  integrity:
    'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==',
};

export interface BrowserProgram {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where a browser comes from that this machine does not have. */
export interface BrowserSources {
  /** npm's, where there is one for this system. */
  readonly fetch?: () => Promise<BrowserProgram>;
  /** The system's packages. */
  install(missing: string): Promise<void>;
}

const ofThisMachine: BrowserSources = {
  ...(process.platform === 'linux' && process.arch === 'x64' ? { fetch: provisionChromium } : {}),
  install: (missing) => installSystemPackage('chromium', missing),
};

/**
 * A Chromium or one of its kin: the one that SLUICE_BROWSER names, else one of this machine, else npm's, else that of the
 * system's packages.
 * @throws with what to do where there is none
 */
export async function provideBrowser(sources = ofThisMachine): Promise<BrowserProgram> {
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    const program = { executable: named, env: {} };
    if ((await failureToStart(program)) !== undefined)
      throw new Error(`${variable} names ${named}, which does not start.`);
    return program;
  }
  const installed = await findInstalled();
  if (installed !== undefined) return installed;
  let missing = 'No Chromium or Chrome is installed';
  if (sources.fetch !== undefined) {
    const fetched = await sources.fetch();
    const failure = await failureToStart(fetched);
    if (failure === undefined) return fetched;
    missing = `The Chromium of npm does not start here (${failure})`;
  }
  await sources.install(`${missing}; ${variable} can name one`);
  const program = await findInstalled();
  if (program === undefined) throw new Error(`The package chromium brought none: name one in ${variable}.`);
  return program;
}

export function launchBrowser({ executable, env }: BrowserProgram): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    env: { ...process.env, ...env },
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

async function findInstalled(): Promise<BrowserProgram | undefined> {
  const { PATH = '' } = process.env;
  const onPath = PATH.split(path.delimiter).flatMap((directory) =>
    names.map((name) => path.join(directory, name)),
  );
  const applications = macApplications.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  for (const file of [...onPath, ...applications, chromium.executablePath()]) {
    if (!existsSync(file)) continue;
    const program = { executable: file, env: {} };
    if ((await failureToStart(program)) === undefined) return program;
    say(`${file} is there but does not start: passed over.`);
  }
  return undefined;
}

/**
 * The last words of a browser that does not start: Ubuntu's `chromium-browser` is a script that asks for snap, and libraries of
 * the system may be missing.
 */
async function failureToStart({ executable, env }: BrowserProgram): Promise<string | undefined> {
  return runQuietly(executable, ['--version'], { env: { ...process.env, ...env } }).then(
    () => undefined,
    (error: unknown) => String(error).trim().split('\n').at(-1),
  );
}

async function provisionChromium(): Promise<BrowserProgram> {
  const directory = await provision(`chromium-${published.version}`, (empty) =>
    step(`Fetching a Chromium (${published.name} ${published.version})`, () => unpackChromium(empty)),
  );
  return {
    executable: path.join(directory, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [path.join(directory, 'lib'), process.env['LD_LIBRARY_PATH'] ?? '']
        .filter((entry) => entry !== '')
        .join(path.delimiter),
      FONTCONFIG_FILE: path.join(directory, 'fonts.conf'),
    },
  };
}

/** The machine's own fonts first, where it has any. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`;

async function unpackChromium(directory: string): Promise<void> {
  await unpack(published, 'bin', directory);
  for (const file of await readdir(directory)) {
    const packed = path.join(directory, file);
    const name = path.join(directory, path.basename(file, '.br'));
    await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(name));
    await rm(packed);
    if (!name.endsWith('.tar')) continue;
    await runQuietly('tar', ['-xf', path.basename(name)], { cwd: directory });
    await rm(name);
  }
  await chmod(path.join(directory, 'chromium'), 0o755);
  await writeFile(path.join(directory, 'fonts.conf'), fontsConf);
}
