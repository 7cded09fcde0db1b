import type { BenchmarkReport } from '../../core/benchmark/benchmarkReport.ts';
import type { Comparison } from '../../core/benchmark/compareRuns.ts';
import type { Bar } from '../../core/benchmark/histogramBars.ts';
import { describeFinding } from '../../core/http/learning/describeFinding.ts';
import { formatMs } from '../../core/trace/formatMs.ts';
import { escapeMarkdown, table } from '../markdown.ts';
import {
  comparisonTable,
  firstCalls,
  percentiles,
  perSecond,
  phaseTable,
  type ReportTable,
} from './reportTables.ts';
import { argumentsText, counted, describeEnd, describePlan, describeVerdict, facts } from './wording.ts';

const BAR_WIDTH = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A run as Markdown, to be kept or sent. @param version of Sluice */
export function benchmarkMarkdown(report: BenchmarkReport, version: string): string {
  const end = describeEnd(report.end);
  return paragraphs(
    `# Benchmark of ${escapeMarkdown(report.tool)} on ${escapeMarkdown(report.server)}`,
    end === undefined ? undefined : `**${escapeMarkdown(end)}**`,
    about(report, version),
    '## First calls',
    markdownTable(firstCalls(report)),
    '## Latency',
    markdownTable(percentiles(report)),
    `${counted(report.latency.count, 'answer')} in ${formatMs(report.elapsed)}: ${perSecond(report.throughput)} calls a second`,
    textHistogram(report.bars),
    '## Where the time went',
    markdownTable(phaseTable(report)),
    facts(report)
      .map((line) => `- ${line}`)
      .join('\n'),
    report.findings.map((finding) => `- This server ${describeFinding(finding)}`).join('\n'),
  );
}

export function comparisonMarkdown(comparison: Comparison, version: string): string {
  const { before, after, differs } = comparison;
  return paragraphs(
    '# Two benchmark runs',
    `**${describeVerdict(comparison)}**`,
    differs.length === 0 ? undefined : `The runs differ in more than their time: ${differs.join(', ')}.`,
    markdownTable(comparisonTable(comparison)),
    '## First run',
    about(before, version),
    textHistogram(comparison.bars, 0),
    '## Second run',
    about(after, version),
    textHistogram(comparison.bars, 1),
  );
}

function about(report: BenchmarkReport, version: string): string {
  const { server, url, tool, arguments: args, plan, startedAt, protocolVersion, httpVersions } = report;
  const http = httpVersions.map((each) => `HTTP/${each}`).join(' and ');
  return [
    `Server ${escapeMarkdown(server)}, ${inCode(url)}`,
    `Tool ${escapeMarkdown(tool)} with ${inCode(argumentsText(args))}`,
    `${describePlan(plan)}; ${new Date(startedAt).toISOString()}`,
    `Sluice ${version}, protocol ${protocolVersion}${http === '' ? '' : `, ${http}`}`,
  ].join('  \n');
}

/** One line a stretch of durations, with a bar of block characters. @param which of the counts of each bar */
export function textHistogram(bars: readonly Bar[], which = 0): string {
  const most = Math.max(1, ...bars.flatMap(({ counts }) => counts));
  const lines = bars.map(({ from, counts }) => {
    const count = counts[which] ?? 0;
    return `${formatMs(from).padStart(8)} │${blocks(count / most)} ${count === 0 ? '' : count.toLocaleString('en-US')}`.trimEnd();
  });
  return lines.length === 0 ? '' : ['```text', ...lines, '```'].join('\n');
}

function blocks(share: number): string {
  if (share === 0) return '';
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

function markdownTable({ head, rows, texts }: ReportTable): string {
  const align = head.map((_, index) => (index < texts ? 'l' : 'r')).join('');
  return table(align, head, rows);
}

/** Text as it is, in a fence of more backticks than it holds in a row. */
function inCode(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}

function paragraphs(...parts: readonly (string | undefined)[]): string {
  return `${parts.filter((part) => part !== undefined && part !== '').join('\n\n')}\n`;
}
