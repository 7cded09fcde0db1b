import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import type { ShownCall } from '../../src/ui/history/shownCall.ts';
import { startLab } from '../lab/lab.ts';

const STRUCTURED = vscode.Uri.parse('sluice-arguments:/demo/structured.json');

/** Resolves with what `read` gives once it satisfies `fits`; asks again at each change of the diagnostics. */
async function diagnosticsThat(fits: (found: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  const found = vscode.languages.getDiagnostics(STRUCTURED);
  if (fits(found)) return found;
  return new Promise((resolve) => {
    const subscription = vscode.languages.onDidChangeDiagnostics(() => {
      const now = vscode.languages.getDiagnostics(STRUCTURED);
      if (!fits(now)) return;
      subscription.dispose();
      resolve(now);
    });
  });
}

async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert(await vscode.workspace.applyEdit(edit));
}

describe('arguments as a JSON document', () => {
  beforeEach(async () => {
    await vscode.extensions.getExtension<SluiceApi>('sluice.sluice')?.activate();
    await vscode.commands.executeCommand('sluice.startDemoServer');
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('sluice.stopDemoServer');
  });

  it('is completed from the input schema, without a network', async () => {
    const document = await vscode.workspace.openTextDocument(STRUCTURED);
    await vscode.window.showTextDocument(document);
    await replaceText(document, '{\n  "$schema": "./schema/structured.json",\n  \n}\n');
    await diagnosticsThat((found) => found.some(({ message }) => message.includes('city')));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      STRUCTURED,
      new vscode.Position(2, 2),
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const name of ['city', 'region', 'unit', 'days'])
      assert(labels.includes(name), `${name} of ${labels}`);
    assert(!labels.includes('$schema'));
  });

  it('is underlined where it breaks the input schema', async () => {
    const document = await vscode.workspace.openTextDocument(STRUCTURED);
    await vscode.window.showTextDocument(document);
    await replaceText(document, '{ "$schema": "./schema/structured.json", "city": 5 }');
    // VS Code's JSON server may still tell the problems of the text before.
    const underlined = (found: vscode.Diagnostic[]) => found.map(({ range }) => document.getText(range));
    const found = await diagnosticsThat((now) => underlined(now).includes('5'));
    assert.deepEqual(underlined(found), ['5']);
  });

  it('has the call above its first line, and is called without its tie to the schema', async () => {
    const document = await vscode.workspace.openTextDocument(STRUCTURED);
    await vscode.window.showTextDocument(document);
    await replaceText(document, '{ "$schema": "./schema/structured.json", "city": "Oslo" }');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      STRUCTURED,
    );
    const lens = lenses.find(({ command }) => command?.command === 'sluice.callFromDocument');
    assert.equal(lens?.command?.title, '$(play) Call structured on demo');
    const record = await vscode.commands.executeCommand<ShownCall | undefined>(
      'sluice.callFromDocument',
      ...(lens?.command?.arguments ?? []),
    );
    assert.deepEqual(record?.arguments, { city: 'Oslo' });
    assert(record?.end.kind === 'result' && record.end.result.isError !== true, JSON.stringify(record?.end));
    assert.equal(document.isDirty, false);
  });

  it('is asked about where another extension wrote it, and called after the word of the user only', async () => {
    const asked: string[] = [];
    let answer: string | undefined;
    const real = vscode.window.showWarningMessage;
    const stub = async (
      message: string,
      { detail }: vscode.MessageOptions,
      ...buttons: readonly string[]
    ) => {
      asked.push(`${message} ${detail}`);
      return buttons.find((button) => button === answer);
    };
    await using lab = await startLab();
    const { Global } = vscode.ConfigurationTarget;
    const settings = vscode.workspace.getConfiguration('sluice');
    await settings.update('servers', { lab: { url: lab.url } }, Global);
    Object.assign(vscode.window, { showWarningMessage: stub });
    try {
      // `add` does not say that it only reads.
      const uri = vscode.Uri.parse('sluice-arguments:/lab/add.json');
      const calls = () => lab.received.filter(({ message }) => message?.method === 'tools/call').length;
      const call = () =>
        vscode.commands.executeCommand<ShownCall | undefined>('sluice.callFromDocument', uri);
      const edit = new vscode.WorkspaceEdit();
      edit.createFile(uri, { overwrite: true, contents: Buffer.from('{ "a": 1, "b": 2 }') });
      assert(await vscode.workspace.applyEdit(edit));
      assert.equal(await call(), undefined);
      assert.equal(calls(), 0);
      assert.match(asked[0] ?? '', /^Call add of the server lab\? The text of this document was not written/);
      answer = 'Call';
      assert.deepEqual((await call())?.arguments, { a: 1, b: 2 });
      // The same once more is what the user has said yes to; what is changed behind their back is not.
      await call();
      assert.deepEqual([calls(), asked.length], [2, 2]);
      const document = await vscode.workspace.openTextDocument(uri);
      await replaceText(document, '{ "a": 3, "b": 4 }');
      await call();
      assert.deepEqual([calls(), asked.length], [3, 3]);
      // In an editor it is the user who writes.
      await vscode.window.showTextDocument(document);
      await replaceText(document, '{ "a": 5, "b": 6 }');
      assert.deepEqual((await call())?.arguments, { a: 5, b: 6 });
      assert.deepEqual([calls(), asked.length], [4, 3]);
    } finally {
      Object.assign(vscode.window, { showWarningMessage: real });
      await settings.update('servers', undefined, Global);
    }
  });
});
