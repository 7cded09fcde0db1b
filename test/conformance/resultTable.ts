import type { Role, Scenario } from './officialSuite.ts';
import type { Verdict } from './verdict.ts';

/** One run: a scenario at one revision, or at the one that the suite takes by default. */
export interface Row {
  readonly scenario: Scenario;
  readonly revision: string | undefined;
  readonly verdict: Verdict;
}

export const LEGEND = [
  'A number counts the checks that passed; "-": the scenario does not apply to the revision.',
  'default: the revision that the suite takes where none is named. What is passed or failed is a scenario at one of them.',
].join('\n');

const TITLES: Readonly<Record<Role, string>> = {
  client: 'core/ as the client',
  server: 'the demo as the server',
};
const DEFAULT = 'default';

export function titleOf({ scenario, revision = DEFAULT }: Row): string {
  return `${scenario.role} ${scenario.name} ${revision}`;
}

/** For each role, scenarios down and revisions across. */
export function resultTables(rows: readonly Row[]): string {
  return Object.entries(TITLES)
    .map(([role, title]) => [title, rows.filter(({ scenario }) => scenario.role === role)] as const)
    .filter(([, ofRole]) => ofRole.length > 0)
    .map(([title, ofRole]) => resultTable(title, ofRole))
    .join('\n\n');
}

function resultTable(title: string, rows: readonly Row[]): string {
  const revisions = [...new Set(rows.flatMap(({ revision }) => revision ?? []))].sort();
  const columns = [DEFAULT, ...revisions];
  const names = [...new Set(rows.map(({ scenario }) => scenario.name))];
  const lines = names.map((name) => [
    name,
    ...columns.map((column) => {
      const row = rows.find(
        ({ scenario, revision = DEFAULT }) => scenario.name === name && revision === column,
      );
      return row === undefined ? '-' : told(row.verdict);
    }),
  ]);
  const table = [[title, ...columns], ...lines];
  const widths = columns.map((_, at) => Math.max(...table.map((fields) => fields[at + 1]?.length ?? 0)));
  const width = Math.max(...table.map(([name = '']) => name.length));
  return table
    .map(([name = '', ...fields]) =>
      [name.padEnd(width), ...fields.map((field, at) => field.padStart(widths[at] ?? 0))].join('  '),
    )
    .join('\n');
}

function told(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'passed':
      return String(verdict.checks);
    case 'failed':
      return 'FAILED';
    case 'expected':
      return 'to come';
  }
}
