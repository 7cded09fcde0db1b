import * as vscode from 'vscode';
import type { BenchmarkPlan } from '../../core/benchmark/benchmarkPlan.ts';
import { describePlan } from './wording.ts';

const SEQUENCE = { kind: 'closed', concurrency: 1, gap: 0 } as const;

const PRESETS: readonly (BenchmarkPlan & { readonly detail?: string })[] = [
  { load: SEQUENCE, extent: { kind: 'calls', calls: 100 } },
  { load: SEQUENCE, extent: { kind: 'calls', calls: 5 }, detail: 'The smallest form: each call by itself' },
  { load: { kind: 'closed', concurrency: 8, gap: 0 }, extent: { kind: 'calls', calls: 1000 } },
  {
    load: { kind: 'open', ratePerSecond: 50 },
    extent: { kind: 'duration', seconds: 10 },
    detail: 'Calls are made when they are due, so that a stall hides none of them',
  },
];

type Item = vscode.QuickPickItem & { readonly plan?: BenchmarkPlan };

/**
 * Asks how to run, the last choice first. Undefined where the user left.
 * @param problemsOf what keeps a plan from being run
 */
export async function askPlan(
  title: string,
  last: BenchmarkPlan | undefined,
  problemsOf: (plan: BenchmarkPlan) => readonly string[],
): Promise<BenchmarkPlan | undefined> {
  const presets: Item[] = PRESETS.map(({ detail, ...plan }) => ({
    label: describePlan(plan),
    plan,
    ...(detail === undefined ? {} : { detail }),
  }));
  const before = last === undefined ? undefined : describePlan(last);
  const items: Item[] = [
    ...(last === undefined || before === undefined
      ? []
      : [{ label: before, description: 'last time', plan: last }]),
    ...presets.filter(({ label }) => label !== before),
    { label: 'Custom…' },
  ];
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder: 'How to call it' });
  if (picked === undefined) return undefined;
  return picked.plan ?? askCustom(title, problemsOf);
}

async function askCustom(
  title: string,
  problemsOf: (plan: BenchmarkPlan) => readonly string[],
): Promise<BenchmarkPlan | undefined> {
  const kinds = [
    { label: 'One after another', load: 'sequence' },
    { label: 'Several at once', load: 'concurrent' },
    { label: 'At a rate, whether or not earlier calls are back', load: 'open' },
  ] as const satisfies readonly (vscode.QuickPickItem & { load: string })[];
  const how = await vscode.window.showQuickPick(kinds, {
    title,
    placeHolder: 'How calls follow one another',
  });
  if (how === undefined) return undefined;
  const calls = (count: number): BenchmarkPlan['extent'] => ({ kind: 'calls', calls: count });
  const ask = (prompt: string, value: string, planOf: (value: number) => BenchmarkPlan) =>
    askNumber(title, prompt, value, (number) => problemsOf(planOf(number))[0]);

  if (how.load === 'open') {
    const load = (ratePerSecond: number) => ({ kind: 'open', ratePerSecond }) as const;
    const rate = await ask('Calls a second', '50', (value) => ({ load: load(value), extent: calls(1) }));
    if (rate === undefined) return undefined;
    const timed = (seconds: number): BenchmarkPlan => ({
      load: load(rate),
      extent: { kind: 'duration', seconds },
    });
    const seconds = await ask('Seconds', '10', timed);
    return seconds === undefined ? undefined : timed(seconds);
  }
  const load = (concurrency: number, gap = 0) => ({ kind: 'closed', concurrency, gap }) as const;
  const atOnce =
    how.load === 'sequence'
      ? 1
      : await ask('Calls at once', '8', (value) => ({ load: load(value), extent: calls(1) }));
  if (atOnce === undefined) return undefined;
  const count = await ask('Number of calls', '100', (value) => ({
    load: load(atOnce),
    extent: calls(value),
  }));
  if (count === undefined) return undefined;
  const planOf = (gap: number): BenchmarkPlan => ({ load: load(atOnce, gap), extent: calls(count) });
  const gap = await ask('Milliseconds from an answer to the next call', '0', planOf);
  return gap === undefined ? undefined : planOf(gap);
}

async function askNumber(
  title: string,
  prompt: string,
  value: string,
  problemOf: (value: number) => string | undefined,
): Promise<number | undefined> {
  const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  const answer = await vscode.window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const number = numberOf(text);
      return Number.isNaN(number) ? 'Write a number.' : problemOf(number);
    },
  });
  return answer === undefined ? undefined : numberOf(answer);
}
