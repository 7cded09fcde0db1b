import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabProxy, startLabProxy } from '../lab/proxy.ts';

const { Global } = vscode.ConfigurationTarget;

/** One of VS Code's own settings; undefined takes it back. */
async function http(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('http').update(key, value, Global);
}

describe('the proxy of VS Code’s settings', () => {
  let api: SluiceApi;
  let lab: Lab;
  let proxy: LabProxy;
  /** Of a name that only the proxy can resolve. */
  let url: string;

  before(async () => {
    const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
    assert(extension !== undefined);
    api = await extension.activate();
  });

  beforeEach(async () => {
    lab = await startLab();
    proxy = await startLabProxy({
      hosts: { 'mcp.sluice.test': '127.0.0.1' },
      credentials: { username: 'ada', password: 'love lace' },
    });
    url = lab.url.replace('127.0.0.1', 'mcp.sluice.test');
    const servers = { far: { url }, near: { url: lab.url } };
    await vscode.workspace.getConfiguration('sluice').update('servers', servers, Global);
  });

  afterEach(async () => {
    for (const key of ['proxy', 'noProxy', 'proxySupport']) await http(key, undefined);
    await vscode.workspace.getConfiguration('sluice').update('servers', undefined, Global);
    await lab.close();
    await proxy.close();
  });

  const withCredentials = () => proxy.url.replace('http://', 'http://ada:love%20lace@');

  it('carries the call, and the one to this machine not', async () => {
    await http('proxy', withCredentials());
    await api.call('far', 'say_hello', {});
    assert.ok(proxy.counts.requests > 0);
    assert.deepEqual([proxy.counts.accepted, proxy.counts.unauthorized], [1, 0]);
    const { requests } = proxy.counts;
    await api.call('near', 'say_hello', {});
    assert.equal(proxy.counts.requests, requests);
    assert.equal(lab.counts.calls.get('say_hello'), 2);
  });

  it('taken back, or changed, touches only the server that it was for', async () => {
    await http('proxy', withCredentials());
    await api.call('far', 'say_hello', {});
    await api.call('near', 'say_hello', {});
    const { requests } = proxy.counts;
    const { accepted } = lab.counts;
    await http('proxy', undefined);
    await assert.rejects(api.call('far', 'say_hello', {}), /could not be resolved/);
    await api.call('near', 'say_hello', {});
    assert.deepEqual([proxy.counts.requests, lab.counts.accepted], [requests, accepted]);

    await http('proxy', withCredentials());
    await api.call('far', 'say_hello', {});
    assert.ok(proxy.counts.requests > requests);
  });

  it('is not used for a host of http.noProxy, nor with http.proxySupport off', async () => {
    await http('proxy', withCredentials());
    await http('noProxy', ['.sluice.test']);
    await assert.rejects(api.call('far', 'say_hello', {}), /could not be resolved/);
    await http('noProxy', undefined);
    await http('proxySupport', 'off');
    await assert.rejects(api.call('far', 'say_hello', {}), /could not be resolved/);
    assert.equal(proxy.counts.accepted, 0);
  });

  it('that refuses our credentials is named, with the setting', async () => {
    await http('proxy', proxy.url);
    await assert.rejects(
      api.call('far', 'say_hello', {}),
      (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'proxy-auth');
        assert.match(`${error.hint}`, /http\.proxy/);
        return true;
      },
    );
  });
});
