import * as vscode from 'vscode';
import { addServer } from './addServer.ts';
import type { ApiAccess } from './apiAccess.ts';
import { ARGUMENTS_SCHEME } from './arguments/argumentsUri.ts';
import type { BenchmarkRequest, Benchmarks } from './benchmark/benchmarks.ts';
import type { BenchmarkView } from './benchmark/benchmarkView.ts';
import type { CallHistory } from './callHistory.ts';
import type { Calls } from './calls.ts';
import type { CallTool } from './callTool.ts';
import type { ConnectionCommands } from './connectionCommands.ts';
import type { DemoCommands } from './demoCommands.ts';
import type { Diagnoses, DiagnosisRequest } from './diagnosis/diagnoses.ts';
import type { Elicitation } from './elicitation.ts';
import { showError } from './errorMessages.ts';
import type { LatencyView } from './latencyView.ts';
import { openSettings } from './openSettings.ts';
import type { ResultView } from './result/resultView.ts';
import type { ShownName } from './serverName.ts';
import type { Servers } from './servers.ts';
import type { Settings } from './settings.ts';
import { line } from './surfaces/line.ts';
import { window } from './surfaces/window.ts';
import type { TraceChannels } from './traceChannel.ts';

/** What the commands reach. */
export interface CommandRooms {
  readonly settings: Settings;
  readonly servers: Servers;
  readonly calls: Calls;
  readonly callTool: CallTool;
  readonly history: CallHistory;
  readonly connections: ConnectionCommands;
  readonly demo: DemoCommands;
  readonly results: ResultView;
  readonly latency: LatencyView;
  readonly traces: TraceChannels;
  readonly benchmarks: Benchmarks;
  readonly benchmarkView: BenchmarkView;
  readonly diagnoses: Diagnoses;
  readonly elicitation: Elicitation;
  readonly access: ApiAccess;
}

/** Every command. package.json contributes the same ones: a test compares the two. */
export function registerCommands(rooms: CommandRooms): vscode.Disposable {
  const { settings, servers, calls, callTool, history, connections, demo, results, latency, traces } = rooms;
  const { benchmarks, benchmarkView, diagnoses, elicitation, access } = rooms;
  const register = registrar((server) => servers.shownName(server));

  const clearCallHistory = async (): Promise<void> => {
    await history.clear();
    void window.showInformationMessage(
      line`Sluice forgot the calls of this workspace: their tools and their arguments.`,
    );
  };

  const showTrace = async (name?: string): Promise<void> => {
    const server = name ?? (await connections.pick(line`Show the trace of which server?`, () => true));
    if (server !== undefined) traces.show(server);
  };

  const forgetInputs = async (name?: string): Promise<void> => {
    const count = await settings.forgetInputs(name);
    servers.refresh();
    const answers = count === 1 ? '1 stored input' : `${count} stored inputs`;
    void window.showInformationMessage(
      line`Sluice forgot ${answers}. They are asked for when they are needed.`,
    );
  };

  const forgetConsents = async (): Promise<void> => {
    const count = await settings.forgetConsents();
    const consents = count === 1 ? '1 consent' : `${count} consents`;
    void window.showInformationMessage(
      line`Sluice forgot ${consents}. A workspace's servers wait until you allow them again.`,
    );
  };

  return vscode.Disposable.from(
    register('callTool', (given?: unknown) => callTool.start(given)),
    register('repeatLastCall', () => callTool.repeat(history.last)),
    register('clearCallHistory', clearCallHistory),
    register('cancelCalls', () => calls.cancelAll()),
    register('leaveQuestion', () => elicitation.leave()),
    register('callFromDocument', (uri?: vscode.Uri) => {
      const target = uri ?? vscode.window.activeTextEditor?.document.uri;
      return target?.scheme === ARGUMENTS_SCHEME ? callTool.fromDocument(target) : undefined;
    }),
    register('connect', (server?: string) => connections.connect(server)),
    register('reconnect', (server?: string) => connections.reconnect(server)),
    register('disconnect', (server?: string) => connections.disconnect(server)),
    register('addServer', async () => {
      const server = await addServer(servers, settings);
      if (server !== undefined) await connections.connect(server);
    }),
    register('startDemoServer', () => demo.start()),
    register('stopDemoServer', () => demo.stop()),
    register('showTrace', showTrace),
    register('showLatency', () => latency.show()),
    register('openSettings', (server?: string) => openSettings(server)),
    register('forgetInputs', forgetInputs),
    register('forgetConsents', forgetConsents),
    register('revokeAccess', () => access.revoke()),
    register('copyResult', () => results.copy()),
    register('openResultAsJson', () => results.openAsJson()),
    register('openResultPart', (part: unknown) => results.openPart(part)),
    register('saveResultPart', (part: unknown, target?: vscode.Uri) => results.savePart(part, target)),
    register('benchmarkTool', (given?: BenchmarkRequest) => benchmarks.start(given)),
    register('repeatBenchmark', () => benchmarks.repeat()),
    register('compareBenchmarks', () => benchmarks.compare()),
    register('copyBenchmark', () => benchmarkView.copy()),
    register('openBenchmarkAsMarkdown', () => benchmarkView.openAsMarkdown()),
    register('diagnoseServer', (given?: string | DiagnosisRequest) =>
      diagnoses.start(typeof given === 'string' ? { server: given } : given),
    ),
    register('repeatShownCall', () => callTool.repeat(results.shown)),
  );
}

/** A command that fails says so; whoever ran it gets nothing back. */
function registrar(shownName: ShownName) {
  return <Arguments extends unknown[]>(
    name: string,
    run: (...args: Arguments) => unknown,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(`sluice.${name}`, async (...args: Arguments) => {
      try {
        return await run(...args);
      } catch (error) {
        void showError(error, shownName);
        return undefined;
      }
    });
}
