import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { formatProblem } from '../../src/core/config/configProblem.ts';
import { isSluiceError, type SluiceError } from '../../src/core/errors.ts';
import { Settings, type SettingsSnapshot } from '../../src/ui/servers/settings.ts';
import { Inputs } from '../../src/ui/settings/inputs.ts';
import type { BoxOptions } from '../../src/ui/surfaces/window.ts';
import { memento } from './memento.ts';
import { secretStorage } from './secretStorage.ts';

const { Global, Workspace } = vscode.ConfigurationTarget;
const URL = 'http://localhost:3000/mcp';

function settingsFile(): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert(folder !== undefined);
  return vscode.Uri.joinPath(folder.uri, '.vscode', 'settings.json');
}

/** Writes the workspace's settings.json as another program would, and not through VS Code's configuration. */
async function write(text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(settingsFile(), new TextEncoder().encode(text));
}

async function update(key: string, value: unknown, target: vscode.ConfigurationTarget): Promise<void> {
  await vscode.workspace.getConfiguration('sluice').update(key, value, target);
}

/** Resolves at the first event after which `holds` does. */
function until<T>(event: vscode.Event<T>, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      subscription.dispose();
      resolve();
    };
    const subscription = event(check);
    check();
  });
}

/** What Sluice underlines in a file: the text, and the message. */
async function squiggles(uri: vscode.Uri): Promise<[string, string][]> {
  const lines = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).split('\n');
  return ours(uri).map(({ range, message }) => {
    assert.equal(range.start.line, range.end.line);
    const line = lines[range.start.line] ?? '';
    return [line.slice(range.start.character, range.end.character), message];
  });
}

function ours(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Sluice');
}

/** Waits until Sluice underlines that many places in the file. */
function squiggleCount(uri: vscode.Uri, count: number): Promise<void> {
  return until(vscode.languages.onDidChangeDiagnostics, () => ours(uri).length === count);
}

describe('settings', () => {
  let settings: Settings;

  before(async () => {
    await vscode.extensions.getExtension('sluice.sluice')?.activate();
  });

  beforeEach(() => {
    settings = new Settings({ secrets: secretStorage(), globalState: memento() });
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await update('servers', undefined, Global);
    await update('servers', undefined, Workspace);
    await update('pool.maxConnections', undefined, Workspace);
    settings.dispose();
    await squiggleCount(settingsFile(), 0);
  });

  /** Waits for the snapshot that a change leads to. */
  async function snapshot(holds: (snapshot: SettingsSnapshot) => boolean): Promise<SettingsSnapshot> {
    await until(settings.onDidChange, () => holds(settings.current));
    return settings.current;
  }

  const names = ({ servers }: SettingsSnapshot) => servers.map(({ name }) => name);
  const messages = ({ problems }: SettingsSnapshot) => problems.map(formatProblem);

  it('take effect when settings.json is written, without a reload', async () => {
    const before = settings.current.generation;
    await write(`{ "sluice.servers": { "docs": { "url": "${URL}" } } }`);
    const { servers, generation } = await snapshot(({ servers }) => servers.length > 0);
    assert.deepEqual([servers[0]?.name, servers[0]?.url], ['docs', URL]);
    assert(generation > before);
  });

  it('take effect once per change', async () => {
    let changes = 0;
    const subscription = settings.onDidChange(() => changes++);
    await update('servers', { docs: { url: URL } }, Workspace);
    await snapshot((now) => names(now).includes('docs'));
    subscription.dispose();
    assert.equal(changes, 1);
  });

  it('of the user and the workspace are merged by name, and never within an entry', async () => {
    const mine = { url: 'https://mine/mcp', headers: { Authorization: 'Bearer mine' } };
    await update('servers', { docs: mine, own: { url: URL } }, Global);
    await update('servers', { docs: { url: 'https://theirs/mcp' } }, Workspace);
    const { servers } = await snapshot((now) => now.servers.some(({ url }) => url === 'https://theirs/mcp'));
    assert.deepEqual(
      servers.map(({ name, url, headers }) => [name, url, headers]),
      [
        ['docs', 'https://theirs/mcp', {}],
        ['own', URL, {}],
      ],
    );
    // What VS Code's own merge makes of it, and why it is not used.
    const merged = vscode.workspace.getConfiguration('sluice').get<Record<string, object>>('servers');
    assert.deepEqual(merged?.['docs'], { ...mine, url: 'https://theirs/mcp' });
  });

  it('keep good servers in use beside a bad one, and drop what a bad edit replaced', async () => {
    await update('servers', { docs: { url: URL }, other: { url: URL } }, Workspace);
    await snapshot((now) => names(now).includes('docs'));
    await update('servers', { docs: { url: 'localhost:3000' }, other: { url: URL } }, Workspace);
    const now = await snapshot((now) => now.problems.length > 0);
    assert.deepEqual(names(now), ['other']);
    assert.deepEqual(messages(now), [
      'sluice.servers.docs.url: found "localhost:3000", without http:// or https://; write "http://localhost:3000/mcp"',
    ]);
  });

  it('of all servers apply to each, and a wrong one is told', async () => {
    await update('servers', { docs: { url: URL } }, Workspace);
    await update('pool.maxConnections', 3, Workspace);
    await snapshot(({ servers }) => servers[0]?.pool.maxConnections === 3);
    await update('pool.maxConnections', 0, Workspace);
    const now = await snapshot(({ problems }) => problems.length > 0);
    assert.equal(now.servers[0]?.pool.maxConnections, 16);
    assert.deepEqual(messages(now), [
      'sluice.pool.maxConnections: found 0; write a whole number of connections from 1 to 256; 16 is used until then',
    ]);
    await squiggleCount(settingsFile(), 1);
    assert.equal((await squiggles(settingsFile()))[0]?.[0], '"sluice.pool.maxConnections"');
  });

  it('underline the key of a problem in a file that is not open, and no longer once it is mended', async () => {
    await write(
      `{\n  // servers\n  "sluice.servers": { "docs": { "headers": { "Host": "h" }, "url": "${URL}", } },\n}`,
    );
    await squiggleCount(settingsFile(), 1);
    assert.deepEqual(await squiggles(settingsFile()), [
      [
        '"Host"',
        'sluice.servers.docs.headers.Host: cannot be set here; remove it: Sluice sets it from the URL',
      ],
    ]);
    await write(`{ "sluice.servers": { "docs": { "url": "${URL}" } } }`);
    await squiggleCount(settingsFile(), 0);
  });

  it('underline the key of a problem in a file that is open', async () => {
    await write(`{ "sluice.servers": { "docs": { "url": "${URL}" } } }`);
    const document = await vscode.workspace.openTextDocument(settingsFile());
    await vscode.window.showTextDocument(document);
    const edit = new vscode.WorkspaceEdit();
    const start = document.getText().indexOf(URL);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(start + URL.length));
    edit.replace(document.uri, range, 'ws://h');
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await squiggleCount(settingsFile(), 1);
    assert.equal((await squiggles(settingsFile()))[0]?.[0], '"url"');
  });

  it('of the user are underlined in their own file while that is open', async () => {
    await update('servers', { docs: { url: 'localhost:3000' } }, Global);
    await vscode.commands.executeCommand('workbench.action.openSettingsJson');
    const uri = vscode.window.activeTextEditor?.document.uri;
    assert(uri !== undefined);
    await squiggleCount(uri, 1);
    assert.equal((await squiggles(uri))[0]?.[0], '"url"');
    await update('servers', undefined, Global);
    await squiggleCount(uri, 0);
  });

  it('that name an environment variable which is not set leave the server out, and say so', async () => {
    await update('servers', { docs: { url: URL, headers: { X: '${env:SLUICE_NOT_SET}' } } }, Global);
    const now = await snapshot(({ problems }) => problems.length > 0);
    assert.deepEqual(names(now), []);
    assert.match(messages(now)[0] ?? '', /the environment variable SLUICE_NOT_SET is not set; set it where/);
  });

  describe('when a server is used', () => {
    /** Settings whose input box gives one answer after the other; undefined is a box that the user closes. */
    function answering(...answers: (string | undefined)[]) {
      const boxes: BoxOptions[] = [];
      const secrets = secretStorage();
      const inputs = new Inputs(secrets, async (options) => {
        boxes.push(options);
        return answers.shift();
      });
      settings.dispose();
      settings = new Settings({ secrets, globalState: memento() }, inputs, async () => 'allow');
      return boxes;
    }

    /** The one server that the user's settings have. */
    async function only(entry: object) {
      await update('servers', { docs: entry }, Global);
      const wanted = { headers: {}, tls: {}, enabled: true, ...entry };
      const { servers } = await snapshot(({ servers: [server] }) => {
        const { url, headers, tls, enabled } = server ?? {};
        return isDeepStrictEqual({ url, headers, tls, enabled }, wanted);
      });
      assert(servers[0] !== undefined);
      return servers[0];
    }

    async function failed(promise: Promise<unknown>): Promise<SluiceError> {
      const error = await promise.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert(isSluiceError(error), String(error));
      assert.equal(error.server, 'docs');
      return error;
    }

    /** The code of the error, and its message. */
    async function failure(promise: Promise<unknown>): Promise<[string, string]> {
      const { code, message } = await failed(promise);
      return [code, message];
    }

    const secured = { url: URL, headers: { Authorization: 'Bearer ${input:token}' } };

    it('its variables are replaced, from the folder that is open among others', async () => {
      const server = await only({
        url: 'https://h/mcp',
        tls: { ca: 'certs/ca.pem' },
        headers: { X: '${env:PATH}' },
      });
      const config = await settings.resolve(server);
      assert.equal(config.tls.ca, vscode.Uri.joinPath(settingsFile(), '../../certs/ca.pem').fsPath);
      assert.deepEqual(config.headers, { X: process.env['PATH'] });
    });

    it('an input is asked for once, in a password box that names the server and where it goes', async () => {
      const boxes = answering('t0ken');
      const server = await only(secured);
      const configs = await Promise.all([settings.resolve(server), settings.resolve(server)]);
      configs.push(await settings.resolve(server));
      for (const { headers, secrets } of configs) {
        assert.deepEqual([headers, secrets], [{ Authorization: 'Bearer t0ken' }, ['t0ken']]);
      }
      assert.equal(boxes.length, 1);
      assert.equal(boxes[0]?.password, true);
      assert.equal(boxes[0]?.title, 'Sluice: docs');
      assert.match(
        boxes[0]?.prompt ?? '',
        /^Value of \$\{input:token\}, to be sent in header Authorization to http:\/\/localhost:3000\/mcp\. It is kept/,
      );
    });

    it('an answer is not given to another origin under the same name', async () => {
      const boxes = answering('for-localhost', 'for-elsewhere');
      await settings.resolve(await only(secured));
      const { headers } = await settings.resolve(
        await only({ ...secured, url: 'http://elsewhere:3000/mcp' }),
      );
      assert.deepEqual(headers, { Authorization: 'Bearer for-elsewhere' });
      assert.equal(boxes.length, 2);
    });

    const tls = { url: 'https://localhost:3000/mcp', headers: secured.headers };
    for (const [what, before, after] of [
      ['another path', secured, { ...secured, url: 'http://localhost:3000/v2' }],
      ['another query', secured, { ...secured, url: `${URL}?to=elsewhere` }],
      ['another header', secured, { url: URL, headers: { 'X-Other': '${input:token}' } }],
      ['one more place', secured, { url: `${URL}?q=\${input:token}`, headers: secured.headers }],
      ['a certificate that is not checked', tls, { ...tls, tls: { rejectUnauthorized: false } }],
      ['other authorities', tls, { ...tls, tls: { ca: 'ca.pem' } }],
      ['another name in the certificate', tls, { ...tls, tls: { servername: 'other.example' } }],
    ] as const) {
      it(`an answer is not given to ${what}`, async () => {
        const boxes = answering('first', 'second');
        await settings.resolve(await only(before));
        await settings.resolve(await only(after));
        assert.equal(boxes.length, 2);
        await settings.resolve(await only(before));
        assert.equal(boxes.length, 2);
      });
    }

    it('an answer to the user’s own server is not given to a workspace’s of the same name and address', async () => {
      const boxes = answering('mine', 'theirs');
      const mine = await only(secured);
      await settings.resolve(mine);
      await update('servers', { docs: secured }, Workspace);
      const { servers } = await snapshot(({ workspace }) => workspace.has('docs'));
      assert(servers[0] !== undefined);
      const { headers } = await settings.resolve(servers[0]);
      assert.deepEqual(headers, { Authorization: 'Bearer theirs' });
      assert.equal(boxes.length, 2);
      assert.match(boxes[1]?.prompt ?? '', /in header Authorization to http:\/\/localhost:3000\/mcp/);
    });

    it('a closed box fails that call, and the next one asks again', async () => {
      answering(undefined, 't0ken');
      const server = await only(secured);
      assert.deepEqual(await failure(settings.resolve(server)), [
        'input-missing',
        'The value of ${input:token} was not entered',
      ]);
      assert.deepEqual((await settings.resolve(server)).headers, { Authorization: 'Bearer t0ken' });
    });

    it('nobody is asked in the background', async () => {
      const boxes = answering('t0ken');
      const server = await only(secured);
      assert.deepEqual(await failure(settings.resolve(server, { interactive: false })), [
        'input-missing',
        'The value of ${input:token} is not known yet',
      ]);
      assert.equal(boxes.length, 0);
      await settings.resolve(server);
      await settings.resolve(server, { interactive: false });
    });

    it('a forgotten answer is asked for again', async () => {
      const boxes = answering('old', 'new-one');
      const server = await only(secured);
      await settings.resolve(server);
      assert.equal(await settings.forgetInputs('another'), 0);
      assert.equal(await settings.forgetInputs('docs'), 1);
      assert.deepEqual((await settings.resolve(server)).headers, { Authorization: 'Bearer new-one' });
      assert.equal(await settings.forgetInputs(), 1);
      assert.equal(boxes.length, 2);
    });

    it('a disabled one is refused', async () => {
      const server = await only({ url: URL, enabled: false });
      assert.deepEqual(await failure(settings.resolve(server)), [
        'server-disabled',
        'The server docs is not enabled',
      ]);
    });

    it('an answer that no header can carry is refused, not shown, and asked for again', async () => {
      answering('hunter2\n', 't0ken');
      const server = await only(secured);
      const error = await failed(settings.resolve(server));
      assert.deepEqual(
        [error.code, error.message, error.hint],
        [
          'config-invalid',
          'sluice.servers.docs.headers.Authorization: found a line break or another control character in the value, once its variables are replaced',
          'Write the value on one line, without "\\n".',
        ],
      );
      assert.deepEqual((await settings.resolve(server)).headers, { Authorization: 'Bearer t0ken' });
    });
  });

  // Only a remote window has settings of the remote machine.
  if (vscode.env.remoteName !== undefined) {
    it('of the remote machine override those of the user by name', async () => {
      await update(
        'servers',
        { docs: { url: 'http://user/mcp', headers: { X: 'y' } }, own: { url: URL } },
        Global,
      );
      await vscode.commands.executeCommand('workbench.action.openSettingsJson');
      const user = vscode.window.activeTextEditor?.document.uri;
      assert(user !== undefined);
      const machine = vscode.Uri.joinPath(user, '../../Machine/settings.json');
      const text = '{ "sluice.servers": { "docs": { "url": "http://machine/mcp" } } }';
      await vscode.workspace.fs.writeFile(machine, new TextEncoder().encode(text));
      try {
        const { servers } = await snapshot((now) =>
          now.servers.some(({ url }) => url === 'http://machine/mcp'),
        );
        assert.deepEqual(
          servers.map(({ name, url, headers }) => [name, url, headers]),
          [
            ['docs', 'http://machine/mcp', {}],
            ['own', URL, {}],
          ],
        );
      } finally {
        await vscode.workspace.fs.writeFile(machine, new TextEncoder().encode('{}'));
        await snapshot((now) => now.servers.every(({ url }) => url !== 'http://machine/mcp'));
      }
    });
  }
});
