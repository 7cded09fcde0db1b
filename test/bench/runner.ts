import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientName, Target } from './clients/benchClient.ts';
import type { Load, Turn } from './load.ts';
import type { Memory } from './memory.ts';

/** What a runner's process is asked. */
export interface Commands {
  /** Loads the client, connects it, lists the tools. */
  open(client: ClientName, target: Target): Promise<void>;
  perform(load: Load): Promise<Turn>;
  /** A new client each time: connects, lists, types for `typingMs`, calls. Milliseconds of each call. */
  firstCalls(client: ClientName, target: Target, times: number, typingMs: number): Promise<readonly number[]>;
  memory(): Memory;
  close(): Promise<void>;
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

/** One client in a process of its own: its garbage, its sockets and its memory are nobody else's. */
export interface Runner extends AsyncDisposable {
  ask<Name extends keyof Commands>(
    name: Name,
    ...args: Parameters<Commands[Name]>
  ): Promise<Awaited<ReturnType<Commands[Name]>>>;
}

const MAIN = fileURLToPath(new URL('./runnerMain.ts', import.meta.url));

/** @param caFile trusted by whatever uses the process's own TLS, as the official clients do through `fetch` */
export function startRunner(caFile: string | undefined): Runner {
  const env = { ...process.env, ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }) };
  const child = fork(MAIN, [], { env, serialization: 'advanced', execArgv: [] });
  const exited = once(child, 'exit');
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  child.on('message', (reply: CommandReply) => {
    if ('error' in reply) asked.get(reply.id)?.reject(new Error(reply.error));
    else asked.get(reply.id)?.resolve(reply.value);
    asked.delete(reply.id);
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`the runner ended: ${signal ?? code}`));
    asked.clear();
  });
  return {
    ask: (name, ...args) => {
      if (!child.connected) return Promise.reject(new Error('the runner has ended'));
      const answer = Promise.withResolvers<unknown>();
      count += 1;
      asked.set(count, answer);
      child.send({ id: count, name, args } satisfies Command);
      return answer.promise as ReturnType<Runner['ask']> as never;
    },
    [Symbol.asyncDispose]: async () => {
      // It ends by itself when nobody can ask it any more.
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
