// Runs a program in a process group of its own, and ends the whole group when the program ends or whoever started it is
// gone, in whatever way. VS Code's server, ended alone, leaves extension hosts behind: they wait for their window.
//   fork(leash, [PROGRAM, ...ARGUMENTS], { detached: true })
import { spawn, spawnSync } from 'node:child_process';

function endAll(): void {
  if (process.platform === 'win32') spawnSync('taskkill', ['/T', '/F', '/PID', String(process.pid)]);
  else process.kill(0, 'SIGKILL');
}

const [program = '', ...args] = process.argv.slice(2);
spawn(program, args, { stdio: 'inherit' }).once('exit', endAll);
process.once('disconnect', endAll);
