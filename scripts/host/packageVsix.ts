// Builds the extension for production and packs it: what a user installs, and nothing else.
import { existsSync, globSync } from 'node:fs';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noticesFile } from '../notices.ts';
import { runQuietly } from './command.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { root } from './paths.ts';
import { program, say, step } from './progress.ts';

/** Bytes. The bundles, an icon and some texts stay far below; a package bundled by accident does not. */
const sizeLimit = 2_000_000;

const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');

const documents = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', noticesFile];

export interface Vsix {
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
  /** What is in it, relative to the project. */
  readonly contents: readonly string[];
}

/** Where the package is, or will be. */
function vsixFile(): string {
  const { name, version } = readManifest();
  return path.join(root, `${name}-${version}.vsix`);
}

export async function packageVsix(): Promise<Vsix> {
  const manifest = readManifest();
  const file = vsixFile();
  await step('Building for production', () =>
    runQuietly(process.execPath, ['scripts/build.mjs', '--production'], { cwd: root }),
  );
  const contents = [...documents, ...globSync('dist/*.cjs', { cwd: root }), ...namedFiles(manifest)];
  await step('Packing', () => pack(contents, file, manifest));
  const { size: bytes } = await stat(file);
  if (bytes > sizeLimit) throw new Error(`The package has ${bytes} bytes; at most ${sizeLimit} are allowed.`);
  return { file, bytes, contents };
}

/**
 * From a directory that holds these files and nothing else. In the project, vsce would look at every file of it before it leaves
 * out nearly all: half a minute, where VS Codes to test in lie there.
 */
async function pack(contents: readonly string[], file: string, manifest: Manifest): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-package-'));
  try {
    for (const entry of contents) await cp(path.join(root, entry), path.join(directory, entry));
    await runQuietly(process.execPath, [vsce, ...packArguments(file, manifest)], { cwd: directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function packArguments(file: string, manifest: Manifest): string[] {
  // Everything is bundled, so no dependency is packed.
  const args = ['package', '--no-dependencies', '--out', file];
  // vsce makes relative links absolute with the repository's address: without one there is nothing to make them of.
  return manifest.repository === undefined
    ? [...args, '--allow-missing-repository', '--no-rewrite-relative-links']
    : args;
}

/** The files that package.json points at beside the bundles: an icon, a schema, a page of a walkthrough. */
function namedFiles({ icon, contributes }: Manifest): readonly string[] {
  return [...new Set(filesIn([icon, contributes]))];
}

function filesIn(part: unknown): readonly string[] {
  if (typeof part === 'string') {
    const file = path.posix.normalize(part);
    return file.includes('/') && existsSync(path.join(root, file)) ? [file] : [];
  }
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(filesIn) : [];
}

if (import.meta.main) {
  await program(async () => {
    const { file, bytes, contents } = await packageVsix();
    say(`${path.relative(root, file)}: ${(bytes / 1000).toFixed(0)} kB, ${contents.length} files`);
    for (const entry of contents) say(`  ${entry}`);
  });
}
