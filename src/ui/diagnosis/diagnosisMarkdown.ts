import type { Diagnosis, DiagnosisEnd, Probe } from '../../core/diagnosis/diagnosis.ts';
import { assertNever } from '../../core/errors.ts';
import { describeFinding } from '../../core/http/learning/describeFinding.ts';
import type { Finding } from '../../core/http/learning/originFacts.ts';
import { formatMs } from '../../core/trace/formatMs.ts';
import { escapeMarkdown, table } from '../markdown.ts';
import type { Check, Verdict } from './check.ts';
import { connectionChecks } from './connectionChecks.ts';
import { answerMs, costs, endMs, isEnded, lostPerCall, median } from './figures.ts';
import { stallChecks } from './stallChecks.ts';
import { streamChecks } from './streamChecks.ts';
import { wayChecks } from './wayChecks.ts';

export interface DiagnosisContext {
  /** Of Sluice. */
  readonly version: string;
  /** What Sluice has learnt of the server from the user's own calls. */
  readonly learnt: readonly Finding[];
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  costs: '**costs\u00a0time**',
  risk: '**risk**',
  note: 'note',
  good: 'good',
  untested: 'not\u00a0tested',
};
/** Milliseconds a call. */
const WORTH_A_WORD = 5;
/** What is to be mended first. */
const ORDER: readonly Verdict[] = ['costs', 'risk', 'note', 'good', 'untested'];

/** Every check, in the order of the data path. */
export function checksOf(diagnosis: Diagnosis): Check[] {
  return [
    ...stallChecks(diagnosis),
    ...streamChecks(diagnosis),
    ...connectionChecks(diagnosis),
    ...wayChecks(diagnosis),
  ];
}

/** The report: what was found, what it costs, what to change, what was measured. */
export function diagnosisMarkdown(diagnosis: Diagnosis, { version, learnt }: DiagnosisContext): string {
  const checks = checksOf(diagnosis).sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return paragraphs(
    `# Diagnosis of ${escapeMarkdown(diagnosis.server)}`,
    ended(diagnosis.end),
    `**${escapeMarkdown(conclusion(diagnosis, checks))}**`,
    table(
      'lll',
      ['', 'what', 'seen'],
      checks.map(({ verdict, topic, seen }) => [
        VERDICTS[verdict],
        escapeMarkdown(topic),
        escapeMarkdown(seen),
      ]),
    ),
    costTable(diagnosis),
    changes(checks),
    bySluice(learnt, diagnosis),
    measured(diagnosis),
    about(diagnosis, version),
  );
}

function conclusion(diagnosis: Diagnosis, checks: readonly Check[]): string {
  const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
  const [costing, risky] = [count('costs'), count('risk')];
  if (costing + risky === 0)
    return samplesWere(diagnosis)
      ? 'Nothing to change: no call lost time to this server’s connections.'
      : 'No request was answered.';
  const lost = lostPerCall(diagnosis);
  const most = lost < WORTH_A_WORD ? '' : `, up to ${formatMs(Math.round(lost))} a call`;
  const parts = [
    ...(costing === 0
      ? []
      : [`${costing} ${costing === 1 ? 'finding costs' : 'findings cost'} callers time${most}`]),
    ...(risky === 0 ? [] : [`${risky} ${risky === 1 ? 'is a risk' : 'are risks'}`]),
  ];
  return `${parts.join('; ')}. What to change is below.`;
}

function samplesWere({ series }: Diagnosis): boolean {
  return series.some(({ samples }) => samples.length > 0);
}

function costTable(diagnosis: Diagnosis): string | undefined {
  const rows = costs(diagnosis);
  if (rows.length === 0) return undefined;
  return paragraphs(
    '## What a call costs',
    table(
      'lrrr',
      ['a call …', 'until the response', 'until the end of its stream', 'calls'],
      rows.map(({ way, answer, end, calls }) => [
        escapeMarkdown(way),
        cell(answer),
        cell(end),
        String(calls),
      ]),
    ),
    'Medians. A client waits for the one or for the other, as it is built. “–”: the streams are left open.',
  );
}

function changes(checks: readonly Check[]): string | undefined {
  const asked = checks.filter(({ change }) => change !== undefined);
  if (asked.length === 0) return undefined;
  return paragraphs(
    '## What to change on the server',
    ...asked.flatMap(({ topic, seen, why, change = [] }) => [
      `### ${escapeMarkdown(topic)}`,
      `Seen: ${escapeMarkdown(seen)}.`,
      why === undefined ? undefined : escapeMarkdown(why),
      change.map((one) => `- ${escapeMarkdown(one)}`).join('\n'),
    ]),
  );
}

function bySluice(learnt: readonly Finding[], { server }: Diagnosis): string {
  const lines =
    learnt.length === 0
      ? ['Nothing was learnt from your own calls so far: connections are reused as they come.']
      : learnt.map((finding) => `- It ${escapeMarkdown(describeFinding(finding))}`);
  return paragraphs(
    `## What Sluice knows of ${escapeMarkdown(server)} from your calls, and does`,
    lines.join('\n'),
  );
}

function measured({ series }: Diagnosis): string | undefined {
  if (series.length === 0) return undefined;
  const rows = series.map(({ kind, rest, samples, failures }) => {
    const failed = [...failures].map(([code, count]) => `${code} ${count}`).join(', ');
    const figure = (values: readonly number[]) => cell(median(values));
    return [
      escapeMarkdown(kind === 'rested' ? `after ${rest} ms of rest` : KINDS[kind]),
      String(samples.length),
      escapeMarkdown(failed === '' ? '–' : failed),
      figure(samples.map(({ timing }) => timing.connect)),
      figure(samples.map(answerMs)),
      cell(Math.max(...samples.map(answerMs))),
      figure(samples.filter(isEnded).map(endMs)),
    ];
  });
  return paragraphs(
    '## As measured',
    table(
      'lrlrrrr',
      ['series', 'answered', 'failed', 'connect', 'response', 'slowest', 'end of stream'],
      rows,
    ),
  );
}

const KINDS = { 'at-once': 'one after another', fresh: 'each on a new connection' } as const;

function about(diagnosis: Diagnosis, version: string): string {
  const { url, era, probe, probes, requests, elapsed, startedAt, limits } = diagnosis;
  const smallest = era === 'modern' ? 'server/discover' : 'ping';
  const asked = probe.kind === 'ping' ? smallest : describeProbe(probe);
  const lines = [
    `Asked ${escapeMarkdown(asked)} ${probes} times (${requests} HTTP requests with those of connecting) in ${formatMs(elapsed)}, of at most ${formatMs(limits.duration)}, on connections of its own`,
    `${escapeMarkdown(url)}, ${escapeMarkdown(new Date(startedAt).toLocaleString())}, Sluice ${escapeMarkdown(version)}`,
    'All was recorded as in the trace, which makes each call a little slower',
  ];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** What was asked, in a few words. */
export function describeProbe(probe: Probe): string {
  if (probe.kind === 'ping') return 'the smallest request';
  const text = JSON.stringify(probe.arguments);
  return `${probe.tool} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`;
}

function ended(end: DiagnosisEnd): string | undefined {
  switch (end.kind) {
    case 'complete':
      return undefined;
    case 'cancelled':
      return '**Cancelled. What was seen until then is below.**';
    case 'out-of-time':
      return '**The time was up. What was seen until then is below.**';
    case 'failed':
      return `**Stopped early: ${escapeMarkdown(end.message)} [${escapeMarkdown(end.code)}]**`;
    default:
      return assertNever(end);
  }
}

function cell(ms: number | undefined): string {
  return ms === undefined || !Number.isFinite(ms) ? '–' : formatMs(ms).replace(' ', '\u00a0');
}

function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
