// Progress of long steps, for a person who waits at a terminal or reads a log afterwards.

const heartbeat = 10_000;

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs `work` between a line that names it and a line that says how long it took; in between, signs of life. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const elapsed = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  say(`${title} ...`);
  const alive = setInterval(() => say(`${title}: still at it, ${elapsed()}`), heartbeat);
  try {
    const result = await work();
    say(`${title}: ${elapsed()}`);
    return result;
  } finally {
    clearInterval(alive);
  }
}

/** Runs a program's work. A failure is told in its own words, without the stack of the script that met it. */
export async function program(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
