import * as vscode from 'vscode';
import { type BenchmarkPlan, callsOf, planProblems } from '../../core/benchmark/benchmarkPlan.ts';
import { compareRuns } from '../../core/benchmark/compareRuns.ts';
import { shownArguments } from '../arguments/secretArguments.ts';
import type { CallTool } from '../calls/callTool.ts';
import { confirmCall } from '../calls/confirmCall.ts';
import type { ToolCall } from '../history/shownCall.ts';
import type { Servers } from '../servers/servers.ts';
import { type Line, line } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import { formatMs } from '../text/formatMs.ts';
import { counted, describePlan } from '../text/wording.ts';
import { schemaOf, toolWord } from '../tools/toolWord.ts';
import { askPlan } from './askPlan.ts';
import type { BenchmarkView } from './benchmarkView.ts';
import type { ShownReport } from './shownReport.ts';

const KEY = 'benchmarkPlan';
const MOST_RUNS = 20;

/** A run as it may be asked for; what is missing is asked of the user. */
export type BenchmarkRequest = Partial<ToolCall> & { readonly plan?: BenchmarkPlan };

/** The way of a benchmark through the user's hands. The last runs of the window are kept, to be compared. */
export class Benchmarks {
  readonly #servers: Servers;
  readonly #callTool: CallTool;
  readonly #view: BenchmarkView;
  readonly #memento: vscode.Memento;
  #runs: readonly ShownReport[] = [];

  constructor(servers: Servers, callTool: CallTool, view: BenchmarkView, memento: vscode.Memento) {
    this.#servers = servers;
    this.#callTool = callTool;
    this.#view = view;
    this.#memento = memento;
  }

  /** @returns the report that is shown; undefined where nothing was run */
  async start(given: BenchmarkRequest = {}): Promise<ShownReport | undefined> {
    const call = await this.#callTool.choose(given, {
      title: 'Sluice: Benchmark Tool',
      documents: 'remembered',
      proceed: line`Go On`,
    });
    if (call === undefined) return undefined;
    const last = this.#memento.get<BenchmarkPlan>(KEY);
    const plan =
      given.plan ??
      (await askPlan(line`${this.#servers.shownName(call.server)}: ${call.tool}`, last, planProblems));
    if (plan === undefined || !(await this.#mayRun(call, plan))) return undefined;
    if (given.plan === undefined) await this.#memento.update(KEY, plan);
    const report = await this.#run(call, plan);
    this.#runs = [report, ...this.#runs].slice(0, MOST_RUNS);
    this.#view.show({ kind: 'run', report });
    return report;
  }

  /** The run that is shown, once more. */
  async repeat(): Promise<ShownReport | undefined> {
    const shown = this.#view.shown;
    return shown?.kind === 'run' ? this.start(shown.report) : this.start();
  }

  /** Shows two runs side by side: the one that is shown, or one that is picked, and another one. */
  async compare(): Promise<void> {
    if (this.#runs.length < 2) {
      void window.showInformationMessage(line`Run Benchmark Tool twice, then compare the two runs.`);
      return;
    }
    const shown = this.#view.shown;
    const one = shown?.kind === 'run' ? shown.report : await this.#pickRun(line`The second run`, this.#runs);
    if (one === undefined) return;
    const others = this.#runs.filter((run) => run !== one);
    const other = others.length === 1 ? others[0] : await this.#pickRun(line`Compare with which run`, others);
    if (other === undefined) return;
    const [before, after] = other.startedAt <= one.startedAt ? [other, one] : [one, other];
    this.#view.show({ kind: 'comparison', comparison: compareRuns(before, after) });
  }

  /** A tool that may change something is called a hundred times only after the user has said so. */
  async #mayRun(call: ToolCall, plan: BenchmarkPlan): Promise<boolean> {
    const connection = await this.#servers.connection(call.server, { interactive: true });
    const word = await toolWord(connection, call.tool);
    if (word.kind === 'reads') return true;
    const isTimed = plan.load.kind === 'closed' && plan.extent.kind === 'duration';
    const times = isTimed ? describePlan(plan) : counted(callsOf(plan), 'time');
    const answer = await confirmCall(
      line`Call ${call.tool} ${times} on ${this.#servers.shownName(call.server)}?`,
      line`The tool does not say that it only reads: each call may change something.`,
      shownArguments(call.arguments, schemaOf(word)),
    );
    if (answer === 'look') await this.#callTool.openArguments(call);
    return answer === 'call';
  }

  async #run(call: ToolCall, plan: BenchmarkPlan): Promise<ShownReport> {
    const { runBenchmark } = await import('../../core/benchmark/runBenchmark.ts');
    const connection = await this.#servers.connection(call.server, { interactive: true });
    const { Notification } = vscode.ProgressLocation;
    const shownServer = this.#servers.shownName(call.server);
    const title = line`Benchmark of ${call.tool} on ${shownServer}`;
    return window.withProgress({ location: Notification, title, cancellable: true }, async (bar, cancel) => {
      const controller = new AbortController();
      cancel.onCancellationRequested(() => controller.abort());
      let shown = 0;
      const report = await runBenchmark(connection, {
        tool: call.tool,
        arguments: call.arguments,
        plan,
        signal: controller.signal,
        onProgress: ({ calls, share, failed, p50 }) => {
          const failures = failed === 0 ? '' : `, ${failed} failed`;
          bar.report({
            increment: (share - shown) * 100,
            message: line`${counted(calls, 'call')}${failures}, p50 ${formatMs(p50)}`,
          });
          shown = share;
        },
      });
      return { ...report, shownServer };
    });
  }

  async #pickRun(placeHolder: Line, runs: readonly ShownReport[]): Promise<ShownReport | undefined> {
    const items = runs.map((run) => ({
      label: line`${run.tool} – ${run.shownServer}`,
      description: line`p50 ${formatMs(run.latency.p50)}, ${new Date(run.startedAt).toLocaleTimeString()}`,
      detail: line`${describePlan(run.plan)}`,
      run,
    }));
    const title = line`Sluice: Compare Benchmark Runs`;
    return (await pickRow(items, { title, placeHolder }))?.run;
  }
}
