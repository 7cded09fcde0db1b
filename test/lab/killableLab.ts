import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A faulty lab in a process of its own, which is killed at will and started again at the same URL. */
export interface KillableLab {
  readonly url: string;
  /** SIGKILL, and another one in its place, which knows no session. */
  restart(): Promise<void>;
  /** The nonces that were run, each as often as it was. */
  runs(): readonly string[];
  close(): Promise<void>;
}

export interface KillableOptions {
  readonly port: number;
  readonly seed: number;
  /** Gets a line for each run before the tool answers, so that no kill loses one. */
  readonly log: string;
}

const MAIN = fileURLToPath(new URL('./killableLabMain.ts', import.meta.url));

export async function startKillableLab(log: string): Promise<KillableLab> {
  let seed = 1;
  let port = 0;
  const start = async () => {
    const child = fork(MAIN, [JSON.stringify({ port, seed: seed++, log } satisfies KillableOptions)], {
      execArgv: [],
    });
    const [url] = (await once(child, 'message')) as [string];
    port = Number(new URL(url).port);
    return { child, url };
  };
  const kill = async ({ child }: Awaited<ReturnType<typeof start>>) => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  let running = await start();
  return {
    url: running.url,
    restart: async () => {
      await kill(running);
      running = await start();
    },
    runs: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    close: () => kill(running),
  };
}
