import * as vscode from 'vscode';
import { type ApiCall, apiCall, type SluiceApi } from './ui/api/api.ts';
import { registerArgumentsFiles } from './ui/arguments/registerArgumentsFiles.ts';
import type { Commands } from './ui/commands.ts';
import { ContextKeys } from './ui/contextKeys.ts';
import { CallHistory } from './ui/history/callHistory.ts';
import { StatusBar } from './ui/latency/statusBar.ts';
import { ReadonlyDocuments } from './ui/pages/readonlyDocuments.ts';
import { registerCommands } from './ui/registerCommands.ts';
import { DemoServer } from './ui/servers/demoServer.ts';
import { Servers } from './ui/servers/servers.ts';
import { Settings } from './ui/servers/settings.ts';
import { SettingsProblems } from './ui/servers/settingsProblems.ts';

/** Ends what `activate` began, and says when it is done. */
let close: (() => Promise<unknown>) | undefined;

/** Builds what is there before a command is run. Nothing connects, and what commands need is loaded by the first of them. */
export function activate(context: vscode.ExtensionContext): SluiceApi {
  const settings = new Settings(context);
  const demo = new DemoServer();
  const servers = new Servers({
    settings,
    demo,
    open: async (report) => (await load()).openConnections(report),
  });
  const history = new CallHistory(context.workspaceState);
  const documents = new ReadonlyDocuments();
  const called = new vscode.EventEmitter<ApiCall>();
  const drained = new vscode.EventEmitter<ApiCall>();

  let loading: Promise<Commands> | undefined;
  const load = (): Promise<Commands> => {
    loading ??= import('./ui/commands.ts').then(({ Commands }) => {
      const commands = new Commands({ context, settings, demo, servers, history, documents });
      context.subscriptions.push(
        commands,
        commands.onDidCall((record) => called.fire(apiCall(record))),
        commands.onDidDrain((record) => drained.fire(apiCall(record))),
      );
      return commands;
    });
    return loading;
  };

  context.subscriptions.push(
    settings,
    new SettingsProblems(settings),
    documents,
    called,
    drained,
    new StatusBar(servers),
    new ContextKeys(servers, demo, history),
    registerArgumentsFiles(async () => (await load()).argumentsFiles),
    registerCommands(load),
  );
  close = () => Promise.all([servers.close(), demo.close()]);

  return {
    call: async (server, tool, args = {}, { extension, ...options } = {}) =>
      (await load()).callFor(extension?.id, { server, tool, arguments: args }, options),
    servers: () => servers.views.map(({ name, state }) => ({ name, state })),
    onDidCall: called.event,
    onDidDrain: drained.event,
  };
}

export async function deactivate(): Promise<void> {
  await close?.();
}
