import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiCall, SluiceApi } from '../../src/ui/api/api.ts';

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

  it('is an event for each drain, with the call that it is of, its requests and who asked for it', async () => {
    const calls: ApiCall[] = [];
    const drained: ApiCall[] = [];
    const subscriptions = [
      api.onDidCall((call) => calls.push(call)),
      api.onDidDrain((call) => drained.push(call)),
    ];
    const outcome = await api.call('demo', 'add', { a: 1, b: 2 }, { extension: { id: 'some.extension' } });
    await assert.rejects(api.call('demo', 'no_such_tool'));
    const drain = await outcome.drained;
    await vscode.commands.executeCommand('sluice.callTool', {
      server: 'demo',
      tool: 'say_hello',
      arguments: {},
    });
    for (let n = 0; n < 100 && drained.length < 2; n++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const subscription of subscriptions) subscription.dispose();
    const [byExtension, failed, byUser] = calls;
    assert.deepEqual(byExtension?.initiator, { kind: 'extension', id: 'some.extension' });
    assert.deepEqual(failed?.initiator, { kind: 'extension' });
    assert.deepEqual(byUser?.initiator, { kind: 'user' });
    assert.equal(byExtension.id, outcome.id);
    assert.deepEqual(byExtension.requests, outcome.requests);
    assert.equal(outcome.requests.length, 1);
    assert(byExtension.end.kind === 'result');
    assert.deepEqual(byExtension.end.wire, outcome.wire);
    assert.deepEqual(
      drained.map(({ id, tool }) => [id, tool]),
      [
        [outcome.id, 'add'],
        [byUser?.id, 'say_hello'],
      ],
    );
    assert(drained[0]?.end.kind === 'result');
    assert.deepEqual(drained[0].end.drain, drain);
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
