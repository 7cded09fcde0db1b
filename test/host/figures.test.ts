import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import { startDemoProcess } from './demoProcess.ts';
import { note } from './note.ts';

async function sluice(): Promise<SluiceApi> {
  const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
  assert(extension !== undefined);
  return extension.activate();
}

function useServers(servers: Record<string, { url: string }> | undefined): Thenable<void> {
  const settings = vscode.workspace.getConfiguration('sluice');
  return settings.update('servers', servers, vscode.ConfigurationTarget.Global);
}

/** Milliseconds of each of `count` runs, in ascending order. */
async function time(count: number, run: () => PromiseLike<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b);
}

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

describe('figures', () => {
  let demo: Awaited<ReturnType<typeof startDemoProcess>>;
  before(async () => {
    demo = await startDemoProcess();
  });
  after(async () => {
    demo.end();
    await useServers(undefined);
  });

  it('a call takes at most a fifth of what vscode.lm.invokeTool takes for the same tool of the same server', async function () {
    this.timeout(90_000);
    const { call } = await sluice();
    await useServers({ demo: { url: demo.url } });
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert(folder !== undefined);
    const file = vscode.Uri.joinPath(folder.uri, '.vscode', 'mcp.json');
    const configuration = { servers: { sluicedemo: { type: 'http', url: demo.url } } };
    await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(configuration)));
    const name = await toolOfVsCode('say_hello');
    const own = () => call('demo', 'say_hello');
    const vsCode = () => vscode.lm.invokeTool(name, { input: {}, toolInvocationToken: undefined });
    // As many of each, until V8 has compiled both ways and the server's: what is compared are calls, and not first calls.
    await time(1_000, own);
    await time(1_000, vsCode);
    const ours: number[] = [];
    const theirs: number[] = [];
    // In turns, so that both meet the same moments of a noisy machine.
    for (let round = 0; round < 10; round++) {
      ours.push(...(await time(20, own)));
      theirs.push(...(await time(5, vsCode)));
    }
    const ratio = median(ours.sort((a, b) => a - b)) / median(theirs.sort((a, b) => a - b));
    note(
      this,
      `p50: Sluice ${median(ours).toFixed(2)} ms, invokeTool ${median(theirs).toFixed(2)} ms, ratio ${ratio.toFixed(3)}`,
    );
    assert(ratio <= 0.2, `ratio ${ratio}: ${median(ours)} against ${median(theirs)} ms`);
  });

  it('a healthy server is called as fast beside a dead and a silent one as alone', async function () {
    this.timeout(60_000);
    const { call } = await sluice();
    const sayHello = () => call('healthy', 'say_hello');
    const silent = await listen(createServer());
    const dead = await listen(createServer());
    dead.server.close();

    await useServers({ dead: { url: dead.url }, silent: { url: silent.url }, healthy: { url: demo.url } });
    await time(20, sayHello);
    const alone: number[] = [];
    const beside: number[] = [];
    const firsts: number[] = [];
    // In turns, so that both meet the same moments of a noisy machine.
    for (let round = 0; round < 10; round++) {
      alone.push(...(await time(40, sayHello)));
      const others = Promise.allSettled([call('dead', 'x'), call('silent', 'x')]);
      firsts.push(...(await time(1, sayHello)));
      beside.push(...(await time(40, sayHello)));
      await vscode.commands.executeCommand('sluice.disconnect', 'silent');
      await others;
    }
    silent.end();
    const p50 = (times: number[]) => median(times.sort((a, b) => a - b));
    note(
      this,
      `p50 alone ${p50(alone).toFixed(2)} ms, beside ${p50(beside).toFixed(2)} ms, the first one ${p50(firsts).toFixed(2)} ms`,
    );
    assert(p50(beside) < p50(alone) * 1.5, `${p50(beside)} against ${p50(alone)} ms`);
    assert(p50(firsts) < 100, `${p50(firsts)} ms`);
  });
});

/** The tool as VS Code's own MCP client names it, once it has found it. */
async function toolOfVsCode(tool: string): Promise<string> {
  for (;;) {
    await vscode.commands
      .executeCommand('workbench.mcp.startServer', '*', { autoTrustChanges: true, waitForLiveTools: true })
      .then(undefined, () => undefined);
    const found = vscode.lm.tools.find(({ name }) => name.startsWith('mcp_') && name.endsWith(tool));
    if (found !== undefined) return found.name;
    // It reads its configuration in its own time, and tells nobody when.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A server that takes connections and never says a word. */
async function listen(server: Server): Promise<{ server: Server; url: string; end(): void }> {
  const sockets = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { server, url: `http://127.0.0.1:${address.port}/mcp`, end };
}
