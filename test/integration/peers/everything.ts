import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import type { Peer } from './peer.ts';

const ENTRY = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');

/** How it says that it was asked for a stream, and where. */
const TRANSPORTS = {
  streamableHttp: { path: '/mcp', asked: 'Received MCP GET request' },
  /** HTTP+SSE, of 2024-11-05. */
  sse: { path: '/sse', asked: 'Client Connected' },
} as const;
type Transport = keyof typeof TRANSPORTS;

/** The reference server of the protocol's own project, as a process of its own. */
export async function startEverything(transport: Transport = 'streamableHttp'): Promise<Peer> {
  while (true) {
    const port = await freePort();
    const child = spawn(process.execPath, [ENTRY, transport], {
      // It has no option for a free port: it takes PORT. Its tool `get-env` tells the rest, so there is no rest.
      env: { PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    const exited = once(child, 'exit');
    const outcome = await started(child, port, transport);
    if (outcome === 'up') {
      return {
        name: transport === 'sse' ? 'server-everything, HTTP+SSE' : 'server-everything',
        url: `http://127.0.0.1:${port}${TRANSPORTS[transport].path}`,
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
function started(child: ChildProcess, port: number, transport: Transport): Promise<'up' | string> {
  const { path, asked } = TRANSPORTS[transport];
  return new Promise((resolve) => {
    let said = '';
    let isAsked = false;
    const hear = (bytes: Buffer) => {
      said += bytes;
      if (said.includes(asked)) resolve('up');
      if (isAsked || !/(listening|running) on port/.test(said)) return;
      isAsked = true;
      probe(port, path);
    };
    child.stderr?.on('data', hear);
    child.stdout?.on('data', hear);
    child.once('error', (error) => resolve(String(error)));
    child.once('close', () => resolve(said));
  });
}

function probe(port: number, path: string): void {
  const probing = request({ host: '127.0.0.1', port, path, agent: false });
  probing.on('response', (response) => response.destroy());
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
