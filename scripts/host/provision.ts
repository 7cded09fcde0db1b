import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { testCache } from './paths.ts';

const unfinishedMark = '.unfinished-';

/**
 * The directory `name` of the test cache, made by `build` when it is not there. It is built under another name and
 * renamed when it is whole, so that a half-built one is never taken for it.
 */
export async function provision(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const directory = path.join(testCache, name);
  if (existsSync(directory)) return directory;
  await mkdir(testCache, { recursive: true });
  await removeAbandoned(name);
  const unfinished = path.join(testCache, `${name}${unfinishedMark}${process.pid}`);
  await mkdir(unfinished);
  try {
    await build(unfinished);
    await rename(unfinished, directory).catch((error: unknown) => {
      // Another run has made the same thing in the meantime: either serves.
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}

/** What killed runs left behind. Nothing takes as long as this to build. */
async function removeAbandoned(name: string): Promise<void> {
  const oldest = Date.now() - 60 * 60_000;
  for (const entry of await readdir(testCache)) {
    const directory = path.join(testCache, entry);
    if (!entry.startsWith(`${name}${unfinishedMark}`) || (await stat(directory)).mtimeMs > oldest) continue;
    await rm(directory, { recursive: true, force: true });
  }
}
