// The Node that the devDependency `node` pins. The machine's own may be too old for the tools and for VS Code's server.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const pinnedNode = path.join(
  root,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/**
 * Runs a script of this project under the pinned Node, at this terminal, with the project's own tools first in its PATH.
 * @param {string} script relative to the project
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export function runPinned(script, args) {
  const tools = path.join(root, 'node_modules/.bin');
  const child = spawn(pinnedNode, [path.join(root, script), ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${tools}${path.delimiter}${process.env.PATH ?? ''}` },
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child by itself, which then cleans up; this process only has to outlive it.
  const outlive = () => {};
  const forward = () => child.kill('SIGTERM');
  process.on('SIGINT', outlive);
  process.on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('SIGINT', outlive);
      process.off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}
