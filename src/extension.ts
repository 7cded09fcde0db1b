import * as vscode from 'vscode';
import { type ApiCall, apiCall, type SluiceApi } from './ui/api.ts';
import { ApiAccess } from './ui/apiAccess.ts';
import { Benchmarks } from './ui/benchmark/benchmarks.ts';
import { BenchmarkView } from './ui/benchmark/benchmarkView.ts';
import { CallHistory } from './ui/callHistory.ts';
import { Calls } from './ui/calls.ts';
import { CallTool } from './ui/callTool.ts';
import { registerCommands } from './ui/commands.ts';
import { ConnectionCommands } from './ui/connectionCommands.ts';
import { ContextKeys } from './ui/contextKeys.ts';
import { DemoCommands } from './ui/demoCommands.ts';
import { DemoServer } from './ui/demoServer.ts';
import { Diagnoses } from './ui/diagnosis/diagnoses.ts';
import { Elicitation } from './ui/elicitation.ts';
import { LatencyView } from './ui/latencyView.ts';
import { ReadonlyDocuments } from './ui/readonlyDocuments.ts';
import { ResultView } from './ui/result/resultView.ts';
import { serverCallbacks } from './ui/serverCallbacks.ts';
import { ServerEvents } from './ui/serverEvents.ts';
import { Servers } from './ui/servers.ts';
import { Settings } from './ui/settings.ts';
import { SettingsProblems } from './ui/settingsProblems.ts';
import { StatusBar } from './ui/statusBar.ts';
import { TraceChannels } from './ui/traceChannel.ts';

/** Ends what `activate` began, and says when it is done. */
let close: (() => Promise<unknown>) | undefined;

/** Builds the graph. Nothing connects, and neither core/ nor the demo is loaded, before a command needs it. */
export function activate(context: vscode.ExtensionContext): SluiceApi {
  const settings = new Settings(context);
  const events = new ServerEvents();
  const traces = new TraceChannels((server) => servers.shownName(server));
  const demo = new DemoServer();
  const version = String(context.extension.packageJSON.version);
  const clientInfo = { name: 'sluice', title: 'Sluice', version };
  const elicitation: Elicitation = new Elicitation({
    scopeOf: (server) => settings.scopeOf(server),
    shownName: (server) => servers.shownName(server),
    isAwaited: (server) => calls.isAwaited(server),
  });
  const servers: Servers = new Servers({
    settings,
    demo,
    clientInfo,
    callbacks: (server, format) =>
      serverCallbacks(server, {
        events,
        traces,
        elicitation,
        format,
        memento: context.globalState,
        urlOf: (name) => servers.used(name)?.url,
      }),
  });
  const history = new CallHistory(context.workspaceState);
  const documents = new ReadonlyDocuments();
  const results = new ResultView(documents);
  const calls: Calls = new Calls(servers);
  const access = new ApiAccess(servers, context.globalState);
  const callTool = new CallTool(servers, events, history, calls, results, documents);
  const latency = new LatencyView(servers, events, documents);
  const connections = new ConnectionCommands(servers);
  const benchmarkView = new BenchmarkView(documents, version);
  const benchmarks = new Benchmarks(servers, callTool, benchmarkView, context.workspaceState);

  context.subscriptions.push(
    settings,
    new SettingsProblems(settings),
    events,
    traces,
    documents,
    results,
    callTool,
    calls,
    calls.onDidBegin((server) => elicitation.called(server)),
    latency,
    benchmarkView,
    new StatusBar(servers, events),
    new ContextKeys(servers, demo, events, history),
    registerCommands({
      settings,
      servers,
      calls,
      callTool,
      history,
      connections,
      demo: new DemoCommands(demo, servers),
      results,
      latency,
      traces,
      benchmarks,
      benchmarkView,
      elicitation,
      access,
      diagnoses: new Diagnoses({ servers, connections, callTool, documents, clientInfo }),
    }),
  );
  close = () => Promise.all([servers.close(), demo.close()]);

  const onDidCall = new vscode.EventEmitter<ApiCall>();
  context.subscriptions.push(
    onDidCall,
    calls.onDidCall((record) => onDidCall.fire(apiCall(record))),
  );
  return {
    call: (server, tool, args = {}, { extension, ...options } = {}) => {
      const call = { server, tool, arguments: args };
      return calls.call(call, options, (signal) => access.permit(call, extension?.id, signal));
    },
    servers: () =>
      servers.known().map(({ name, problem }) => ({
        name,
        state: problem === undefined ? (servers.used(name)?.state.kind ?? 'unused') : 'broken',
      })),
    onDidCall: onDidCall.event,
  };
}

export async function deactivate(): Promise<void> {
  await close?.();
}
