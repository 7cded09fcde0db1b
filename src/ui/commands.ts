import * as vscode from 'vscode';
import type { ServerManager } from '../core/index.ts';
import { registerApi } from './api/registerApi.ts';
import { registerBenchmark } from './benchmark/registerBenchmark.ts';
import type { Calls } from './calls/calls.ts';
import { registerCalls } from './calls/registerCalls.ts';
import type { CommandName } from './commandNames.ts';
import { registerDiagnosis } from './diagnosis/registerDiagnosis.ts';
import { registerElicitation } from './elicitation/registerElicitation.ts';
import { registerHistory } from './history/registerHistory.ts';
import { registerLatency } from './latency/registerLatency.ts';
import { registerResult } from './result/registerResult.ts';
import { openConnections } from './servers/openConnections.ts';
import { registerServers } from './servers/registerServers.ts';
import type { ServerChange } from './servers/serverView.ts';
import type { Activated, UiContext } from './servers/uiContext.ts';
import { leaveList } from './surfaces/openList.ts';
import { showError } from './text/errorMessages.ts';
import type { ShownName } from './text/serverName.ts';
import { registerTrace } from './trace/registerTrace.ts';

/** What each command does. One that no wing registers does not compile. */
type Handlers = Readonly<Record<CommandName, (...args: never[]) => unknown>>;

/** What runs when a command is: the wings of ui/, each of which registers itself. A bundle of its own, loaded when first used. */
export class Commands implements vscode.Disposable {
  readonly #handlers: Handlers;
  readonly #shownName: ShownName;
  readonly #subscriptions: vscode.Disposable[] = [];

  /** A call settled, whoever asked for it. */
  readonly onDidCall: Calls['onDidCall'];
  /** What became of the rest of a call's response. */
  readonly onDidDrain: Calls['onDidDrain'];
  /** The documents in which arguments are written. */
  readonly argumentsFiles: vscode.FileSystemProvider;
  /** Calls a tool for another extension. */
  readonly callFor: ReturnType<typeof registerApi>['callFor'];
  /** @param report takes what the connections tell of themselves */
  readonly openConnections: (report: (change: ServerChange) => void) => Promise<ServerManager>;

  constructor(activated: Activated) {
    const { settings, servers: all } = activated;
    const subscriptions = this.#subscriptions;
    const version = String(activated.context.extension.packageJSON.version);
    const clientInfo = { name: 'sluice', title: 'Sluice', version };
    const ui: UiContext = { ...activated, clientInfo, subscriptions };
    const shownName: ShownName = (server) => all.shownName(server);
    this.#shownName = shownName;

    const servers = registerServers(ui);
    const { connections } = servers;
    const trace = registerTrace({
      subscriptions,
      shownName,
      pickServer: (placeHolder) => connections.pick(placeHolder),
    });
    const result = registerResult(ui);
    const { calls, callTool, commands: callCommands } = registerCalls(ui, result.results);
    const questions = registerElicitation({
      scopeOf: (server) => settings.scopeOf(server),
      shownName,
      isAwaited: (server) => calls.isAwaited(server),
    });
    const { elicitation } = questions;
    subscriptions.push(calls.onDidBegin((server) => elicitation.called(server)));
    const api = registerApi(ui, calls);

    this.onDidCall = calls.onDidCall;
    this.onDidDrain = calls.onDidDrain;
    this.argumentsFiles = callTool.argumentsFiles;
    this.callFor = api.callFor;
    this.openConnections = (report) => openConnections(ui, { report, traces: trace.traces, elicitation });
    this.#handlers = {
      leaveList,
      ...servers.commands,
      ...trace.commands,
      ...registerHistory(ui).commands,
      ...result.commands,
      ...callCommands,
      ...questions.commands,
      ...api.commands,
      ...registerLatency(ui).commands,
      ...registerBenchmark(ui, callTool).commands,
      ...registerDiagnosis(ui, connections, callTool).commands,
    };
  }

  /** Runs a command. One that fails says so; whoever ran it gets nothing back. */
  async run(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    try {
      // Each handler has parameters of its own.
      return await this.#handlers[name](...(args as never[]));
    } catch (error) {
      void showError(error, this.#shownName);
      return undefined;
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }
}
