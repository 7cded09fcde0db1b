// Runs a script in a process group of its own, and ends the whole group when the script ends or whoever started it is
// gone, in whatever way. VS Code's server, ended alone, leaves extension hosts behind: they wait for their window.
//   fork(leash, [SCRIPT, ...ARGUMENTS], { detached: true })
import { spawn, spawnSync } from 'node:child_process';

function endAll(): void {
  if (process.platform === 'win32') spawnSync('taskkill', ['/T', '/F', '/PID', String(process.pid)]);
  else process.kill(0, 'SIGKILL');
}

spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' }).once('exit', endAll);
process.once('disconnect', endAll);
