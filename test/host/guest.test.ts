import assert from 'node:assert/strict';
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import * as vscode from 'vscode';
import { DEFAULT_DRAIN, DEFAULT_POOL } from '../../src/core/config/serverConfig.ts';
import type * as Core from '../../src/core/index.ts';
import type * as Demo from '../../src/demo/index.ts';

const shared = {
  globalThis,
  http,
  https,
  net,
  tls,
  dns,
  'http.Agent': http.Agent.prototype,
  'net.Socket': net.Socket.prototype,
};

const ZOD: ReadonlySet<string> = new Set([
  'globalThis.__zod_globalConfig',
  'globalThis.__zod_globalRegistry',
]);

/** Every member of the objects that all extensions share, with what it is now. */
function members(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, object] of Object.entries(shared)) {
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key) ?? {};
      found.set(`${name}.${String(key)}`, value ?? get ?? set);
    }
  }
  return found;
}

/** A bundle of the extension, loaded anew: with its first lines run, whatever was loaded before. */
function loadAnew<T>(bundle: string): T {
  const extension = vscode.extensions.getExtension('sluice.sluice');
  assert(extension !== undefined);
  const require = createRequire(path.join(extension.extensionPath, 'dist/'));
  const file = require.resolve(`./${bundle}`);
  delete require.cache[file];
  return require(file) as T;
}

describe('a guest among other extensions', () => {
  it('leaves every global as it was, when its core and its demo are loaded and a tool is called', async () => {
    const before = members();
    const { startDemoServer } = loadAnew<typeof Demo>('demo.cjs');
    const { ServerConnection } = loadAnew<typeof Core>('core.cjs');
    const demo = await startDemoServer();
    const connection = new ServerConnection({
      config: {
        name: 'demo',
        url: demo.url,
        headers: {},
        protocol: 'auto',
        requestTimeout: 10_000,
        pool: DEFAULT_POOL,
        drain: DEFAULT_DRAIN,
        http2: 'auto',
        tls: {},
        secrets: [],
      },
      callbacks: { traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} },
    });
    await connection.callTool('say_hello', {});
    await connection.close();
    await demo.close();
    const after = members();
    // The demo's SDK brings zod, whose copies find each other by names of their own.
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (key) => !Object.is(before.get(key), after.get(key)),
    );
    assert.deepEqual(
      changed.filter((key) => !ZOD.has(key)),
      [],
    );
  });
});
