import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program and gives what it printed to its standard output. Nothing reaches the terminal unless it fails:
 * then all that it printed is in the error.
 */
export function runQuietly(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    // On Windows npm and its like are .cmd files, which only a shell can start.
    const shell = process.platform === 'win32' && (program === 'npm' || program.endsWith('.cmd'));
    const child = spawn(program, args, { ...options, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let everything = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      everything += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      everything += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${everything.trim()}`));
    });
  });
}
