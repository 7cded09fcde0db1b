import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundles, coreInOnePiece } from '../../scripts/bundles.ts';
import { runQuietly } from '../../scripts/host/command.ts';
import { root } from '../../scripts/host/paths.ts';
import type { Loads } from './plan.ts';
import type { LoadedBuild, LoadResult } from './results.ts';
import { ratioOf, summarize } from './statistics.ts';

/** Both builds take turns, and another one begins each time. */
export async function measureLoads({ scenario, times }: Loads): Promise<LoadResult> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-load-'));
  try {
    const onePiece = path.join(directory, 'onePiece.cjs');
    const built = path.join(directory, 'core.cjs');
    await Promise.all([
      build({ ...coreInOnePiece(), absWorkingDir: root, outfile: onePiece }),
      ...bundles({ production: true }).map((options) =>
        build({ ...options, absWorkingDir: root, outdir: directory }),
      ),
    ]);
    const before: number[] = [];
    const now: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const turns = [
        async () => before.push(await load('import', onePiece)),
        async () => now.push(await load('require', built)),
      ];
      for (const turn of time % 2 === 0 ? turns : turns.reverse()) await turn();
    }
    const rounds = (all: readonly number[]) => all.map((ms) => [ms]);
    return {
      scenario,
      times,
      onePiece: await loaded(onePiece, before),
      built: await loaded(built, now),
      ratio: ratioOf(rounds(now), rounds(before)),
    };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Milliseconds. */
async function load(how: 'import' | 'require', file: string): Promise<number> {
  const main = fileURLToPath(new URL('loadMain.ts', import.meta.url));
  return Number(await runQuietly(process.execPath, [main, how, file]));
}

async function loaded(file: string, all: readonly number[]): Promise<LoadedBuild> {
  return { bytes: (await stat(file)).size, latency: summarize(all) };
}
