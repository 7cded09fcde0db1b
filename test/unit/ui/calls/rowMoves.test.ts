import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowMoves } from '../../../../src/ui/calls/rowMoves.ts';
import { type Listing, type ToolRow, toolRows } from '../../../../src/ui/calls/toolRows.ts';
import { HandClock } from '../questions/handClock.ts';

const rowsOf = (listings: readonly Listing[]): readonly ToolRow[] => toolRows(listings, [], NOTHING_LEFT_OUT);
const NOTHING_LEFT_OUT = { refused: [], untrusted: false };
const listing = (server: string, ...names: string[]): Listing => ({
  server,
  kind: 'tools',
  tools: names.map((name) => ({ name, inputSchema: {} })),
});
const row = (rows: readonly ToolRow[], label: string): ToolRow => {
  const found = rows.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no row ${label}`);
  return found;
};

describe('a pick in the list of tools', () => {
  const docs = listing('docs', 'search', 'read');
  const mail = listing('mail', 'send', 'delete');

  it('is not taken for the tool that came into the place of another one while the key was on its way', () => {
    const clock = new HandClock();
    const moves = new RowMoves(clock);
    const before = rowsOf([mail]);
    const after = rowsOf([docs, mail]);
    const seen = moves.moved(before, after, false);
    expect(moves.isCertain(row(after, 'search'), after)).toBe(false);
    // The window is slow, or far away.
    clock.pass(60_000);
    expect(moves.isCertain(row(after, 'search'), after)).toBe(false);
    seen();
    expect(moves.isCertain(row(after, 'search'), after)).toBe(false);
    clock.pass(1_000);
    expect(moves.isCertain(row(after, 'search'), after)).toBe(true);
  });

  it('is taken at once where its row has not moved', () => {
    const moves = new RowMoves(new HandClock());
    const after = rowsOf([docs, mail]);
    moves.moved(rowsOf([docs]), after, false);
    expect(moves.isCertain(row(after, 'read'), after)).toBe(true);
  });

  it('is taken at once for the first that is found by what the user has just typed, and for no other', () => {
    const moves = new RowMoves(new HandClock());
    const all = rowsOf([docs, mail]);
    const found = rowsOf([mail]);
    moves.moved(rowsOf([docs]), all, false);
    moves.moved(all, found, true);
    expect(moves.isCertain(row(found, 'send'), found)).toBe(true);
    expect(moves.isCertain(row(found, 'delete'), found)).toBe(false);
  });

  it('is not taken for the first that is found where the user typed and no row moved by that, but by a server', () => {
    const moves = new RowMoves(new HandClock());
    const after = rowsOf([docs, mail]);
    moves.moved(rowsOf([mail]), after, false);
    moves.moved(after, rowsOf([docs, mail]), true);
    expect(moves.isCertain(row(after, 'search'), after)).toBe(false);
  });

  it('is taken at once for what was typed, where no list before showed another row for it in that place', () => {
    const moves = new RowMoves(new HandClock());
    const after = rowsOf([docs, mail]);
    moves.moved(rowsOf([mail]), after, false);
    // In its place stood `send`, which is none that VS Code shows for `sea`.
    expect(moves.isCertain(row(after, 'search'), after, 'sea')).toBe(true);
    expect(moves.isCertain(row(after, 'search'), after, 'se')).toBe(false);
    expect(moves.isCertain(row(after, 'search'), after)).toBe(false);
    // Of more lists than are kept nobody knows what they showed.
    for (let n = 0; n < 60; n++) moves.moved(rowsOf([listing('docs', `${n}`)]), after, false);
    expect(moves.isCertain(row(after, 'search'), after, 'sea')).toBe(false);
  });

  it('is never another row than the one that stood in its place, however often a server changes its tools', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(names, { minLength: 2, maxLength: 200 }),
        fc.nat(),
        fc.nat(),
        (lists, seed, seen) => {
          const moves = new RowMoves(new HandClock());
          const shown = lists.map((list) => rowsOf([listing('docs', ...list)]));
          for (const [n, rows] of shown.slice(0, -1).entries()) {
            const saw = moves.moved(rows, shown[n + 1] ?? [], false);
            if (n < seen % lists.length) saw();
          }
          const now = shown.at(-1) ?? [];
          const place = now.length === 0 ? 0 : seed % now.length;
          const picked = now[place];
          if (picked === undefined || !moves.isCertain(picked, now)) return;
          for (const rows of shown) expect(rows[place]?.key).toBe(picked.key);
        },
      ),
    );
  });

  it('is taken at once where a server lists the same tools again, however often', () => {
    const moves = new RowMoves(new HandClock());
    for (let n = 0; n < 1_000; n++) moves.moved(rowsOf([docs]), rowsOf([docs]), false);
    const rows = rowsOf([docs]);
    expect(moves.isCertain(row(rows, 'read'), rows)).toBe(true);
  });
});
