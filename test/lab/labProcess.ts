import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LabOptions, On } from './lab.ts';
import type { Counts } from './ledger.ts';
import type { DescribedMode } from './modes.ts';

/** What a lab can be told from another process: data only, so no functions for modes and no tools of one's own. */
export interface LabProcessOptions extends Omit<LabOptions, 'mode' | 'tools' | 'record' | 'onAccept'> {
  readonly mode?: DescribedMode;
  /** Puts a delayed link of so many milliseconds each way in front of the lab; `url` leads over it. */
  readonly oneWayMs?: number;
}

/** A lab in a process of its own: a client that is measured does not share its event loop, its memory or its GC. */
export interface LabProcess {
  readonly url: string;
  readonly pid: number;
  counts(): Promise<Counts>;
  /** Resolves when the next request will be answered in the new way. */
  use(mode: DescribedMode, on?: On): Promise<void>;
  release(): Promise<void>;
  disconnect(): Promise<void>;
  /** Ends the process. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the lab's process is asked, and what it answers with. */
export interface Commands {
  start(options: LabProcessOptions): Promise<string>;
  counts(): Counts;
  use(mode: DescribedMode, on?: On): void;
  release(): void;
  disconnect(): void;
}

export interface Command {
  readonly id: number;
  readonly name: keyof Commands;
  readonly args: readonly unknown[];
}

export type CommandReply = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

const MAIN = fileURLToPath(new URL('./labProcessMain.ts', import.meta.url));

/** Starts a lab in a child process, which ends with `close()`, or with this process. */
export async function startLabProcess(options: LabProcessOptions = {}): Promise<LabProcess> {
  // `advanced`: counts hold a Map. No `execArgv`: the runner of the tests has flags of its own.
  const child = fork(MAIN, [], { serialization: 'advanced', execArgv: [] });
  const exited = once(child, 'exit');
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  child.on('message', (reply: CommandReply) => {
    if ('error' in reply) asked.get(reply.id)?.reject(new Error(reply.error));
    else asked.get(reply.id)?.resolve(reply.value);
    asked.delete(reply.id);
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`the lab's process ended: ${signal ?? code}`));
    asked.clear();
  });
  const ask = <Name extends keyof Commands>(name: Name, ...args: Parameters<Commands[Name]>) => {
    const answer = Promise.withResolvers<unknown>();
    if (!child.connected) return Promise.reject(new Error("the lab's process has ended"));
    count += 1;
    asked.set(count, answer);
    child.send({ id: count, name, args } satisfies Command);
    return answer.promise as Promise<Awaited<ReturnType<Commands[Name]>>>;
  };
  const close = async () => {
    // It ends by itself when nobody can ask it any more.
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const url = await ask('start', options);
    return {
      url,
      pid: child.pid ?? 0,
      counts: () => ask('counts'),
      use: (...args) => ask('use', ...args),
      release: () => ask('release'),
      disconnect: () => ask('disconnect'),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
