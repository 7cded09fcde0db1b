import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCS = join(ROOT, 'docs');

/** `| MUST | what is asked for | kept by |`; a bar within a cell is escaped. */
const ROW =
  /^\| *(?:(?:MUST|SHOULD|SHALL)(?: NOT)?|REQUIRED|(?:NOT )?RECOMMENDED)[^|]*\|.*(?<!\\)\| *(.*?) *\|$/;
/** `` `test/unit/a.test.ts`: describe > title ``, up to the next one or the end of the cell. */
const REFERENCE = /`(test\/[^`]+\.test\.ts)`: (.+?)(?=[;,]? *(?:<br ?\/?> *)?`test\/|[;,]? *<br|$)/g;
/** What a describe, an it or a test is called, also after `.each(…)`. */
const TITLE = /\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`),/g;
const PLACEHOLDER = /%[sdifjoO]|\\\$\w+|\\\$\\\{[^}]*\\\}/g;

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

const titles = new Map<string, RegExp[]>();

function titlesIn(file: string): readonly RegExp[] {
  const known = titles.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found = [...source.matchAll(TITLE)].map(([, single, double, template]) => {
    const title = (single ?? double ?? template ?? '').replace(/\\(['"`])/g, '$1');
    const escaped = title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    return new RegExp(`^${escaped.replace(PLACEHOLDER, '.+')}$`);
  });
  titles.set(file, found);
  return found;
}

/** What is wrong with a reference; undefined where its file has tests of that name. */
function problemOf(file: string, title: string): string | undefined {
  if (!existsSync(join(ROOT, file))) return `${file} is not there`;
  const missing = title.split(' > ').find((part) => !titlesIn(file).some((one) => one.test(part)));
  return missing === undefined ? undefined : `${file} has no "${missing}"`;
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
    const references = rows.flatMap((keptBy) => [...keptBy.matchAll(REFERENCE)]);
    const problems = references.map(([, file = '', title = '']) => problemOf(file, title.trim()));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
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
