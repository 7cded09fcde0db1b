import * as vscode from 'vscode';
import type { CallOptions, CallOutcome } from '../core/connections/callOutcome.ts';
import type { ConnectionManager } from '../core/index.ts';
import { ApiAccess } from './api/apiAccess.ts';
import { ARGUMENTS_SCHEME } from './arguments/argumentsUri.ts';
import { type BenchmarkRequest, Benchmarks } from './benchmark/benchmarks.ts';
import { BenchmarkView } from './benchmark/benchmarkView.ts';
import { Calls } from './calls/calls.ts';
import { CallTool } from './calls/callTool.ts';
import type { CommandName } from './commandNames.ts';
import { Diagnoses, type DiagnosisRequest } from './diagnosis/diagnoses.ts';
import { Elicitation } from './elicitation/elicitation.ts';
import type { CallHistory } from './history/callHistory.ts';
import type { ToolCall } from './history/callRecord.ts';
import { LatencyView } from './latency/latencyView.ts';
import type { ReadonlyDocuments } from './pages/readonlyDocuments.ts';
import { ResultView } from './result/resultView.ts';
import { addServer } from './servers/addServer.ts';
import { ConnectionCommands } from './servers/connectionCommands.ts';
import { DemoCommands } from './servers/demoCommands.ts';
import type { DemoServer } from './servers/demoServer.ts';
import { serverCallbacks } from './servers/serverCallbacks.ts';
import type { Servers } from './servers/servers.ts';
import type { ServerChange } from './servers/serverView.ts';
import type { Settings } from './servers/settings.ts';
import { openSettings } from './settings/openSettings.ts';
import { line } from './surfaces/line.ts';
import { leaveList } from './surfaces/openList.ts';
import { window } from './surfaces/window.ts';
import { loadCore } from './text/core.ts';
import { showError } from './text/errorMessages.ts';
import { TraceChannels } from './trace/traceChannel.ts';

/** Bytes of the last events that are recorded of each server, for who wants to know later what happened. */
const RECORD_BYTES = 5 * 1024 * 1024;

/** What activation has built. */
export interface Activated {
  readonly context: Pick<vscode.ExtensionContext, 'extension' | 'globalState' | 'workspaceState'>;
  readonly settings: Settings;
  readonly demo: DemoServer;
  readonly servers: Servers;
  readonly history: CallHistory;
  readonly documents: ReadonlyDocuments;
}

/** What runs when a command is: the rooms that it opens, and the connections. A bundle of its own, loaded when first used. */
export class Commands implements vscode.Disposable {
  readonly #activated: Activated;
  readonly #clientInfo: { readonly name: string; readonly title: string; readonly version: string };
  readonly #traces: TraceChannels;
  readonly #calls: Calls;
  readonly #callTool: CallTool;
  readonly #access: ApiAccess;
  readonly #elicitation: Elicitation;
  readonly #handlers: Readonly<Record<CommandName, (...args: never[]) => unknown>>;
  readonly #subscriptions: vscode.Disposable;

  constructor(activated: Activated) {
    const { context, settings, servers, history, documents } = activated;
    this.#activated = activated;
    const version = String(context.extension.packageJSON.version);
    this.#clientInfo = { name: 'sluice', title: 'Sluice', version };
    const shownName = (server: string): string => servers.shownName(server);
    this.#traces = new TraceChannels(shownName);
    this.#calls = new Calls(servers);
    this.#access = new ApiAccess(servers, context.globalState);
    this.#elicitation = new Elicitation({
      scopeOf: (server) => settings.scopeOf(server),
      shownName,
      isAwaited: (server) => this.#calls.isAwaited(server),
    });
    const results = new ResultView(documents);
    this.#callTool = new CallTool(servers, history, this.#calls, results, documents);
    const latency = new LatencyView(servers, documents);
    const benchmarkView = new BenchmarkView(documents, version);
    this.#subscriptions = vscode.Disposable.from(
      this.#traces,
      results,
      this.#callTool,
      this.#calls,
      this.#calls.onDidDrain((record) => results.update(record)),
      this.#calls.onDidBegin((server) => this.#elicitation.called(server)),
      latency,
      benchmarkView,
    );
    this.#handlers = this.#createHandlers(results, latency, benchmarkView);
  }

  /** A call settled, whoever asked for it. */
  get onDidCall(): Calls['onDidCall'] {
    return this.#calls.onDidCall;
  }

  /** What became of the rest of a call's response. */
  get onDidDrain(): Calls['onDidDrain'] {
    return this.#calls.onDidDrain;
  }

  /** The documents in which arguments are written. */
  get argumentsFiles(): vscode.FileSystemProvider {
    return this.#callTool.argumentsFiles;
  }

  /** Runs a command. One that fails says so; whoever ran it gets nothing back. */
  async run(name: CommandName, args: readonly unknown[]): Promise<unknown> {
    try {
      // Each handler has parameters of its own.
      return await this.#handlers[name](...(args as never[]));
    } catch (error) {
      void showError(error, (server) => this.#activated.servers.shownName(server));
      return undefined;
    }
  }

  /**
   * Calls a tool for another extension.
   * @param id of the extension, as it says; undefined where it does not
   * @throws SluiceError
   */
  callFor(id: string | undefined, call: ToolCall, options: CallOptions): Promise<CallOutcome> {
    const initiator = { kind: 'extension', ...(id === undefined ? {} : { id }) } as const;
    return this.#calls.call(call, options, initiator, (signal) => this.#access.permit(call, id, signal));
  }

  /** @param report takes what the connections tell of themselves */
  async openConnections(report: (change: ServerChange) => void): Promise<ConnectionManager> {
    const { ConnectionManager } = await loadCore();
    const { context, servers } = this.#activated;
    const rooms = {
      report,
      traces: this.#traces,
      elicitation: this.#elicitation,
      memento: context.globalState,
      urlOf: (name: string) => servers.view(name)?.connection?.url,
    };
    return new ConnectionManager({
      callbacks: (server) => serverCallbacks(server, rooms),
      clientInfo: this.#clientInfo,
      recordBytes: RECORD_BYTES,
    });
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #createHandlers(
    results: ResultView,
    latency: LatencyView,
    benchmarkView: BenchmarkView,
  ): Readonly<Record<CommandName, (...args: never[]) => unknown>> {
    const { context, settings, demo: demoServer, servers, history, documents } = this.#activated;
    const [calls, callTool, traces] = [this.#calls, this.#callTool, this.#traces];
    const connections = new ConnectionCommands(servers);
    const demo = new DemoCommands(demoServer, servers);
    const benchmarks = new Benchmarks(servers, callTool, benchmarkView, context.workspaceState);
    const clientInfo = this.#clientInfo;
    const diagnoses = new Diagnoses({ servers, connections, callTool, documents, clientInfo });
    return {
      callTool: (given?: unknown) => callTool.start(given),
      repeatLastCall: () => callTool.repeat(history.last),
      clearCallHistory: async () => {
        await history.clear();
        void window.showInformationMessage(
          line`Sluice forgot the calls of this workspace: their tools and their arguments.`,
        );
      },
      cancelCalls: () => calls.cancelAll(),
      leaveQuestion: () => this.#elicitation.leave(),
      leaveList,
      callFromDocument: (uri?: vscode.Uri) => {
        const target = uri ?? vscode.window.activeTextEditor?.document.uri;
        return target?.scheme === ARGUMENTS_SCHEME ? callTool.fromDocument(target) : undefined;
      },
      connect: (server?: string) => connections.connect(server),
      reconnect: (server?: string) => connections.reconnect(server),
      disconnect: (server?: string) => connections.disconnect(server),
      addServer: async () => {
        const server = await addServer(servers, settings);
        if (server !== undefined) await connections.connect(server);
      },
      startDemoServer: () => demo.start(),
      stopDemoServer: () => demo.stop(),
      showTrace: async (name?: string) => {
        const server = name ?? (await connections.pick(line`Show the trace of which server?`, () => true));
        if (server !== undefined) traces.show(server);
      },
      showLatency: () => latency.show(),
      openSettings: (server?: string) => openSettings(server),
      forgetInputs: async (name?: string) => {
        const count = await settings.forgetInputs(name);
        servers.refresh();
        const answers = count === 1 ? '1 stored input' : `${count} stored inputs`;
        void window.showInformationMessage(
          line`Sluice forgot ${answers}. They are asked for when they are needed.`,
        );
      },
      forgetConsents: async () => {
        const count = await settings.forgetConsents();
        const consents = count === 1 ? '1 consent' : `${count} consents`;
        void window.showInformationMessage(
          line`Sluice forgot ${consents}. A workspace's servers wait until you allow them again.`,
        );
      },
      revokeAccess: () => this.#access.revoke(),
      copyResult: () => results.copy(),
      openResultAsJson: () => results.openAsJson(),
      openResultPart: (part: unknown) => results.openPart(part),
      saveResultPart: (part: unknown, target?: vscode.Uri) => results.savePart(part, target),
      benchmarkTool: (given?: BenchmarkRequest) => benchmarks.start(given),
      repeatBenchmark: () => benchmarks.repeat(),
      compareBenchmarks: () => benchmarks.compare(),
      copyBenchmark: () => benchmarkView.copy(),
      openBenchmarkAsMarkdown: () => benchmarkView.openAsMarkdown(),
      diagnoseServer: (given?: string | DiagnosisRequest) =>
        diagnoses.start(typeof given === 'string' ? { server: given } : given),
      repeatShownCall: () => callTool.repeat(results.shown),
    };
  }
}
