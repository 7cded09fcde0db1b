import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';

describe('what other extensions get', () => {
  let api: SluiceApi;

  beforeEach(async () => {
    const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
    assert(extension !== undefined);
    api = await extension.activate();
    await vscode.commands.executeCommand('sluice.startDemoServer');
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('sluice.stopDemoServer');
  });

  it('is a call that resolves with the answer, its timing, its connection and its drain', async () => {
    const outcome = await api.call('demo', 'say_hello', { name: 'Ada' });
    assert.deepEqual(outcome.result.content, [{ type: 'text', text: 'Hello, Ada!' }]);
    assert(outcome.timing.total > 0);
    assert.equal(outcome.wire.status, 200);
    assert(['reused', 'drained'].includes((await outcome.drained).outcome));
  });

  it('is an event for each call that settled, with how it ended', async () => {
    const ends: string[] = [];
    const subscription = api.onDidCall(({ tool, end }) => ends.push(`${tool} ${end.kind}`));
    await api.call('demo', 'add', { a: 1, b: 2 });
    await assert.rejects(api.call('demo', 'no_such_tool'));
    subscription.dispose();
    assert.deepEqual(ends, ['add result', 'no_such_tool error']);
  });

  it('is a failure with a code, for a server that nobody configured', async () => {
    await assert.rejects(api.call('nobody', 'x'), { name: 'SluiceError', code: 'server-unknown' });
  });

  it('is a call that its caller can cancel', async () => {
    const controller = new AbortController();
    const call = api.call(
      'demo',
      'slow',
      {},
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await assert.rejects(call, { code: 'cancelled' });
  });
});
