import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsIn, ROOT } from './testReferences.ts';

const DOCS = join(ROOT, 'docs');

/** `| MUST | what is asked for | kept by |`; a bar within a cell is escaped. */
const ROW =
  /^\| *(?:(?:MUST|SHOULD|SHALL)(?: NOT)?|REQUIRED|(?:NOT )?RECOMMENDED)[^|]*\|.*(?<!\\)\| *(.*?) *\|$/;
const documents = readdirSync(DOCS)
  .filter((name) => /^requirements-.*\.md$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(DOCS, name), 'utf8') }));

/** The last cell of each row. */
function rowsOf(text: string): string[] {
  return text.split('\n').flatMap((line) => ROW.exec(line)?.[1]?.replaceAll('\\|', '|') ?? []);
}

function kindOf(keptBy: string): 'kept' | 'not applicable' | 'not kept' | undefined {
  if (/^`test\//.test(keptBy)) return 'kept';
  if (/^does not apply: \S/.test(keptBy)) return 'not applicable';
  return /^not kept: \S/.test(keptBy) ? 'not kept' : undefined;
}

it('there is a page of requirements', () => {
  expect(documents.length).toBeGreaterThan(0);
});

describe.each(documents)('$name', ({ name, text }) => {
  const rows = rowsOf(text);

  it('names a test in each row, or says why there is none', () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((keptBy) => kindOf(keptBy) === undefined)).toEqual([]);
  });

  it('names tests that there are', () => {
    expect(rows.flatMap(problemsIn)).toEqual([]);
  });

  it('has a row for each line of its tables, and counts them as they are', () => {
    const [intro = ''] = text.split(/^## /m);
    const lines = text.split('\n').filter((line) => /^\| *[A-Z]{3}/.test(line));
    const count = (kind: ReturnType<typeof kindOf>) => rows.filter((row) => kindOf(row) === kind).length;
    expect(rows.length).toBe(lines.length);
    const counts = [count('kept'), count('not applicable'), count('not kept')];
    expect(intro).toContain(`${counts[0]} kept, ${counts[1]} not applicable, ${counts[2]} not kept`);
    const architecture = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    expect(architecture).toContain(`(docs/${name}) | ${[rows.length, ...counts].join(' | ')} |`);
  });
});
