// Makes a clone ready to build and test: installs the packages when node_modules is not what package-lock.json says.
// Runs on any Node from 20 on; everything after it runs on the pinned one.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pinnedNode, root, runPinned } from './host/pinnedNode.mjs';
import { missingPlatformPackages, requirePlatformPackages } from './host/platformPackages.mjs';

const heartbeat = 10_000;
const lockFile = 'package-lock.json';

/**
 * Runs a script under the pinned Node, once all is there. A failure to set up is told in its own words.
 * @param {string} script relative to the project
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function setUpAndRun(script, args) {
  try {
    await setUp();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  return runPinned(script, args);
}

async function setUp() {
  if (installed()) return;
  console.log('Installing the packages of package-lock.json ...');
  // All of them, whatever npm's settings or NODE_ENV would leave out.
  const all = ['--include=dev', '--include=optional', '--engine-strict=false'];
  await npm(['ci', ...all, '--no-audit', '--no-fund', '--loglevel=error']);
  if (!existsSync(pinnedNode)) {
    throw new Error(
      `npm installed no Node at ${pinnedNode}. Are install scripts switched off (ignore-scripts)?`,
    );
  }
  requirePlatformPackages(root, lockFile);
}

/** npm leaves a lock of its own in node_modules, as the last thing it does: it tells what was installed. */
function installed() {
  const wanted = lockedPackages(lockFile);
  const found = lockedPackages('node_modules/.package-lock.json');
  if (wanted === undefined || found === undefined || !existsSync(pinnedNode)) return false;
  for (const [name, { version, optional }] of wanted) {
    const there = found.get(name);
    if (there === undefined ? !optional : there.version !== version) return false;
  }
  const asWanted = [...found.keys()].every((name) => wanted.has(name) && existsSync(path.join(root, name)));
  return asWanted && missingPlatformPackages(root, lockFile).length === 0;
}

/** @param {string} file */
function lockedPackages(file) {
  const lock = path.join(root, file);
  if (!existsSync(lock)) return undefined;
  /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
  return new Map(Object.entries(packages).filter(([name]) => name !== ''));
}

/** @param {readonly string[]} args */
function npm(args) {
  // npm is a .cmd file on Windows, which only a shell can start.
  const child = spawn('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const start = Date.now();
  const alive = setInterval(() => {
    console.log(`still installing, ${Math.round((Date.now() - start) / 1000)} s`);
  }, heartbeat);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(alive);
      if (code === 0) resolve(undefined);
      else reject(new Error(`npm ${args.join(' ')} ended with ${code}`));
    });
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp();
  console.log('Ready.');
}
