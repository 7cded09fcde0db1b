import type { BenchmarkPlan } from '../../core/benchmark/benchmarkPlan.ts';
import { type Line, line } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { type Row, window } from '../surfaces/window.ts';
import { describePlan } from '../text/wording.ts';

const SEQUENCE = { kind: 'closed', concurrency: 1, gap: 0 } as const;

const PRESETS: readonly (BenchmarkPlan & { readonly detail?: Line })[] = [
  { load: SEQUENCE, extent: { kind: 'calls', calls: 100 } },
  {
    load: SEQUENCE,
    extent: { kind: 'calls', calls: 5 },
    detail: line`The smallest form: each call by itself`,
  },
  { load: { kind: 'closed', concurrency: 8, gap: 0 }, extent: { kind: 'calls', calls: 1000 } },
  {
    load: { kind: 'open', ratePerSecond: 50 },
    extent: { kind: 'duration', seconds: 10 },
    detail: line`Calls are made when they are due, so that a stall hides none of them`,
  },
];

type Item = Row & { readonly plan?: BenchmarkPlan };

/**
 * Asks how to run, the last choice first. Undefined where the user left.
 * @param problemsOf what keeps a plan from being run
 */
export async function askPlan(
  title: Line,
  last: BenchmarkPlan | undefined,
  problemsOf: (plan: BenchmarkPlan) => readonly string[],
): Promise<BenchmarkPlan | undefined> {
  const presets: Item[] = PRESETS.map(({ detail, ...plan }) => ({
    label: line`${describePlan(plan)}`,
    plan,
    ...(detail === undefined ? {} : { detail }),
  }));
  const before = last === undefined ? undefined : line`${describePlan(last)}`;
  const items: Item[] = [
    ...(last === undefined || before === undefined
      ? []
      : [{ label: before, description: line`last time`, plan: last }]),
    ...presets.filter(({ label }) => label !== before),
    { label: line`Custom…` },
  ];
  const picked = await pickRow(items, { title, placeHolder: line`How to call it` });
  if (picked === undefined) return undefined;
  return picked.plan ?? askCustom(title, problemsOf);
}

async function askCustom(
  title: Line,
  problemsOf: (plan: BenchmarkPlan) => readonly string[],
): Promise<BenchmarkPlan | undefined> {
  const kinds = [
    { label: line`One after another`, load: 'sequence' },
    { label: line`Several at once`, load: 'concurrent' },
    { label: line`At a rate, whether or not earlier calls are back`, load: 'open' },
  ] as const satisfies readonly (Row & { load: string })[];
  const how = await pickRow(kinds, {
    title,
    placeHolder: line`How calls follow one another`,
  });
  if (how === undefined) return undefined;
  const calls = (count: number): BenchmarkPlan['extent'] => ({ kind: 'calls', calls: count });
  const ask = (prompt: Line, value: string, planOf: (value: number) => BenchmarkPlan) =>
    askNumber(title, prompt, value, (number) => problemsOf(planOf(number))[0]);

  if (how.load === 'open') {
    const load = (ratePerSecond: number) => ({ kind: 'open', ratePerSecond }) as const;
    const rate = await ask(line`Calls a second`, '50', (value) => ({ load: load(value), extent: calls(1) }));
    if (rate === undefined) return undefined;
    const timed = (seconds: number): BenchmarkPlan => ({
      load: load(rate),
      extent: { kind: 'duration', seconds },
    });
    const seconds = await ask(line`Seconds`, '10', timed);
    return seconds === undefined ? undefined : timed(seconds);
  }
  const load = (concurrency: number, gap = 0) => ({ kind: 'closed', concurrency, gap }) as const;
  const atOnce =
    how.load === 'sequence'
      ? 1
      : await ask(line`Calls at once`, '8', (value) => ({ load: load(value), extent: calls(1) }));
  if (atOnce === undefined) return undefined;
  const count = await ask(line`Number of calls`, '100', (value) => ({
    load: load(atOnce),
    extent: calls(value),
  }));
  if (count === undefined) return undefined;
  const planOf = (gap: number): BenchmarkPlan => ({ load: load(atOnce, gap), extent: calls(count) });
  const gap = await ask(line`Milliseconds from an answer to the next call`, '0', planOf);
  return gap === undefined ? undefined : planOf(gap);
}

async function askNumber(
  title: Line,
  prompt: Line,
  value: string,
  problemOf: (value: number) => string | undefined,
): Promise<number | undefined> {
  const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));
  const answer = await window.showInputBox({
    title,
    prompt,
    value,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const number = numberOf(text);
      if (Number.isNaN(number)) return line`Write a number.`;
      const problem = problemOf(number);
      return problem === undefined ? undefined : line`${problem}`;
    },
  });
  return answer === undefined ? undefined : numberOf(answer);
}
