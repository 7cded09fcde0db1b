// Many packages bring their program as one optional package for each platform, of which npm installs those that suit the machine.
// But one that it cannot fetch, or takes for unfit, it leaves out without a word: optional is, to npm, what one can do without.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} Machine
 * @property {string} os as `process.platform`
 * @property {string} cpu as `process.arch`
 * @property {string | undefined} libc `glibc` or `musl`, on Linux only
 */

/**
 * What a lock file, or its own manifest, says of a package. A list names what it runs on, or with a `!` what it does not run on.
 * @typedef {object} Listed
 * @property {string} [version]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/**
 * The installed packages that have a package for this machine and did not get it.
 * @param {string} directory where their node_modules is
 * @param {string} lockFile what npm installed them from, in `directory`
 * @param {Machine} machine
 * @returns {readonly string[]} what is missing, as `@esbuild/linux-x64 0.28.2 of esbuild`
 */
export function missingPlatformPackages(directory, lockFile, machine = thisMachine()) {
  /** @type {{ packages: Record<string, Listed> }} */
  const { packages } = readJson(path.join(directory, lockFile));
  /** @param {string} place */
  const installed = (place) => existsSync(path.join(directory, place, 'package.json'));
  /** @param {string} place */
  const serves = (place) =>
    // A lock file may not tell glibc from musl; the package's own manifest does.
    installed(place) && suits(readJson(path.join(directory, place, 'package.json')), machine);

  const missing = [];
  for (const [place, { optionalDependencies = {} }] of Object.entries(packages)) {
    if (!installed(place)) continue;
    const meant = Object.keys(optionalDependencies)
      .map((name) => resolve(packages, place, name))
      .filter((found) => found !== undefined)
      .filter((found) => isForPlatforms(packages[found]) && suits(packages[found], machine));
    if (meant.length === 0 || meant.some(serves)) continue;
    const names = meant.map((found) => `${nameOf(found)} ${packages[found].version}`);
    missing.push(`${names.join(' or ')} of ${nameOf(place)}`);
  }
  return missing;
}

/**
 * @param {string} directory
 * @param {string} lockFile
 * @throws in one line, where a package lacks the one for this machine
 */
export function requirePlatformPackages(directory, lockFile) {
  const missing = missingPlatformPackages(directory, lockFile);
  if (missing.length === 0) return;
  throw new Error(`npm did not install ${missing.join(', ')}. Its log (npm config get logs-dir) says why.`);
}

/** @returns {Machine} */
function thisMachine() {
  const { platform, arch } = process;
  if (platform !== 'linux') return { os: platform, cpu: arch, libc: undefined };
  /** @type {{ header: { glibcVersionRuntime?: string } }} */
  const { header } = process.report.getReport();
  return { os: platform, cpu: arch, libc: header.glibcVersionRuntime === undefined ? 'musl' : 'glibc' };
}

/** @param {Listed} listed */
function isForPlatforms({ os, cpu, libc }) {
  return os !== undefined || cpu !== undefined || libc !== undefined;
}

/** @param {Listed} listed @param {Machine} machine */
function suits({ os, cpu, libc }, machine) {
  return allows(os, machine.os) && allows(cpu, machine.cpu) && allows(libc, machine.libc);
}

/** @param {readonly string[] | undefined} list @param {string | undefined} value */
function allows(list, value) {
  if (list === undefined || list.length === 0 || value === undefined) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.includes('any') || list.every((entry) => entry.startsWith('!'));
}

/**
 * Where the package at `place` finds the package `name`: in its own node_modules, or in one further up.
 * @param {Record<string, Listed>} packages @param {string} place @param {string} name
 */
function resolve(packages, place, name) {
  for (let from = place; ; from = from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0))) {
    const candidate = path.posix.join(from, 'node_modules', name);
    if (packages[candidate] !== undefined) return candidate;
    if (from === '') return undefined;
  }
}

/** @param {string} place */
function nameOf(place) {
  return place.split('node_modules/').at(-1);
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
