import { startDelayedLink } from './delayedLink.ts';
import { type Lab, startLab } from './lab.ts';
import type { Command, CommandReply, Commands } from './labProcess.ts';

let started: Lab | undefined;

function lab(): Lab {
  if (started === undefined) throw new Error('the lab has not been started');
  return started;
}

const commands: Commands = {
  start: async ({ oneWayMs, ...options }) => {
    // Nobody reads the requests here, and there may be many thousands of them.
    started = await startLab({ ...options, record: false });
    if (oneWayMs === undefined) return started.url;
    return (await startDelayedLink(started.url, { oneWayMs })).url;
  },
  counts: () => lab().counts,
  use: (...args) => lab().use(...args),
  release: () => lab().release(),
  disconnect: () => lab().disconnect(),
};

async function perform({ id, name, args }: Command): Promise<CommandReply> {
  const command = commands[name] as (...args: readonly unknown[]) => unknown;
  try {
    return { id, value: await command(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (command: Command) => {
  void perform(command).then((reply) => process.send?.(reply));
});
// The process that asked for the lab has closed it, or is gone.
process.once('disconnect', () => process.exit());
