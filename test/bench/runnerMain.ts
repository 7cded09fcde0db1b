import { setTimeout as after } from 'node:timers/promises';
import { type BenchClient, createClient } from './clients/benchClient.ts';
import { perform } from './load.ts';
import { memory } from './memory.ts';
import type { Command, CommandReply, Commands } from './runner.ts';

const FIRST_CALL_BYTES = 1024;

let opened: BenchClient | undefined;

function client(): BenchClient {
  if (opened === undefined) throw new Error('no client is open');
  return opened;
}

const commands: Commands = {
  open: async (name, target) => {
    opened = await createClient(name, target);
    await opened.connect();
  },
  perform: (load) => perform(client(), load),
  firstCalls: async (name, target, times, typingMs) => {
    const ms: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const one = await createClient(name, target);
      await one.connect();
      one.typing?.();
      await after(typingMs);
      const calledAt = performance.now();
      await one.call(FIRST_CALL_BYTES);
      ms.push(performance.now() - calledAt);
      await one.close();
    }
    return ms;
  },
  memory,
  close: () => client().close(),
};

async function answer({ id, name, args }: Command): Promise<CommandReply> {
  const command = commands[name] as (...args: readonly unknown[]) => unknown;
  try {
    return { id, value: await command(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (command: Command) => {
  void answer(command).then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit());
