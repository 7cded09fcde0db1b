import type { Bar } from '../../core/benchmark/histogramBars.ts';
import { inlineCode, joinMarkdown, Markdown, markdown, paragraphs, table } from '../surfaces/markdown.ts';
import { describeFinding } from '../text/describeFinding.ts';
import { formatMs } from '../text/formatMs.ts';
import {
  argumentsText,
  counted,
  describeEnd,
  describePlan,
  describeVerdict,
  facts,
} from '../text/wording.ts';
import {
  comparisonTable,
  firstCalls,
  percentiles,
  perSecond,
  phaseTable,
  type ReportTable,
} from './reportTables.ts';
import type { ShownComparison, ShownReport } from './shownReport.ts';

const BAR_WIDTH = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A run as Markdown, to be kept or sent. @param version of Sluice */
export function benchmarkMarkdown(report: ShownReport, version: string): Markdown {
  const end = describeEnd(report.end);
  return paragraphs(
    markdown`# Benchmark of ${report.tool} on ${report.shownServer}`,
    end === undefined ? undefined : markdown`**${end}**`,
    about(report, version),
    markdown`## First calls`,
    markdownTable(firstCalls(report)),
    markdown`## Latency`,
    markdownTable(percentiles(report)),
    markdown`${counted(report.latency.count, 'answer')} in ${formatMs(report.elapsed)}: ${perSecond(report.throughput)} calls a second`,
    textHistogram(report.bars),
    markdown`## Where the time went`,
    markdownTable(phaseTable(report)),
    list(facts(report)),
    list(report.findings.map((finding) => `This server ${describeFinding(finding)}`)),
  );
}

export function comparisonMarkdown(comparison: ShownComparison, version: string): Markdown {
  const { before, after, differs } = comparison;
  return paragraphs(
    markdown`# Two benchmark runs`,
    markdown`**${describeVerdict(comparison)}**`,
    differs.length === 0
      ? undefined
      : markdown`The runs differ in more than their time: ${differs.join(', ')}.`,
    markdownTable(comparisonTable(comparison)),
    markdown`## First run`,
    about(before, version),
    textHistogram(comparison.bars, 0),
    markdown`## Second run`,
    about(after, version),
    textHistogram(comparison.bars, 1),
  );
}

function about(report: ShownReport, version: string): Markdown {
  const { shownServer, url, tool, arguments: args, plan, startedAt, protocolVersion, httpVersions } = report;
  const http = httpVersions.map((each) => `HTTP/${each}`).join(' and ');
  return joinMarkdown('  \n', [
    markdown`Server ${shownServer}, ${inlineCode(url)}`,
    markdown`Tool ${tool} with ${inlineCode(argumentsText(args))}`,
    markdown`${describePlan(plan)}; ${new Date(startedAt).toISOString()}`,
    markdown`Sluice ${version}, protocol ${protocolVersion}${http === '' ? '' : `, ${http}`}`,
  ]);
}

/** One line a stretch of durations, with a bar of block characters. @param which of the counts of each bar */
export function textHistogram(bars: readonly Bar[], which = 0): Markdown | undefined {
  const most = Math.max(1, ...bars.flatMap(({ counts }) => counts));
  const lines = bars.map(({ from, counts }) => {
    const count = counts[which] ?? 0;
    return `${formatMs(from).padStart(8)} │${blocks(count / most)} ${count === 0 ? '' : count.toLocaleString('en-US')}`.trimEnd();
  });
  return lines.length === 0 ? undefined : new Markdown(['```text', ...lines, '```'].join('\n'));
}

function blocks(share: number): string {
  if (share === 0) return '';
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

function markdownTable({ head, rows, texts }: ReportTable): Markdown {
  const align = head.map((_, index) => (index < texts ? 'l' : 'r')).join('');
  return table(align, head, rows);
}

function list(points: readonly string[]): Markdown {
  return joinMarkdown(
    '\n',
    points.map((point) => markdown`- ${point}`),
  );
}
