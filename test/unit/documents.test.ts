import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './testReferences.ts';

const documents = [
  ...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'README.md'],
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
];

function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(document: string): ReadonlySet<string> {
  const headings = [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(headings.map(anchorOf));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe('the documents', () => {
  it.each(documents)('%s links to files and headings that there are', (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, file = '', anchor]) => {
      const target = file === '' ? document : join(dirname(document), file);
      return !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('name the source files and tests of the map and of the invariants as they are', () => {
    const named = ['ARCHITECTURE.md', 'docs/invariants.md'].flatMap((document) =>
      [...read(document).matchAll(/`((?:src|test|core|ui|scripts)\/[\w./]*)`/g)].map(([, path = '']) => path),
    );
    const isThere = (path: string) =>
      ['', '.ts'].some((end) =>
        existsSync(join(ROOT, /^(core|ui)\//.test(path) ? 'src' : '', `${path}${end}`)),
      );
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });

  it('have a map that is read at once: 150 lines', () => {
    expect(read('ARCHITECTURE.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  it('have each decision once in the index, in the order of the page', () => {
    const [index = '', ...sections] = read('docs/decisions.md').split(/^### /m);
    const listed = [...index.matchAll(/^- \[(.+?)\]\(#/gm)].map(([, title]) => title);
    expect(listed.length).toBeGreaterThan(50);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(listed);
  });

  it('give a reason for each package that this project installs', () => {
    const { dependencies = {}, devDependencies } = JSON.parse(read('package.json')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    const told = /^## Dependencies\n([\s\S]*)/m.exec(read('ARCHITECTURE.md'))?.[1] ?? '';
    const names = Object.keys({ ...dependencies, ...devDependencies });
    // A scope is told once: `@modelcontextprotocol/client`, `/node`.
    const isTold = (name: string) =>
      told.includes(name) ||
      told.includes(`\`${name.slice(name.indexOf('/'))}\``) ||
      told.includes(inWords(name));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !isTold(name))).toEqual([]);
  });
});

function inWords(name: string): string {
  return name.startsWith('@types/') ? '`@types/*`' : name.replace(/^@biomejs\//, '');
}
