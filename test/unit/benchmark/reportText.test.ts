import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../../src/core/benchmark/compareRuns.ts';
import { histogramBars } from '../../../src/core/benchmark/histogramBars.ts';
import { benchmarkHtml, comparisonHtml } from '../../../src/ui/benchmark/benchmarkHtml.ts';
import {
  benchmarkMarkdown,
  comparisonMarkdown,
  textHistogram,
} from '../../../src/ui/benchmark/benchmarkMarkdown.ts';
import { histogramSvg } from '../../../src/ui/benchmark/histogramSvg.ts';
import { describePlan } from '../../../src/ui/text/wording.ts';
import { distribution, report } from './reports.ts';

const five = report([44, 1, 1, 1, 2]);

describe('the report as Markdown', () => {
  const text = benchmarkMarkdown(five, '1.2.3').source;

  it('says what was run, where, and by whom', () => {
    expect(text).toContain('say\\_hello on demo');
    expect(text).toContain('5 calls, one after another');
    expect(text).toMatch(/Sluice 1\.2\.3, protocol 2026-07-28, HTTP\/1\.1/);
    expect(text).toContain('`{"name":"Ada"}`');
  });

  it('has a line for each of the first five calls: connection, rest of the response, phases', () => {
    const rows = text.split('\n').filter((line) => /^\| \d \|/.test(line));
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatch(/fresh .* drained .*44/);
    expect(rows[1]).toMatch(/reused .* drained .*1/);
  });

  it('has a histogram of block characters, the longest bar for the most frequent', () => {
    const lines = textHistogram(histogramBars([distribution([1, 1, 1, 1, 8])]))?.source.split('\n') ?? [];
    expect(lines[0]).toBe('```text');
    expect(lines[1]).toMatch(/│█{40} 4$/);
    expect(lines.at(-2)).toMatch(/│█{10} 1$/);
  });

  it('says why a run ended early, and counts what failed', () => {
    const gone = report([1, 1], {
      end: { kind: 'server-gone', code: 'connect-refused', message: 'Nobody listens' },
      outcomes: [{ code: 'connect-refused', count: 10 }],
      failures: distribution([3, 3]),
    });
    const told = benchmarkMarkdown(gone, '1').source;
    expect(told).toMatch(/Stopped early.*the server is gone/);
    expect(told).toMatch(/connect-refused 10/);
    expect(told).toMatch(/Not in the percentiles/);
  });
});

describe('the page', () => {
  const page = benchmarkHtml(five, '1.2.3', 'abc');

  it('has no script, no inline style, and a policy that allows neither', () => {
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;nonce-abc&#39;"`);
    expect(page).not.toMatch(/<script|style="/);
  });

  it('escapes whatever came from a server or a user', () => {
    const evil = benchmarkHtml({ ...five, tool: '<b>x</b>', arguments: { a: '<img>' } }, '1', 'abc');
    expect(evil).not.toMatch(/<b>x|<img>/);
  });

  it('has a column for each stretch with calls in it, and names it for a screen reader', () => {
    const svg = histogramSvg(histogramBars([distribution([1, 1, 30])]), 0, 2, 'p50 1 ms')?.markup ?? '';
    expect(svg.match(/<rect/g)).toHaveLength(2);
    expect(svg).toContain('aria-label="p50 1 ms"');
    expect(svg).toContain('height="140.0"');
    expect(svg).toContain('height="70.0"');
  });
});

describe('two runs', () => {
  const values = Array.from({ length: 40 }, (_, n) => 1 + n / 40);
  const before = report(values);

  it('within noise claim no win, on the page and in Markdown', () => {
    const same = compareRuns(before, report(values.map((ms) => ms * 1.05)));
    for (const text of [comparisonMarkdown(same, '1').source, comparisonHtml(same, '1', 'n')]) {
      expect(text).toContain('Within noise');
      expect(text).not.toMatch(/is faster:|is slower/);
    }
  });

  it('that are apart say so with the ratio, and draw both on one scale', () => {
    const apart = compareRuns(before, report(values.map((ms) => ms * 10)));
    const text = comparisonMarkdown(apart, '1').source;
    expect(text).toMatch(/slower, \d+(\.\d+)? x at the median/);
    const scales = [...text.matchAll(/```text\n([\s\S]*?)```/g)].map(([, bars]) =>
      bars?.split('\n').map((line) => line.split('│')[0]),
    );
    expect(scales).toHaveLength(2);
    expect(scales[0]).toEqual(scales[1]);
    expect(comparisonHtml(apart, '1', 'n')).toContain('column-1');
  });
});

it('a plan is told in a few words', () => {
  const calls = (count: number) => ({ kind: 'calls', calls: count }) as const;
  const seconds = { kind: 'duration', seconds: 10 } as const;
  const closed = (concurrency: number, gap = 0) => ({ kind: 'closed', concurrency, gap }) as const;
  const open = { kind: 'open', ratePerSecond: 50 } as const;
  expect(
    [
      { load: closed(1), extent: calls(1) },
      { load: closed(8, 30), extent: calls(1000) },
      { load: open, extent: seconds },
    ].map(describePlan),
  ).toEqual([
    '1 call, one after another',
    '1,000 calls, 8 at once, 30 ms apart',
    '50 calls a second for 10 s',
  ]);
});
