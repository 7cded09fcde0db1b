// Builds the extension for production and packs it: what a user installs, and nothing else.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { noticesFile } from '../notices.ts';
import { runQuietly } from './command.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { root } from './paths.ts';
import { program, say, step } from './progress.ts';

/** Bytes. The bundles, an icon and some texts stay far below; a package bundled by accident does not. */
const sizeLimit = 2_000_000;

const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');

const documents = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', noticesFile];
const bundle = /^dist\/[^/]+\.cjs$/;

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
  const contents = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const named = namedFiles([manifest.main, manifest.icon, manifest.contributes]);
  const foreign = contents.filter(
    (file) => !documents.includes(file) && !bundle.test(file) && !named.includes(file),
  );
  if (foreign.length > 0) throw new Error(`The package would hold what does not run: ${foreign.join(', ')}`);
  const missing = [...documents, ...named].filter((file) => !contents.includes(file));
  if (missing.length > 0) throw new Error(`The package would lack ${missing.join(', ')}`);

  await step('Packing', () =>
    runQuietly(process.execPath, [vsce, ...packArguments(file, manifest)], { cwd: root }),
  );
  const { size: bytes } = await stat(file);
  if (bytes > sizeLimit) throw new Error(`The package has ${bytes} bytes; at most ${sizeLimit} are allowed.`);
  return { file, bytes, contents };
}

function packArguments(file: string, manifest: Manifest): string[] {
  // Everything is bundled, so no dependency is packed.
  const args = ['package', '--no-dependencies', '--out', file];
  // vsce makes relative links absolute with the repository's address: without one there is nothing to make them of.
  return manifest.repository === undefined
    ? [...args, '--allow-missing-repository', '--no-rewrite-relative-links']
    : args;
}

/** The files of the project that a part of package.json points at: an icon, a schema, a page of a walkthrough. */
function namedFiles(part: unknown): readonly string[] {
  if (typeof part === 'string') {
    const file = path.posix.normalize(part);
    return file.includes('/') && existsSync(path.join(root, file)) ? [file] : [];
  }
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(namedFiles) : [];
}

if (import.meta.main) {
  await program(async () => {
    const { file, bytes, contents } = await packageVsix();
    say(`${path.relative(root, file)}: ${(bytes / 1000).toFixed(0)} kB, ${contents.length} files`);
    for (const entry of contents) say(`  ${entry}`);
  });
}
