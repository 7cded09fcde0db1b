import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';

const { Global } = vscode.ConfigurationTarget;

async function configure(servers: Record<string, unknown> | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('sluice').update('servers', servers, Global);
}

describe('servers of the settings', () => {
  let api: SluiceApi;
  let url: string;

  beforeEach(async () => {
    const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
    assert(extension !== undefined);
    api = await extension.activate();
    ({ url } = await vscode.commands.executeCommand<{ url: string }>('sluice.startDemoServer'));
  });

  afterEach(async () => {
    await configure(undefined);
    await vscode.commands.executeCommand('sluice.stopDemoServer');
  });

  /** A call of `slow` that has begun: its first progress is here. In a list, as `await` would wait for its end. */
  async function slowCall(server: string): Promise<ReturnType<SluiceApi['call']>[]> {
    let call: ReturnType<SluiceApi['call']> | undefined;
    await new Promise<void>((resolve, reject) => {
      call = api.call(server, 'slow', { steps: 2, seconds: 0.4 }, { onProgress: () => resolve() });
      call.catch(reject);
    });
    assert(call !== undefined);
    return [call];
  }

  it('are callable as soon as settings name them, and unknown when they name them no more', async () => {
    await configure({ mine: { url } });
    const { result } = await api.call('mine', 'say_hello', { name: 'Ada' });
    assert.equal(result.content[0]?.['text'], 'Hello, Ada!');
    await configure({});
    await assert.rejects(api.call('mine', 'say_hello'), { code: 'server-unknown' });
  });

  it('finish the calls in flight when their own entry changes, and when it goes', async () => {
    await configure({ mine: { url }, other: { url } });
    const [changed, removed] = [...(await slowCall('mine')), ...(await slowCall('other'))];
    await configure({ mine: { url, requestTimeout: 5000 } });
    assert.equal((await changed)?.result.isError ?? false, false);
    assert.equal((await removed)?.result.isError ?? false, false);
  });

  it('keep their connection when only another entry changes', async () => {
    await configure({ mine: { url } });
    await (await api.call('mine', 'say_hello')).drained;
    await configure({ mine: { url }, other: { url: 'http://127.0.0.1:1/mcp' } });
    const { wire } = await api.call('mine', 'say_hello');
    assert.equal(wire.origin, 'reused');
  });

  it('are refused where they are disabled, or have an error, or lack an input: each with its own code', async () => {
    await configure({
      off: { url, enabled: false },
      broken: { url: 'nonsense' },
      secret: { url, headers: { Authorization: 'Bearer ${input:token}' } },
    });
    await assert.rejects(api.call('off', 'say_hello'), { code: 'server-disabled' });
    await assert.rejects(api.call('broken', 'say_hello'), { code: 'config-invalid' });
    await assert.rejects(api.call('secret', 'say_hello'), { code: 'input-missing' });
    assert.deepEqual(
      api
        .servers()
        .map(({ name, state }) => `${name} ${state}`)
        .sort(),
      ['broken broken', 'demo unused', 'secret unused'],
    );
  });

  it('named demo win over the embedded one, which takes another name', async () => {
    await vscode.commands.executeCommand('sluice.stopDemoServer');
    await configure({ demo: { url: 'http://127.0.0.1:1/mcp' } });
    const { name } = await vscode.commands.executeCommand<{ name: string }>('sluice.startDemoServer');
    assert.equal(name, 'embedded-demo');
    await assert.rejects(api.call('demo', 'say_hello'), { code: 'connect-refused' });
    await api.call('embedded-demo', 'say_hello');
  });
});
