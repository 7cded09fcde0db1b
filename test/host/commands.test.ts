import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import type { ShownCall, ToolCall } from '../../src/ui/history/shownCall.ts';

const HELLO: ToolCall = { server: 'demo', tool: 'say_hello', arguments: { name: 'Ada' } };

interface Demo {
  readonly name: string;
  readonly url: string;
}

async function activate(): Promise<SluiceApi> {
  const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
  assert(extension !== undefined);
  return extension.activate();
}

function run<T = ShownCall | undefined>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(`sluice.${command}`, ...args);
}

/** The text that a call was answered with. */
function textOf(record: ShownCall | undefined): unknown {
  assert(record?.end.kind === 'result', JSON.stringify(record));
  return record.end.result.content[0]?.['text'];
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Resolves when the tabs that show results are these: VS Code tells of its tabs a little later. */
async function resultTabs(expected: readonly string[]): Promise<void> {
  const labels = () =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(
        ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('sluice.result'),
      )
      .map(({ label }) => label);
  await new Promise<void>((resolve) => {
    const check = () => {
      if (!isDeepStrictEqual(labels(), expected)) return;
      subscription.dispose();
      resolve();
    };
    const subscription = vscode.window.tabGroups.onDidChangeTabs(check);
    check();
  });
}

describe('the commands', () => {
  let api: SluiceApi;
  let demo: Demo;

  beforeEach(async () => {
    api = await activate();
    demo = await run<Demo>('startDemoServer');
    assert.equal(demo.name, 'demo');
  });

  afterEach(async () => {
    await run('stopDemoServer');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await resultTabs([]);
  });

  it('call a tool of the demo, and show how it ended beside the editor', async () => {
    const record = await run('callTool', HELLO);
    assert.equal(textOf(record), 'Hello, Ada!');
    await resultTabs(['say_hello – demo']);
  });

  it('use the one panel again for the next result', async () => {
    await run('callTool', HELLO);
    await run('callTool', { server: 'demo', tool: 'add', arguments: { a: 1, b: 2 } });
    await resultTabs(['add – demo']);
  });

  it('repeat the last call with its arguments', async () => {
    await run('callTool', { ...HELLO, arguments: { name: 'Grace' } });
    const record = await run('repeatLastCall');
    assert.deepEqual(record?.arguments, { name: 'Grace' });
    assert.equal(textOf(record), 'Hello, Grace!');
  });

  it('copy the result that is shown, and open it as JSON', async () => {
    await run('callTool', HELLO);
    await run('copyResult');
    assert.equal(await vscode.env.clipboard.readText(), 'Hello, Ada!');
    await run('openResultAsJson');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'json');
    assert.equal(JSON.parse(document?.getText() ?? '').content[0].text, 'Hello, Ada!');
  });

  it('cancel the calls in flight, which end with a code of their own', async () => {
    const call = api.call('demo', 'slow', {}, { onProgress: () => run('cancelCalls') });
    await assert.rejects(call, (error) => codeOf(error) === 'cancelled');
  });

  it('connect, disconnect and reconnect a server, and say whether it worked', async () => {
    const state = () => api.servers().find(({ name }) => name === 'demo')?.state;
    assert.equal(state(), 'unused');
    assert.equal(await run('connect', 'demo'), true);
    assert.equal(state(), 'connected');
    await run('disconnect', 'demo');
    assert.equal(state(), 'disconnected');
    assert.equal(await run('reconnect', 'demo'), true);
    assert.equal(state(), 'connected');
    assert.equal(await run('connect', 'nobody'), false);
  });

  it('start the demo once, and end everything that belongs to it', async () => {
    assert.deepEqual(await run('startDemoServer'), demo);
    assert.equal(await isOpen(demo.url), true);
    await run('stopDemoServer');
    assert.equal(await isOpen(demo.url), false);
    assert.deepEqual(api.servers(), []);
    await assert.rejects(api.call('demo', 'say_hello'), (error) => codeOf(error) === 'server-unknown');
  });
});
