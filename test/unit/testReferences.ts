import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** `` `test/unit/a.test.ts`: describe > title ``, up to the next one or the end of the cell. */
const REFERENCE = /`(test\/[^`]+\.test\.ts)`: (.+?)(?=[;,]? *(?:<br ?\/?> *)?`test\/|[;,]? *<br|$)/g;
/** What a describe, an it or a test is called, also after `.each(…)`. */
const TITLE = /\(\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`),/g;
const PLACEHOLDER = /%[sdifjoO]|\\\$\w+|\\\$\\\{[^}]*\\\}/g;

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

/** What is wrong with the tests that a cell of a table names: files that are not there, titles that no test has. */
export function problemsIn(cell: string): readonly string[] {
  return [...cell.matchAll(REFERENCE)].flatMap(
    ([, file = '', title = '']) => problemOf(file, title.trim()) ?? [],
  );
}
