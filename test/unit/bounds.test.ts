import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsIn, ROOT } from './testReferences.ts';

const SRC = join(ROOT, 'src');
const CORE = join(SRC, 'core');
/** A bound by its name: `const MAX_QUEUED = 10_000`. */
const BOUND = /^(?:export )?const ((?:MAX|MOST|LONGEST)_\w+) = /gm;
/** `` | `http/connectionPool` MAX_QUEUED | kept by | ``, with several of one file behind each other. */
const ROW = /^\| `([^`]+)` ([A-Za-z_, ]+) \| (.+) \|$/gm;

const bounds = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [...readFileSync(join(CORE, file), 'utf8').matchAll(BOUND)].map(
      ([, name]) => `${file.replace(/\.ts$/, '')} ${name}`,
    ),
  );
const page = readFileSync(join(ROOT, 'docs/bounds.md'), 'utf8');
const rows = [...page.matchAll(ROW)].map(([, file = '', names = '', keptBy = '']) => ({
  file,
  names,
  keptBy,
}));
const named = rows.flatMap(({ file, names }) => names.split(', ').map((name) => `${file} ${name}`));

describe('a bound of core/', () => {
  it('has a row on the page of bounds, and each row is about one that there is', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(bounds.filter((bound) => !named.includes(bound))).toEqual([]);
    const text = (file: string) => readFileSync(join(CORE, `${file}.ts`), 'utf8');
    const isThere = (bound: string) => {
      const [file = '', name = ''] = bound.split(' ');
      return new RegExp(`\\b${name}\\b`).test(text(file));
    };
    expect(named.filter((bound) => !isThere(bound))).toEqual([]);
  });

  it('names tests that there are, or says why there is none', () => {
    expect(rows.filter(({ keptBy }) => !/^`test\/|^not tested: \S/.test(keptBy))).toEqual([]);
    expect(rows.flatMap(({ keptBy }) => problemsIn(keptBy))).toEqual([]);
  });

  it('that the page tells of in words is one of a file with rows', () => {
    const table = /^## What is bounded\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
    const cells = [...table.matchAll(/\| ([^|]+) \|$/gm)].slice(2);
    const places = cells.flatMap(([, cell = '']) => placesIn(cell));
    expect(places.length).toBeGreaterThan(15);
    const isThere = (place: string) =>
      ['', '.ts'].some((end) => existsSync(join(place.startsWith('ui/') ? SRC : CORE, `${place}${end}`)));
    expect(places.filter((place) => !isThere(place))).toEqual([]);
    // The page is about core/: what ui/ shows at most has no rows.
    const ofCore = places.filter((place) => !place.startsWith('ui/'));
    expect(ofCore.filter((place) => !rows.some(({ file }) => file.startsWith(place)))).toEqual([]);
  });
});

/** A name without a folder is in that of the one before it: `ui/questions/questions, keyGuard`. */
function placesIn(cell: string): readonly string[] {
  let folder = '';
  return cell.split(/[;,] */).map((place) => {
    if (place.includes('/')) folder = place.slice(0, place.lastIndexOf('/') + 1);
    return place.includes('/') ? place : `${folder}${place}`;
  });
}
