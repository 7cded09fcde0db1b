import type { BenchmarkReport } from '../../core/benchmark/benchmarkReport.ts';
import { action, pageHtml } from '../pages/pageHtml.ts';
import { type Html, html } from '../surfaces/html.ts';
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
import { histogramSvg } from './histogramSvg.ts';
import {
  comparisonTable,
  firstCalls,
  percentiles,
  perSecond,
  phaseTable,
  type ReportTable,
} from './reportTables.ts';
import type { ShownComparison, ShownReport } from './shownReport.ts';

/** Commands that the page may run, and no other. */
export const BENCHMARK_COMMANDS = [
  'sluice.copyBenchmark',
  'sluice.openBenchmarkAsMarkdown',
  'sluice.repeatBenchmark',
  'sluice.compareBenchmarks',
] as const;

const BENCHMARK_STYLE = `
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 12px 3px 0; text-align: right; white-space: nowrap; }
th { font-weight: normal; color: var(--vscode-descriptionForeground); }
tbody tr { border-top: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); }
.word { text-align: left; }
.wide { overflow-x: auto; }
.histogram { display: block; width: 100%; max-width: 760px; margin: 8px 0; }
.histogram text { font-size: 11px; fill: var(--vscode-descriptionForeground); }
.histogram line { stroke: var(--vscode-descriptionForeground); stroke-width: 1px; }
.column-0 { fill: var(--vscode-charts-blue); }
.column-1 { fill: var(--vscode-charts-green); }
.list { margin: 8px 0; padding-left: 18px; }
`;

/** The page of a run. It has no script, and everything a server sent is escaped. @param version of Sluice */
export function benchmarkHtml(report: ShownReport, version: string, nonce: string): string {
  const { tool, latency, bars, elapsed, throughput, findings } = report;
  const end = describeEnd(report.end);
  const summary = `p50 ${formatMs(latency.p50)}, ${counted(latency.count, 'answer')} in ${formatMs(elapsed)}`;
  return page(
    tool,
    nonce,
    html`<h1>Benchmark of ${tool}</h1>
${about(report, version)}
${end === undefined ? undefined : html`<p class="banner">${end}</p>`}
<nav>${action('repeatBenchmark', 'Run again')}${action('compareBenchmarks', 'Compare with…')}${action('copyBenchmark', 'Copy as Markdown')}${action('openBenchmarkAsMarkdown', 'Open as Markdown')}</nav>
<h2>First calls</h2>
${tableHtml(firstCalls(report))}
<h2>Latency <small>${counted(latency.count, 'answer')} in ${formatMs(elapsed)}: ${perSecond(throughput)} calls a second</small></h2>
${tableHtml(percentiles(report))}
${histogramSvg(bars, 0, mostIn(bars), summary)}
<h2>Where the time went</h2>
${tableHtml(phaseTable(report))}
<ul class="list">${facts(report).map((line) => html`<li>${line}</li>`)}${findings.map((finding) => html`<li>This server ${describeFinding(finding)}</li>`)}</ul>`,
  );
}

export function comparisonHtml(comparison: ShownComparison, version: string, nonce: string): string {
  const { before, after, bars, differs } = comparison;
  const most = mostIn(bars);
  return page(
    'Two benchmark runs',
    nonce,
    html`<h1>Two benchmark runs</h1>
<p class="note">${describeVerdict(comparison)}</p>
${differs.length === 0 ? undefined : html`<p class="note">The runs differ in more than their time: ${differs.join(', ')}.</p>`}
<nav>${action('compareBenchmarks', 'Compare others…')}${action('copyBenchmark', 'Copy as Markdown')}${action('openBenchmarkAsMarkdown', 'Open as Markdown')}</nav>
${tableHtml(comparisonTable(comparison))}
<h2>First run</h2>
${about(before, version)}
${histogramSvg(bars, 0, most, 'Latency of the first run')}
<h2>Second run</h2>
${about(after, version)}
${histogramSvg(bars, 1, most, 'Latency of the second run')}`,
  );
}

function page(title: string, nonce: string, body: Html): string {
  return pageHtml({ title, style: BENCHMARK_STYLE, hasMedia: false, body }, nonce);
}

function about(report: ShownReport, version: string): Html {
  const { shownServer, tool, arguments: args, plan, startedAt, protocolVersion, httpVersions } = report;
  const http = httpVersions.map((each) => html`, HTTP/${each}`);
  return html`<p class="facts">${tool} on ${shownServer} · ${describePlan(plan)} · ${new Date(startedAt).toLocaleString()}</p>
<p class="facts">Arguments ${argumentsText(args)} · Sluice ${version}, protocol ${protocolVersion}${http}</p>`;
}

function tableHtml({ head, rows, texts }: ReportTable): Html {
  const kind = (index: number) => (index < texts ? 'word' : 'figure');
  return html`<div class="wide"><table><thead><tr>${head.map((name, index) => html`<th class="${kind(index)}">${name}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, index) => html`<td class="${kind(index)}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function mostIn(bars: BenchmarkReport['bars']): number {
  return Math.max(1, ...bars.flatMap(({ counts }) => counts));
}
