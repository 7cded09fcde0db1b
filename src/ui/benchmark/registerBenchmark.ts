import type { CallTool } from '../calls/callTool.ts';
import type { UiContext } from '../servers/uiContext.ts';
import { type BenchmarkRequest, Benchmarks } from './benchmarks.ts';
import { BenchmarkView } from './benchmarkView.ts';

/** @param callTool asks for the call that is measured */
export function registerBenchmark(
  { servers, documents, context, clientInfo, subscriptions }: UiContext,
  callTool: CallTool,
) {
  const view = new BenchmarkView(documents, clientInfo.version);
  const benchmarks = new Benchmarks(servers, callTool, view, context.workspaceState);
  subscriptions.push(view);
  const commands = {
    benchmarkTool: (given?: BenchmarkRequest) => benchmarks.start(given),
    repeatBenchmark: () => benchmarks.repeat(),
    compareBenchmarks: () => benchmarks.compare(),
    copyBenchmark: () => view.copy(),
    openBenchmarkAsMarkdown: () => view.openAsMarkdown(),
  };
  return { commands };
}
