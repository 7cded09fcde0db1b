import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import type { ShownCall } from '../../src/ui/history/shownCall.ts';
import { type RawServer, startRawServer } from '../integration/core/rawServer.ts';
import { note } from './note.ts';

const { Global } = vscode.ConfigurationTarget;
/** A command that brings its arguments asks before a tool that does not say so. */
const READS = { tools: [{ name: 't', inputSchema: {}, annotations: { readOnlyHint: true } }] };
const CALL = { server: 'odd', tool: 't', arguments: {} };

function run<T = ShownCall | undefined>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(`sluice.${command}`, ...args);
}

const text = (said: string) => JSON.stringify({ type: 'text', text: said });
const openText = () => vscode.window.activeTextEditor?.document.getText() ?? '';

/** Resolves when the editor in front shows this: a document that is open already gets its new text a little later. */
async function untilOpen(expected: string): Promise<void> {
  const subscriptions: vscode.Disposable[] = [];
  try {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (openText() === expected) resolve();
      };
      subscriptions.push(
        vscode.workspace.onDidChangeTextDocument(look),
        vscode.window.onDidChangeActiveTextEditor(look),
      );
      look();
    });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

describe('the result of a call', () => {
  let server: RawServer;
  /** In bytes: the server runs in this process, and what it takes is not Sluice's. */
  let result = Buffer.from('{"content":[]}');

  beforeEach(async () => {
    await vscode.extensions.getExtension<SluiceApi>('sluice.sluice')?.activate();
    server = await startRawServer(({ message, response }) => {
      if (message.method !== 'tools/call') return false;
      response.setHeader('Content-Type', 'application/json');
      response.write(`{"jsonrpc":"2.0","id":${message.id},"result":`);
      response.write(result);
      response.end('}');
      return true;
    }, READS);
    await vscode.workspace
      .getConfiguration('sluice')
      .update('servers', { odd: { url: server.url, requestTimeout: 60_000 } }, Global);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.getConfiguration('sluice').update('servers', undefined, Global);
    await server[Symbol.asyncDispose]();
  });

  it('is opened with the numbers and the order that the server sent', async () => {
    result = Buffer.from(
      `{"content":[null,${text('{"id":9007199254740993}')}],"structuredContent":{"2":1.0,"1":9007199254740993}}`,
    );
    await run('callTool', CALL);
    await run('openResultAsJson');
    assert.equal(vscode.window.activeTextEditor?.document.uri.path.split('/').pop(), 't result.json');
    await untilOpen(
      `{\n  "content": [\n    null,\n    {\n      "type": "text",\n      "text": "{\\"id\\":9007199254740993}"\n    }\n  ],\n  "structuredContent": {\n    "2": 1.0,\n    "1": 9007199254740993\n  }\n}\n`,
    );
    await run('openResultPart', 1);
    await untilOpen('{\n  "id": 9007199254740993\n}');
    await run('openResultPart', 'structured');
    await untilOpen('{\n  "2": 1.0,\n  "1": 9007199254740993\n}\n');
    await run('openResultPart', 0);
    await untilOpen('null\n');
  });

  it('has no parts but its own, whatever a link names', async () => {
    result = Buffer.from(`{"content":[${text('only')}]}`);
    await run('callTool', CALL);
    await run('openResultPart', 0);
    await untilOpen('only');
    for (const part of [1, -1, 0.5, '0', 'length', '__proto__', null, { length: 1 }, 'structured']) {
      await run('openResultPart', part);
      assert.equal(await run('saveResultPart', part), undefined);
    }
    assert.equal(openText(), 'only');
  });

  it('lets its files be saved, those too that cannot be drawn', async () => {
    const bytes = Buffer.from('%PDF-1.7 and so on'.repeat(1_000));
    const blob = bytes.toString('base64').replace(/.{76}/g, '$&\\n');
    result = Buffer.from(
      `{"content":[{"type":"resource","resource":{"uri":"a:/b/report.pdf","mimeType":"application/pdf","blob":"${blob}"}}]}`,
    );
    await run('callTool', CALL);
    const target = vscode.Uri.joinPath(vscode.Uri.file(tmpdir()), `sluice-${process.pid}.pdf`);
    try {
      await run('saveResultPart', 0, target);
      assert.deepEqual(Buffer.from(await vscode.workspace.fs.readFile(target)), bytes);
    } finally {
      await vscode.workspace.fs.delete(target);
    }
  });

  const LOADS: readonly [name: string, make: () => string][] = [
    ['50 MB of text', () => `{"content":[${text('line\n'.repeat(10_000_000))}]}`],
    ['a deep value', () => `{"content":[],"structuredContent":${'['.repeat(500)}${']'.repeat(500)}}`],
    [
      'a picture of blanks',
      () => `{"content":[{"type":"image","mimeType":"image/png","data":"${' '.repeat(120_000)}!"}]}`,
    ],
    [
      'a hundred pictures',
      () =>
        `{"content":[${Array(100).fill(`{"type":"image","mimeType":"image/png","data":"${'A'.repeat(400_000)}"}`)}]}`,
    ],
  ];
  for (const [name, make] of LOADS)
    it(`is there for its caller and stops nobody for long: ${name}`, async function () {
      result = Buffer.from(make());
      // What others compute on this machine counts here: the figure is shown, and the bound is a wide one.
      let longest = 0;
      let last = performance.now();
      let timer = setImmediate(function tick() {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        timer = setImmediate(tick);
      });
      const record = await run('callTool', CALL);
      clearImmediate(timer);
      assert.equal(record?.end.kind, 'result');
      note(this, `longest stop of the extension host ${longest.toFixed(0)} ms`);
      assert(longest < 3_000, `${longest} ms`);
    });

  it('is opened as it came where it is large', async function () {
    result = Buffer.from(`{"content":[${text('line\n'.repeat(400_000))}]}`);
    await run('callTool', CALL);
    const before = performance.now();
    await run('openResultAsJson');
    note(this, `2.4 MB opened in ${(performance.now() - before).toFixed(0)} ms`);
    await untilOpen(result.toString());
    await run('openResultPart', 0);
    await untilOpen('line\n'.repeat(400_000));
  });
});
