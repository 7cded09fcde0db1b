import { describe, expect, it } from 'vitest';
import {
  findRows,
  fits,
  keepActive,
  type Listing,
  mayBeShown,
  type ToolRow,
  toolRows,
} from '../../../../src/ui/calls/toolRows.ts';
import type { RecentCall } from '../../../../src/ui/history/recency.ts';
import type { ErrorText } from '../../../../src/ui/text/errorText.ts';

const tool = (name: string, title?: string, description?: string) => ({
  name,
  inputSchema: {},
  ...(title === undefined ? {} : { title }),
  ...(description === undefined ? {} : { description }),
});
const demo: Listing = {
  server: 'demo',
  kind: 'tools',
  tools: [tool('say_hello', 'Say hello'), tool('add', undefined, 'Adds two numbers')],
};
const docs: Listing = { server: 'docs', kind: 'tools', tools: [tool('search', 'Search the docs')] };
const error: ErrorText = {
  message: 'Nothing listens at http://127.0.0.1:9',
  hint: 'Start the server.',
  phase: undefined,
  delivery: undefined,
  code: 'connect-refused',
  server: 'dead',
  actions: [],
};
const dead: Listing = { server: 'dead', kind: 'failed', error };
const slow: Listing = { server: 'slow', kind: 'connecting' };

const labels = (listings: Listing[], recent: RecentCall[] = []) =>
  toolRows(listings, recent).map(({ label }) => label);
const found = (query: string, listings = [demo, docs, dead]) =>
  shown(toolRows(listings, []), query).map(({ label }) => label);

/**
 * What VS Code shows of the rows: those that have the text in their label, which come first, in their description or in their detail, and
 * those that it is told to show besides. test/ui/fastPicks.test.ts sees it do so.
 */
function shown(all: readonly ToolRow[], query: string): ToolRow[] {
  const { rows, besides } = findRows(all, query);
  const has = (text: string | undefined) => text?.toLowerCase().includes(query.toLowerCase()) === true;
  const isBefore = (a: ToolRow, b: ToolRow) =>
    Number(has(b.label)) - Number(has(a.label)) ||
    (has(a.label) ? Number(b.label.startsWith(query)) - Number(a.label.startsWith(query)) : 0);
  return rows
    .filter((row) => row.kind !== 'separator')
    .filter((row) => besides.has(row.key) || has(row.label) || has(row.description) || has(row.detail))
    .sort(isBefore);
}

describe('the list of tools', () => {
  it('has a section for each server, and those without tools at the end', () => {
    expect(labels([slow, demo, dead, docs])).toEqual([
      'demo',
      'say_hello',
      'add',
      'docs',
      'search',
      'servers',
      '$(loading~spin) slow',
      '$(error) dead',
    ]);
  });

  it('puts the tools that were called in front, the latest first, and lists them once', () => {
    const recent = [
      { server: 'docs', tool: 'search' },
      { server: 'demo', tool: 'add' },
      { server: 'gone', tool: 'x' },
      { server: 'demo', tool: 'removed' },
    ];
    expect(labels([demo, docs], recent)).toEqual(['recently called', 'search', 'add', 'demo', 'say_hello']);
  });

  it('keeps every line above the place where a server arrives', () => {
    const recent = [{ server: 'docs', tool: 'search' }];
    const keys = (listings: Listing[]) => toolRows(listings, recent).map(({ key }) => key);
    const before = keys([demo, { server: 'docs', kind: 'connecting' }, slow]);
    const after = keys([demo, docs, slow]);
    expect(after.slice(0, 5)).toEqual(before.slice(0, 5));
    const down = keys([demo, { server: 'docs', kind: 'failed', error }, slow]);
    expect(down.slice(0, 5)).toEqual(before.slice(0, 5));
  });

  it('names a dead server with the reason and what to do', () => {
    expect(toolRows([dead], []).at(-1)).toMatchObject({
      kind: 'failed',
      description: 'Nothing listens at http://127.0.0.1:9',
      detail: 'Start the server.',
    });
  });

  it('says so where a server has no tools', () => {
    expect(labels([{ server: 'bare', kind: 'tools', tools: [] }])).toEqual(['bare has no tools']);
  });

  it('offers the demo and a server of your own where there is none', () => {
    expect(toolRows([], []).map((row) => row.kind === 'command' && row.command)).toEqual([
      'sluice.startDemoServer',
      'sluice.addServer',
    ]);
  });
});

describe('the marked line', () => {
  const list = (...listings: Listing[]) => toolRows(listings, []);
  const docsConnecting: Listing = { server: 'docs', kind: 'connecting' };
  const row = (rows: ReturnType<typeof list>, label: string) => rows.find((each) => each.label === label);

  it('stays where the user moved it, when a server arrives', () => {
    const before = list(demo, docsConnecting);
    const after = list(demo, docs);
    expect(keepActive(before, row(before, 'add'), after)).toBe(row(after, 'add'));
  });

  it('is the first one, as long as the user did not move it', () => {
    const before = list(docsConnecting, slow);
    expect(keepActive(before, before[1], list(demo, docs))).toBeUndefined();
    expect(keepActive([], undefined, list(demo))).toBeUndefined();
  });

  it("goes to the server's tools from the line that said that it connects", () => {
    const before = list(demo, docsConnecting);
    const after = list(demo, docs);
    expect(keepActive(before, row(before, '$(loading~spin) docs'), after)).toBe(row(after, 'search'));
  });
});

describe('typing in the list', () => {
  it('finds a tool by the names of server and tool together, in any order', () => {
    expect(found('demo hello')).toEqual(['say_hello']);
    expect(found('hello demo')).toEqual(['say_hello']);
  });

  it('finds it by its title, by what it does, and by letters of its name', () => {
    expect(found('search the')).toEqual(['search']);
    expect(found('two numbers')).toEqual(['add']);
    expect(found('syhl')).toEqual(['say_hello']);
  });

  it('puts what begins with it before what merely has it', () => {
    const other: Listing = {
      server: 'x',
      kind: 'tools',
      tools: [tool('readd'), tool('note', undefined, 'add a note')],
    };
    expect(found('add', [other, demo])).toEqual(['add', 'readd', 'note']);
  });

  it('moves no row for one word: VS Code tells a pick by the place of its row', () => {
    const all = toolRows([demo, docs, dead], [{ server: 'docs', tool: 'search' }]);
    for (const word of ['s', 'say', 'say_hello', 'zzz', 'syhl'])
      expect(findRows(all, word).rows.map(({ key }) => key)).toEqual(all.map(({ key }) => key));
    // VS Code would overlook it.
    expect([...findRows(all, 'syhl').besides]).toEqual(['tool demo say_hello']);
    expect([...findRows(all, 'say').besides]).toEqual([]);
  });

  it('puts the best first where there are several words, which VS Code would look for as one text', () => {
    const other: Listing = {
      server: 'x',
      kind: 'tools',
      tools: [tool('note', undefined, 'add a line to demo'), tool('readd', 'demo')],
    };
    expect(found('demo add', [other, demo])).toEqual(['add', 'readd', 'note']);
  });

  it('fits a row that has every word, and no other', () => {
    const [, hello] = toolRows([demo], []);
    if (hello === undefined) throw new Error('no row');
    for (const query of ['', 'hello', 'hello demo', 'SAY  demo', 'syhl'])
      expect(fits(hello, query)).toBe(true);
    for (const query of ['add', 'hello docs', 'sync']) expect(fits(hello, query)).toBe(false);
  });

  it('knows what VS Code may show by rules of its own: rather too often than too rarely', () => {
    const [section, hello] = toolRows([demo], []);
    if (section === undefined || hello === undefined) throw new Error('no row');
    // Letters that begin words, what a tool says that it may do, wildcards, and what would be one text.
    for (const query of ['', 'hello', 'dsh', 's*o', 'no such'])
      expect([query, mayBeShown(hello, query)]).toEqual([query, true]);
    expect(mayBeShown(hello, 'search')).toBe(false);
    expect(mayBeShown(section, 'demo')).toBe(false);
  });

  it('finds a dead server by its name, and nothing for what is nowhere', () => {
    expect(found('dead')).toEqual(['$(error) dead']);
    expect(found('zzz')).toEqual([]);
  });
});
