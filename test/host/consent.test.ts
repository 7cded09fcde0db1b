import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { BenchmarkPlan } from '../../src/core/benchmark/benchmarkPlan.ts';
import { ServerManager } from '../../src/core/index.ts';
import type { SluiceApi } from '../../src/ui/api/api.ts';
import { argumentsPath } from '../../src/ui/arguments/argumentsUri.ts';
import type { ConsentAnswer } from '../../src/ui/consent/askConsent.ts';
import { consentDetail, consentSummary } from '../../src/ui/consent/consentText.ts';
import type { WorkspaceServer } from '../../src/ui/consent/workspaceServer.ts';
import { DemoServer } from '../../src/ui/servers/demoServer.ts';
import { readProxySettings, withTrust } from '../../src/ui/servers/proxySettings.ts';
import { Servers } from '../../src/ui/servers/servers.ts';
import { Settings } from '../../src/ui/servers/settings.ts';
import { Inputs } from '../../src/ui/settings/inputs.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { memento } from './memento.ts';
import { secretStorage } from './secretStorage.ts';

const { Global, Workspace } = vscode.ConfigurationTarget;
const ONCE: BenchmarkPlan = {
  load: { kind: 'closed', concurrency: 1, gap: 0 },
  extent: { kind: 'calls', calls: 1 },
};
const STEAL = { 'X-Steal': '${env:PATH}' };

async function update(servers: object | undefined, target: vscode.ConfigurationTarget): Promise<void> {
  await vscode.workspace.getConfiguration('sluice').update('servers', servers, target);
}

function run<T = unknown>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(`sluice.${command}`, ...args);
}

/** The code with which it fails; `ok` where it does not. */
function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'ok',
    (error: { code?: unknown }) => error.code ?? error,
  );
}

describe('a server of the workspace', () => {
  let theirs: Lab;
  let mine: Lab;

  beforeEach(async () => {
    theirs = await startLab();
    mine = await startLab();
  });

  afterEach(async () => {
    await update(undefined, Workspace);
    await update(undefined, Global);
    await theirs.close();
    await mine.close();
  });

  describe('that was not allowed', () => {
    let api: SluiceApi;

    before(async () => {
      const extension = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
      assert(extension !== undefined);
      api = await extension.activate();
    });

    beforeEach(async () => {
      await update({ mine: { url: mine.url } }, Global);
      await update({ evil: { url: theirs.url, headers: STEAL } }, Workspace);
    });

    afterEach(async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    for (const command of ['callTool', 'benchmarkTool']) {
      it(`is not contacted when ${command} opens the list of tools`, async () => {
        const listed = run(command);
        // By then the list has asked every server that it asks at all.
        await mine.waitFor(({ received }) =>
          received.some(({ message }) => (message as { method?: string }).method === 'tools/list'),
        );
        await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
        await listed;
        assert.equal(theirs.counts.accepted, 0);
      });
    }

    it('is not contacted by another extension, which cannot allow it either', async () => {
      assert.equal(await outcome(api.call('evil', 'say_hello')), 'consent-missing');
      assert.equal(await outcome(api.call('evil', 'say_hello')), 'consent-missing');
      assert.equal(theirs.counts.accepted, 0);
    });

    it('is not contacted, nor asked about, by a document that names it and is only read', async () => {
      const uri = vscode.Uri.from({ scheme: 'sluice-arguments', path: argumentsPath('evil', 'say_hello') });
      const reading = vscode.workspace.openTextDocument(uri);
      await assert.rejects(Promise.resolve(reading), /not allowed yet/);
      await run('callFromDocument', uri);
      assert.equal(theirs.counts.accepted, 0);
    });

    // VS Code shows no modal message while it runs tests: nobody answers the question.
    const call = { server: 'evil', tool: 'say_hello', arguments: {} };
    for (const [command, given] of [
      ['connect', 'evil'],
      ['reconnect', 'evil'],
      ['callTool', call],
      ['callTool', { server: 'evil', tool: 'say_hello' }],
      ['benchmarkTool', { ...call, plan: ONCE }],
      ['diagnoseServer', { server: 'evil', probe: { kind: 'ping' }, duration: 'short' }],
    ] as const) {
      it(`is not contacted by ${command} ${JSON.stringify(given)}`, async () => {
        await run(command, given);
        assert.equal(theirs.counts.accepted, 0);
      });
    }
  });

  describe('once the user is asked', () => {
    const asked: WorkspaceServer[] = [];
    let answers: ConsentAnswer[] = [];
    let settings: Settings;
    let servers: Servers;
    let demo: DemoServer;

    beforeEach(() => {
      asked.length = 0;
      const secrets = secretStorage();
      settings = new Settings(
        { secrets, globalState: memento() },
        new Inputs(secrets, async () => 'answer'),
        async (server) => {
          asked.push(server);
          return answers.shift();
        },
      );
      demo = new DemoServer();
      servers = new Servers({
        settings,
        demo,
        open: async () =>
          new ServerManager({
            clientInfo: { name: 'test', version: '1' },
            callbacks: () => ({ traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} }),
          }),
      });
    });

    afterEach(async () => {
      await servers.close();
      await demo.close();
      settings.dispose();
    });

    const entryOf = (lab: Lab, more: object = {}) => ({ url: lab.url, headers: STEAL, ...more });

    /** Writes the workspace's entry of `docs`, and waits until it is read. */
    async function theirDocs(entry: { url: string; headers?: object; tls?: object }): Promise<void> {
      await update({ docs: entry }, Workspace);
      const wanted = { url: entry.url, headers: entry.headers ?? {}, tls: entry.tls ?? {} };
      await new Promise<void>((resolve) => {
        const check = () => {
          const { url, headers, tls } = settings.current.workspace.get('docs')?.settings ?? {};
          if (!isDeepStrictEqual({ url, headers, tls }, wanted)) return;
          subscription.dispose();
          resolve();
        };
        const subscription = settings.onDidChange(check);
        check();
      });
    }

    async function list(interactive: boolean): Promise<unknown> {
      const connection = await servers.connection('docs', { interactive });
      return connection.listTools();
    }

    it('connects after one consent, which is kept', async () => {
      await theirDocs(entryOf(theirs));
      assert.equal(await outcome(list(false)), 'consent-missing');
      assert.equal(theirs.counts.accepted, 0);
      answers = ['allow'];
      // Callers at the same time share one question.
      assert.deepEqual(await Promise.all([outcome(list(true)), outcome(list(true))]), ['ok', 'ok']);
      assert.equal(asked.length, 1);
      assert.equal(theirs.received[0]?.headers['x-steal'], process.env['PATH']);
      const { accepted } = theirs.counts;
      assert.equal(await outcome(list(false)), 'ok');
      assert.equal(theirs.counts.accepted, accepted);
      assert.equal(asked.length, 1);
    });

    it('stays alone where the question is left, and is asked about again', async () => {
      await theirDocs(entryOf(theirs));
      answers = [undefined, undefined];
      assert.equal(await outcome(list(true)), 'cancelled');
      assert.equal(await outcome(list(true)), 'cancelled');
      assert.equal(asked.length, 2);
      assert.equal(theirs.counts.accepted, 0);
    });

    for (const [what, change] of [
      ['its header', (lab: Lab) => ({ url: lab.url, headers: { 'X-Steal': '${env:HOME}' } })],
      ['its path', (lab: Lab) => entryOf(lab, { url: new URL('/other', lab.url).href })],
      ['its query', (lab: Lab) => entryOf(lab, { url: `${lab.url}?q=1` })],
      ['its host', () => entryOf(mine)],
      ['its certificate checking', (lab: Lab) => entryOf(lab, { tls: { rejectUnauthorized: false } })],
      ['its authorities', (lab: Lab) => entryOf(lab, { tls: { ca: 'ca.pem' } })],
    ] as const) {
      it(`is asked about anew when ${what} changes, and its connections are closed meanwhile`, async () => {
        await theirDocs(entryOf(theirs));
        answers = ['allow', undefined];
        assert.equal(await outcome(list(true)), 'ok');
        await theirDocs(change(theirs));
        assert.equal(await outcome(list(false)), 'consent-missing');
        await theirs.waitFor(({ counts }) => counts.open === 0);
        const { requests } = theirs.counts;
        assert.equal(await outcome(list(true)), 'cancelled');
        assert.equal(asked[1]?.consent.kind, 'changed');
        assert.deepEqual([theirs.counts.requests, mine.counts.accepted], [requests, 0]);
      });
    }

    it('takes the place of the user’s of that name, says so, and gives it back when it is refused', async () => {
      await update({ docs: { url: mine.url } }, Global);
      await theirDocs(entryOf(theirs));
      answers = ['refuse'];
      assert.equal(await outcome(list(true)), 'cancelled');
      const host = new URL(theirs.url).host;
      assert.equal(
        consentSummary(asked[0] as WorkspaceServer),
        `Sends PATH (environment) in header X-Steal to ${host}. Takes the place of the user's server docs.`,
      );
      // Nothing is sent to either before the next call, which is the user's own server's.
      assert.deepEqual([theirs.counts.accepted, mine.counts.accepted], [0, 0]);
      assert.equal(await outcome(list(false)), 'ok');
      assert.ok(mine.counts.accepted > 0);
      assert.equal(theirs.counts.accepted, 0);
      // Whatever its entry becomes: the user wants the other one.
      await update({ docs: { url: theirs.url } }, Workspace);
      const [refused] = servers.refused();
      assert(refused !== undefined);
      answers = ['allow'];
      assert.equal(await servers.askConsent(refused), true);
      assert.equal(await outcome(list(false)), 'ok');
      assert.ok(theirs.counts.accepted > 0);
    });

    it('is told whole: address, path, what is sent where, checking, files', async () => {
      await theirDocs({
        url: 'https://bücher.example/${input:tenant}/mcp?k=${env:PATH}',
        headers: { ...STEAL, 'X-Plain': '1' },
        tls: { rejectUnauthorized: false, ca: 'ca.pem' },
      });
      answers = [undefined];
      await outcome(list(true));
      const detail: string = consentDetail(asked[0] as WorkspaceServer);
      for (const part of [
        'https://xn--bcher-kva.example/${input:tenant}/mcp?k=${env:PATH}',
        'PATH (environment) in query parameter k and in header X-Steal',
        'tenant (you are asked) in the URL path',
        'Headers as they stand in the settings: X-Plain.',
        'Certificate checking is off',
        'Trusts the certificates in the file: ca.pem',
        '.vscode/settings.json',
      ])
        assert.ok(detail.includes(part), `${part}\nis not in\n${detail}`);
    });

    it('whose variables are not set is not judged before it is allowed: the environment is not read', async () => {
      await theirDocs({ url: theirs.url, headers: { X: '${env:SLUICE_NOT_SET}' } });
      assert.deepEqual(settings.current.problems, []);
      answers = ['allow'];
      assert.equal(await outcome(list(true)), 'config-invalid');
      assert.equal(settings.current.problems.length, 1);
    });

    it('that is disabled asks nothing', async () => {
      await theirDocs(entryOf(theirs, { enabled: false }));
      assert.equal(await outcome(list(true)), 'server-disabled');
      assert.equal(asked.length, 0);
    });

    it('waits again when consents are forgotten, and is disconnected', async () => {
      await theirDocs(entryOf(theirs));
      answers = ['allow'];
      await list(true);
      assert.equal(await settings.forgetConsents(), 1);
      await theirs.waitFor(({ counts }) => counts.open === 0);
      assert.equal(await outcome(list(false)), 'consent-missing');
    });

    it('is allowed where Sluice itself wrote what the user typed, for exactly that', async () => {
      await theirDocs({ url: theirs.url });
      const server = settings.current.workspace.get('docs');
      assert(server !== undefined);
      await settings.allow(server.settings, server.origin);
      assert.equal(await outcome(list(false)), 'ok');
      await theirDocs(entryOf(theirs));
      assert.equal(await outcome(list(false)), 'consent-missing');
    });
  });

  describe('cannot be reached another way by the workspace', () => {
    const file = () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert(folder !== undefined);
      return vscode.Uri.joinPath(folder.uri, '.vscode', 'settings.json');
    };
    const write = (value: object) =>
      vscode.workspace.fs.writeFile(file(), new TextEncoder().encode(JSON.stringify(value)));

    afterEach(() => write({}));

    const proxy = { proxy: 'http://evil.example:1', proxyStrictSSL: false, systemCertificates: false };
    const flat = Object.fromEntries(Object.entries(proxy).map(([key, of]) => [`http.${key}`, of]));
    for (const [how, value, mark] of [
      ['by flat keys', flat, 1234],
      ['by objects in one another', { http: proxy }, 1235],
    ] as const) {
      it(`its proxy and certificate settings have no effect: ${how}`, async () => {
        const before = readProxySettings();
        // One that a workspace may set tells that the file was read.
        await write({ ...value, 'sluice.requestTimeout': mark });
        await new Promise<void>((resolve) => {
          const check = () => {
            if (vscode.workspace.getConfiguration('sluice').get('requestTimeout') !== mark) return;
            subscription.dispose();
            resolve();
          };
          const subscription = vscode.workspace.onDidChangeConfiguration(check);
          check();
        });
        assert.deepEqual(readProxySettings(), before);
        const config = { tls: {} } as Parameters<typeof withTrust>[0];
        assert.deepEqual(withTrust(config), config);
      });
    }
  });
});
