import assert from 'node:assert/strict';
import dns from 'node:dns';
import { readdirSync } from 'node:fs';
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

/** The extension's own bundles. */
function inDist(): { require: NodeJS.Require; files: readonly string[] } {
  const extension = vscode.extensions.getExtension('sluice.sluice');
  assert(extension !== undefined);
  const dist = path.join(extension.extensionPath, 'dist/');
  const names = readdirSync(dist).filter((name) => name.endsWith('.cjs'));
  return { require: createRequire(dist), files: names.map((name) => path.join(dist, name)) };
}

describe('a guest among other extensions', () => {
  const { require, files } = inDist();
  let loaded: readonly (readonly [string, NodeJS.Module | undefined])[] = [];

  /** They are loaded anew, with their first lines run, whatever was loaded before; the extension goes on with its own. */
  beforeEach(() => {
    loaded = files.map((file) => [file, require.cache[file]]);
    for (const file of files) delete require.cache[file];
  });

  afterEach(() => {
    for (const [file, module] of loaded) {
      if (module === undefined) delete require.cache[file];
      else require.cache[file] = module;
    }
  });

  it('leaves every global as it was, when its core and its demo are loaded and a tool is called', async () => {
    const before = members();
    const { startDemoServer } = require('./demo.cjs') as typeof Demo;
    const { McpServer } = require('./core.cjs') as typeof Core;
    const demo = await startDemoServer();
    const connection = new McpServer({
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
