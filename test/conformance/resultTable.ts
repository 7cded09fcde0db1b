import type { Scenario } from './officialSuite.ts';
import type { Verdict } from './verdict.ts';

/** One scenario at one revision, or at the one that the suite takes by default. */
export interface Row {
  readonly scenario: Scenario;
  readonly revision: string | undefined;
  readonly verdict: Verdict;
}

export function titleOf({ scenario, revision = 'default' }: Row): string {
  return `${scenario.role} ${scenario.name} ${revision}`;
}

/** Scenarios down, revisions across; in each field how many checks passed. */
export function resultTable(rows: readonly Row[]): string {
  const columns = ['default', ...new Set(rows.flatMap(({ revision }) => revision ?? []).sort())];
  const names = [...new Set(rows.map(({ scenario }) => `${scenario.role} ${scenario.name}`))];
  const width = Math.max(0, ...names.map((name) => name.length));
  const fields = new Map(rows.map((row) => [titleOf(row), told(row.verdict)]));
  const line = (first: string, others: readonly string[]) =>
    [first.padEnd(width), ...others.map((text) => text.padEnd(10))].join('  ').trimEnd();
  const body = names.map((name) =>
    line(
      name,
      columns.map((column) => fields.get(`${name} ${column}`) ?? ''),
    ),
  );
  return [line('', columns), ...body].join('\n');
}

function told(verdict: Verdict): string {
  return verdict.kind === 'failed' ? 'FAILED' : `${verdict.checks} passed`;
}
