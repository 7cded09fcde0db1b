import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import type { Peer } from './peer.ts';

const ENTRY = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');

/** The reference server of the protocol's own project, as a process of its own. */
export async function startEverything(): Promise<Peer> {
  while (true) {
    const port = await freePort();
    const child = spawn(process.execPath, [ENTRY, 'streamableHttp'], {
      // It has no option for a free port: it takes PORT. Its tool `get-env` tells the rest, so there is no rest.
      env: { PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const exited = once(child, 'exit');
    const outcome = await started(child, port);
    if (outcome === 'up') {
      return {
        name: 'server-everything',
        url: `http://127.0.0.1:${port}/mcp`,
        close: async () => {
          process.off('exit', kill);
          kill();
          await exited;
        },
      };
    }
    process.off('exit', kill);
    if (!outcome.includes('already in use')) throw new Error(`server-everything did not start: ${outcome}`);
  }
}

/**
 * Resolves with `up` when this very process answers on the port, or with what it said before it ended. That it
 * says "listening" proves nothing: it says so too where the port is taken. So it is asked, and has to log the question.
 */
function started(child: ChildProcess, port: number): Promise<'up' | string> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes;
      if (said.includes('listening on port')) probe(port);
    });
    child.stdout?.on('data', (bytes: Buffer) => {
      said += bytes;
      if (said.includes('Received MCP GET request')) resolve('up');
    });
    child.once('error', (error) => resolve(String(error)));
    child.once('close', () => resolve(said));
  });
}

function probe(port: number): void {
  const probing = request({ host: '127.0.0.1', port, path: '/mcp', agent: false });
  probing.on('response', (response) => response.resume());
  probing.on('error', () => {});
  probing.end();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
