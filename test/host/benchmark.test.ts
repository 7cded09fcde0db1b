import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BenchmarkPlan } from '../../src/core/benchmark/benchmarkPlan.ts';
import type { BenchmarkReport } from '../../src/core/benchmark/benchmarkReport.ts';

const FIVE: BenchmarkPlan = {
  load: { kind: 'closed', concurrency: 1, gap: 0 },
  extent: { kind: 'calls', calls: 5 },
};

function run<T>(command: string, ...args: unknown[]): Thenable<T> {
  return vscode.commands.executeCommand<T>(`sluice.${command}`, ...args);
}

function benchmark(plan: BenchmarkPlan): Thenable<BenchmarkReport | undefined> {
  return run('benchmarkTool', { server: 'demo', tool: 'say_hello', arguments: { name: 'Ada' }, plan });
}

describe('Benchmark Tool', () => {
  before(async () => {
    await vscode.extensions.getExtension('sluice.sluice')?.activate();
    await run('startDemoServer');
  });

  after(async () => {
    await run('stopDemoServer');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('calls a tool that only reads as often as asked for, and asks nobody', async () => {
    const report = await benchmark(FIVE);
    assert.equal(report?.calls, 5);
    assert.deepEqual(report?.outcomes, [{ code: 'ok', count: 5 }]);
  });

  it('gives its report as Markdown', async () => {
    await benchmark(FIVE);
    await run('copyBenchmark');
    const text = await vscode.env.clipboard.readText();
    assert.match(text, /# Benchmark of say\\_hello on demo/);
    assert.match(text, /5 calls, one after another/);
    await run('openBenchmarkAsMarkdown');
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'markdown');
    assert.equal(vscode.window.activeTextEditor?.document.getText(), text);
  });

  it('runs the one that is shown once more', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await benchmark(FIVE);
    assert.equal((await run<BenchmarkReport>('repeatBenchmark')).calls, 5);
  });
});
