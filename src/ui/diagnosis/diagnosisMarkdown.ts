import type { Diagnosis, DiagnosisEnd, Probe } from '../../core/diagnosis/diagnosis.ts';
import { assertNever, sentence } from '../../core/errors.ts';
import type { Finding } from '../../core/metrics/finding.ts';
import { joinMarkdown, type Markdown, markdown, paragraphs, table } from '../surfaces/markdown.ts';
import { describeFinding } from '../text/describeFinding.ts';
import { formatMs } from '../text/formatMs.ts';
import type { Check, Verdict } from './check.ts';
import { connectionChecks } from './connectionChecks.ts';
import { answerMs, costs, endMs, hasStream, isEnded, lostPerCall, median } from './figures.ts';
import { stallChecks } from './stallChecks.ts';
import { streamChecks } from './streamChecks.ts';
import { timeChecks } from './timeChecks.ts';
import { wayChecks } from './wayChecks.ts';

export interface DiagnosisContext {
  /** The server's name as it is shown. */
  readonly shownServer: string;
  /** Of Sluice. */
  readonly version: string;
  /** What Sluice has learnt of the server from the user's own calls. */
  readonly learnt: readonly Finding[];
}

const VERDICTS: Readonly<Record<Verdict, Markdown>> = {
  costs: markdown`**costs\u00a0time**`,
  risk: markdown`**risk**`,
  note: markdown`note`,
  good: markdown`good`,
  untested: markdown`not\u00a0tested`,
};
/** Milliseconds a call. */
const WORTH_A_WORD = 5;
/** What is to be mended first. */
const ORDER: readonly Verdict[] = ['costs', 'risk', 'note', 'good', 'untested'];

/** Every check, in the order of the data path. */
export function checksOf(diagnosis: Diagnosis): Check[] {
  return [
    ...timeChecks(diagnosis),
    ...stallChecks(diagnosis),
    ...streamChecks(diagnosis),
    ...connectionChecks(diagnosis),
    ...wayChecks(diagnosis),
  ];
}

/** The report: what was found, what it costs, what to change, what was measured. */
export function diagnosisMarkdown(
  diagnosis: Diagnosis,
  { shownServer, version, learnt }: DiagnosisContext,
): Markdown {
  const checks = checksOf(diagnosis).sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return paragraphs(
    markdown`# Diagnosis of ${shownServer}`,
    ended(diagnosis.end),
    markdown`**${conclusion(diagnosis, checks)}**`,
    table(
      'lll',
      ['', 'what', 'seen'],
      checks.map(({ verdict, topic, seen }) => [VERDICTS[verdict], topic, seen]),
    ),
    costTable(diagnosis),
    changes(checks),
    bySluice(learnt, shownServer),
    measured(diagnosis),
    about(diagnosis, version),
  );
}

function conclusion(diagnosis: Diagnosis, checks: readonly Check[]): string {
  const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
  const [costing, risky] = [count('costs'), count('risk')];
  if (costing + risky === 0) return nothingFound(diagnosis);
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

function nothingFound(diagnosis: Diagnosis): string {
  if (!samplesWere(diagnosis)) return 'No request was answered.';
  if (diagnosis.end.kind !== 'complete') return 'Nothing to change was found so far; not all was looked at.';
  if (diagnosis.probe.kind === 'ping' && !hasStream(diagnosis))
    return 'Nothing to change in how the smallest request is answered. Its answer had no stream, and the answer of a tool may have one: diagnose with a tool as well.';
  return 'Nothing to change: no call lost time to this server’s connections.';
}

function samplesWere({ series }: Diagnosis): boolean {
  return series.some(({ samples }) => samples.length > 0);
}

function costTable(diagnosis: Diagnosis): Markdown | undefined {
  const rows = costs(diagnosis);
  if (rows.length === 0) return undefined;
  return paragraphs(
    markdown`## What a call costs`,
    table(
      'lrrr',
      ['a call …', 'until the response', 'until the end of its stream', 'calls'],
      rows.map(({ way, answer, end, calls }) => [way, cell(answer), cell(end), String(calls)]),
    ),
    markdown`Medians. Some clients wait for the response, others for the end of its stream. “–”: the streams are left open.`,
  );
}

function changes(checks: readonly Check[]): Markdown | undefined {
  const asked = checks.filter(({ change }) => change !== undefined);
  if (asked.length === 0) return undefined;
  return paragraphs(
    markdown`## What to change on the server`,
    ...asked.flatMap(({ topic, seen, why, change = [] }) => [
      markdown`### ${topic}`,
      markdown`Seen: ${sentence(seen)}`,
      markdown`${why}`,
      list(change),
    ]),
  );
}

function bySluice(learnt: readonly Finding[], shownServer: string): Markdown {
  const known =
    learnt.length === 0
      ? markdown`Nothing was learnt from your own calls so far: connections are reused as usual.`
      : list(learnt.map((finding) => `It ${describeFinding(finding)}`));
  return paragraphs(markdown`## What Sluice knows of ${shownServer} from your calls, and does`, known);
}

function measured({ series }: Diagnosis): Markdown | undefined {
  if (series.length === 0) return undefined;
  const rows = series.map(({ kind, rest, samples, failures }) => {
    const failed = [...failures].map(([code, count]) => `${code} ${count}`).join(', ');
    const figure = (values: readonly number[]) => cell(median(values));
    return [
      kind === 'rested' ? `after ${rest} ms of rest` : KINDS[kind],
      String(samples.length),
      failed === '' ? '–' : failed,
      figure(samples.map(({ timing }) => timing.connect)),
      figure(samples.map(answerMs)),
      cell(Math.max(...samples.map(answerMs))),
      figure(samples.filter(isEnded).map(endMs)),
    ];
  });
  return paragraphs(
    markdown`## As measured`,
    table(
      'lrlrrrr',
      ['series', 'answered', 'failed', 'connect', 'response', 'slowest', 'end of stream'],
      rows,
    ),
  );
}

const KINDS = { 'at-once': 'one after another', fresh: 'each on a new connection' } as const;

function about(diagnosis: Diagnosis, version: string): Markdown {
  const { url, era, probe, probes, requests, elapsed, startedAt, limits } = diagnosis;
  const smallest = era === 'modern' ? 'server/discover' : 'ping';
  const asked = probe.kind === 'ping' ? smallest : describeProbe(probe);
  return list([
    `Asked ${asked} ${probes} times (${requests} HTTP requests with those of connecting) in ${formatMs(elapsed)}, of at most ${formatMs(limits.duration)}, on connections of its own`,
    `${url}, ${new Date(startedAt).toLocaleString()}, Sluice ${version}`,
    'Everything was recorded as in the trace, which makes each call a little slower',
  ]);
}

/** What was asked, in a few words. */
export function describeProbe(probe: Probe): string {
  if (probe.kind === 'ping') return 'the smallest request';
  const text = JSON.stringify(probe.arguments);
  return `${probe.tool} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`;
}

function ended(end: DiagnosisEnd): Markdown | undefined {
  switch (end.kind) {
    case 'complete':
      return undefined;
    case 'cancelled':
      return markdown`**Cancelled. What was seen until then is below.**`;
    case 'out-of-time':
      return markdown`**The time was up. What was seen until then is below.**`;
    case 'failed':
      return markdown`**Stopped early: ${end.message} [${end.code}]**`;
    default:
      return assertNever(end);
  }
}

function cell(ms: number | undefined): string {
  return ms === undefined || !Number.isFinite(ms) ? '–' : formatMs(ms).replace(' ', '\u00a0');
}

function list(points: readonly string[]): Markdown {
  return joinMarkdown(
    '\n',
    points.map((point) => markdown`- ${point}`),
  );
}
