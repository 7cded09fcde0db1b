// VS Code's server build, from the npm package that ships one. It needs no download outside the npm registry and no
// display: a browser shows its workbench, and its extension host is the one of the desktop's Remote windows.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runQuietly } from './command.ts';
import { step } from './progress.ts';
import { provision } from './provision.ts';

/** code-server's version. It carries VS Code 1.139.1. */
const version = '4.139.1';
const integrity =
  'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==';

/** The native parts that the server loads. The others belong to features that no test here uses (git, SSO, SSH). */
const nativeParts = ['@vscode/spdlog', '@vscode/native-watchdog', '@vscode/deviceid', '@vscode/fs-copyfile'];

export interface ServerBuild {
  readonly kind: 'server';
  /** The version of VS Code. */
  readonly version: string;
  /** The server's entry point, for the pinned Node. */
  readonly main: string;
}

export async function provisionServerBuild(): Promise<ServerBuild> {
  const directory = await provision(`vscode-server-${version}`, build);
  const { version: vscode } = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { kind: 'server', version: vscode, main: path.join(directory, 'out/server-main.js') };
}

async function build(directory: string): Promise<void> {
  await step(`Fetching VS Code's server build (code-server ${version})`, () => unpack(directory));
  await step('Installing its packages', () =>
    runQuietly('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
    }),
  );
  for (const part of nativeParts) {
    await step(`Compiling ${part}`, () => compile(path.join(directory, 'node_modules', part)));
  }
}

/** The package itself only: the wrapper that gives it its name, and all that the wrapper depends on, stay away. */
async function unpack(directory: string): Promise<void> {
  await runQuietly('npm', ['pack', `code-server@${version}`], { cwd: directory });
  const archive = path.join(directory, `code-server-${version}.tgz`);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found !== integrity) throw new Error(`code-server ${version} is not the one that was tried: ${found}`);
  await runQuietly('tar', ['-xzf', path.basename(archive), '--strip-components=3', 'package/lib/vscode'], {
    cwd: directory,
  });
  await rm(archive);
}

async function compile(directory: string): Promise<void> {
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const headers = nodeHeaders();
  const where = headers === undefined ? [] : [`--nodedir=${headers}`];
  await runQuietly(process.execPath, [nodeGyp, 'rebuild', ...where], { cwd: directory });
}

/**
 * Where a Node of this machine has its headers beside it, so that none need be downloaded. The parts use Node-API only,
 * so an older Node's headers serve.
 */
function nodeHeaders(): string | undefined {
  const { PATH = '' } = process.env;
  return PATH.split(path.delimiter)
    .filter((entry) => path.isAbsolute(entry))
    .map((entry) => path.dirname(entry))
    .find((prefix) => existsSync(path.join(prefix, 'include/node/node_api.h')));
}
