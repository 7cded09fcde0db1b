import path from 'node:path';
import { parseArgs } from 'node:util';
import { type PlanOptions, scenarioNames } from './plan.ts';

export interface BenchOptions extends PlanOptions {
  /** Everything that was measured goes to standard output, instead of the figures. */
  readonly json: boolean;
  /** A missed figure makes the exit code 1. */
  readonly check: boolean;
  /** The report's path; the picture is written beside it. */
  readonly output: string;
}

const USAGE = `npm run bench -- [--only <scenario>,...] [--quick] [--calls <most in a turn>] [--json] [--check] [--output <file>.md]
Scenarios: ${scenarioNames.join(', ')}.`;

/** @throws Error that says what would have been understood */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      calls: { type: 'string' },
      json: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      output: { type: 'string', default: 'dist/bench/latest.md' },
    },
  });
  const only = values.only?.split(',') ?? scenarioNames;
  const unknown = only.filter((name) => !scenarioNames.includes(name));
  if (unknown.length > 0) throw new Error(`No such scenario: ${unknown.join(', ')}.\n${USAGE}`);
  const calls = values.calls === undefined ? Number.POSITIVE_INFINITY : Number(values.calls);
  if (!(calls >= 1)) throw new Error(`Not a number of calls: ${values.calls}.\n${USAGE}`);
  if (path.extname(values.output) !== '.md')
    throw new Error(`The report is Markdown: ${values.output}.\n${USAGE}`);
  return { ...values, only, calls };
}
