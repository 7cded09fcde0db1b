import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from './command.ts';

/** One version of a package in the npm registry. */
export interface Published {
  readonly name: string;
  readonly version: string;
  /** Of its archive, as package-lock.json has it. */
  readonly integrity: string;
}

/**
 * Lays what a package has in `folder` into `directory`, once its archive is the one that was tried. The package itself only:
 * what it depends on stays away, and none of its scripts runs.
 */
export async function unpack(published: Published, folder: string, directory: string): Promise<void> {
  const { name, version, integrity } = published;
  await runQuietly('npm', ['pack', `${name}@${version}`], { cwd: directory });
  const archive = path.join(directory, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} ${version} is not the one that was tried: ${found}`);
  const inArchive = path.posix.join('package', folder);
  const strip = `--strip-components=${inArchive.split('/').length}`;
  await runQuietly('tar', ['-xzf', path.basename(archive), strip, inArchive], { cwd: directory });
  await rm(archive);
}
