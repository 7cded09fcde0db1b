import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiCall, SluiceApi } from '../../src/ui/api/api.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabTool, text } from '../lab/tools.ts';

const { Global } = vscode.ConfigurationTarget;
/** Any extension that is there: what one says of itself is believed. */
const CALLER = 'vscode.json-language-features';

interface Asked {
  readonly message: string;
  readonly detail: string;
  readonly isModal: boolean;
  readonly buttons: readonly string[];
}

/** Answers the modal questions of Sluice with the button of this title, from now on; what was asked. */
function answerWith(title: string | undefined): { readonly asked: Asked[]; restore(): void } {
  const asked: Asked[] = [];
  const real = vscode.window.showWarningMessage;
  const stub = async (
    message: string,
    options: vscode.MessageOptions,
    ...buttons: readonly (string | vscode.MessageItem)[]
  ) => {
    const titles = buttons.map((button) => (typeof button === 'string' ? button : button.title));
    asked.push({ message, detail: options.detail ?? '', isModal: options.modal === true, buttons: titles });
    return buttons[titles.indexOf(title ?? '')];
  };
  Object.assign(vscode.window, { showWarningMessage: stub });
  return { asked, restore: () => Object.assign(vscode.window, { showWarningMessage: real }) };
}

describe('a call that the user did not ask for', () => {
  let api: SluiceApi;
  let lab: Lab;
  let runs: number;
  let extension: Pick<vscode.Extension<unknown>, 'id'>;
  let stubs: { restore(): void }[];

  /** Each test has a server of its own: what was answered to one is kept. */
  beforeEach(async () => {
    const sluice = vscode.extensions.getExtension<SluiceApi>('sluice.sluice');
    assert(sluice !== undefined);
    api = await sluice.activate();
    runs = 0;
    const wipe: LabTool = {
      definition: { name: 'wipe', inputSchema: { type: 'object' } },
      run: async () => {
        runs++;
        return text('wiped');
      },
    };
    lab = await startLab({ tools: [wipe] });
    await vscode.workspace.getConfiguration('sluice').update('servers', { lab: { url: lab.url } }, Global);
    const caller = vscode.extensions.getExtension(CALLER);
    assert(caller !== undefined, CALLER);
    extension = caller;
    stubs = [];
  });

  afterEach(async () => {
    for (const stub of stubs) stub.restore();
    await vscode.workspace.getConfiguration('sluice').update('servers', undefined, Global);
    await lab.close();
  });

  function answers(title: string | undefined): readonly Asked[] {
    const stub = answerWith(title);
    stubs.push(stub);
    return stub.asked;
  }

  it('is asked about once for an extension and a server, where its tool does not say that it only reads', async () => {
    const asked = answers('Allow');
    for (let n = 0; n < 3; n++) await api.call('lab', 'wipe', {}, { extension });
    assert.equal(runs, 3);
    assert.equal(asked.length, 1);
    assert.match(
      asked[0]?.message ?? '',
      /JSON.*\(vscode\.json-language-features\) wants to call tools of the server lab/,
    );
    assert.match(asked[0]?.detail ?? '', /wipe, which does not say that it only reads/);
    assert.equal(asked[0]?.isModal, true);
    assert.deepEqual(asked[0]?.buttons, ['Allow', 'Allow Once', 'Deny']);
  });

  it('is asked about again for another extension, and for another URL under the same name', async () => {
    const asked = answers('Allow');
    await api.call('lab', 'wipe', {}, { extension });
    await api.call('lab', 'wipe', {}, { extension: { id: 'vscode.git' } });
    await using other = await startLab({ tools: [...lab.tools.values()] });
    await vscode.workspace.getConfiguration('sluice').update('servers', { lab: { url: other.url } }, Global);
    await api.call('lab', 'wipe', {}, { extension });
    assert.equal(asked.length, 3);
  });

  it('is not asked about where its tool says that it only reads', async () => {
    const asked = answers('Deny');
    await using reading = await startLab();
    await vscode.workspace
      .getConfiguration('sluice')
      .update('servers', { lab: { url: reading.url } }, Global);
    await api.call('lab', 'say_hello', {}, { extension });
    assert.deepEqual(asked, []);
  });

  it('is never sent where the user denies it, and they are not asked again', async () => {
    const asked = answers('Deny');
    const ends: ApiCall['end'][] = [];
    const subscription = api.onDidCall(({ end }) => ends.push(end));
    for (let n = 0; n < 3; n++)
      await assert.rejects(api.call('lab', 'wipe', {}, { extension }), {
        name: 'SluiceError',
        code: 'not-allowed',
        delivery: 'not-sent',
      });
    subscription.dispose();
    assert.equal(runs, 0);
    assert.equal(asked.length, 1);
    assert.deepEqual(ends[0], { kind: 'error', code: 'not-allowed', phase: undefined, delivery: 'not-sent' });
  });

  it('is asked about each time that it was allowed once, one question at a time', async () => {
    const asked = answers('Allow Once');
    await Promise.all(Array.from({ length: 3 }, () => api.call('lab', 'wipe', {}, { extension })));
    assert.equal(asked.length, 3);
    assert.equal(runs, 3);
  });

  it('is asked about as that of another extension where its caller does not say which one it is', async () => {
    const asked = answers('Deny');
    await assert.rejects(api.call('lab', 'wipe'), { code: 'not-allowed' });
    await assert.rejects(api.call('lab', 'wipe', {}, { extension: { id: 'no.such' } }), {
      code: 'not-allowed',
    });
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.message ?? '', /^Another extension wants to call tools of the server lab/);
    assert.deepEqual(asked[0]?.buttons, ['Allow in This Window', 'Allow Once', 'Deny']);
  });

  it('ends at once where its caller cancels it while the user is asked', async () => {
    const abort = new AbortController();
    const real = vscode.window.showWarningMessage;
    stubs.push({ restore: () => Object.assign(vscode.window, { showWarningMessage: real }) });
    Object.assign(vscode.window, {
      showWarningMessage: () => {
        abort.abort();
        return new Promise(() => undefined);
      },
    });
    await assert.rejects(api.call('lab', 'wipe', {}, { extension, signal: abort.signal }), {
      code: 'cancelled',
    });
    assert.equal(runs, 0);
  });

  it('is asked about where a command brings the arguments, and made after the word of the user only', async () => {
    const given = { server: 'lab', tool: 'wipe', arguments: { all: true } };
    const asked = answers(undefined);
    assert.equal(await vscode.commands.executeCommand('sluice.callTool', given), undefined);
    assert.equal(
      await vscode.commands.executeCommand('sluice.callTool', { server: 'lab', tool: 'wipe' }),
      undefined,
    );
    assert.equal(runs, 0);
    assert.equal(asked.length, 2);
    assert.match(asked[0]?.message ?? '', /^Call wipe of the server lab\?$/);
    assert.match(asked[0]?.detail ?? '', /"all":\s*true/);
    for (const stub of stubs) stub.restore();
    answers('Call');
    await vscode.commands.executeCommand('sluice.callTool', given);
    assert.equal(runs, 1);
  });

  it('tells other extensions that it was made, and nothing of what was sent or came back', async () => {
    answers('Allow');
    const calls: ApiCall[] = [];
    const subscription = api.onDidCall((call) => calls.push(call));
    await api.call('lab', 'wipe', { secret: 'S3CRET' }, { extension });
    await assert.rejects(api.call('lab', 'nothing', { secret: 'S3CRET' }, { extension }));
    subscription.dispose();
    const [call, failed] = calls;
    assert.deepEqual(Object.keys(call ?? {}).sort(), [
      'end',
      'id',
      'initiator',
      'ms',
      'requests',
      'server',
      'time',
      'tool',
    ]);
    // The rest of the response may be read by then, and `drain` there as well.
    assert.deepEqual(
      Object.keys(call?.end ?? {})
        .filter((name) => name !== 'drain')
        .sort(),
      ['isError', 'kind', 'timing', 'wire'],
    );
    assert(call?.end.kind === 'result' && call.end.timing.total > 0);
    assert.deepEqual(Object.keys(failed?.end ?? {}).sort(), ['code', 'delivery', 'kind', 'phase']);
    const told = JSON.stringify(calls);
    for (const content of ['S3CRET', 'wiped', lab.url]) assert(!told.includes(content), content);
  });
});
