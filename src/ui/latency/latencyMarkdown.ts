import type { UsedServer } from '../servers/serverView.ts';
import {
  commandLink,
  joinMarkdown,
  type Markdown,
  markdown,
  paragraphs,
  table,
} from '../surfaces/markdown.ts';
import { describeFinding } from '../text/describeFinding.ts';
import { describeError, sentences } from '../text/errorText.ts';
import { formatMs } from '../text/formatMs.ts';
import { formatDrain, formatWire, phasesOf } from '../text/phases.ts';
import { shownName } from '../text/serverName.ts';

/** Commands that the links in here run, and no other. */
export const LATENCY_COMMANDS = [
  'sluice.showTrace',
  'sluice.reconnect',
  'sluice.openSettings',
  'sluice.showLatency',
  'sluice.diagnoseServer',
] as const;

/** The machine whose network the calls leave from. */
export interface Machine {
  readonly host: string;
  /** VS Code's name of the remote kind, such as `ssh-remote`; undefined on the user's own machine. */
  readonly remote: string | undefined;
}

/** The status bar's tooltip: every server's percentiles, and all that is known of the one that is shown. */
export function statusTooltip(
  snapshots: readonly UsedServer[],
  shown: UsedServer | undefined,
  machine: Machine,
): Markdown {
  const about = shown === undefined ? [] : [server(shown), links(shown)];
  return paragraphs(percentiles(snapshots), ...about, connectsFrom(machine));
}

/** The same figures as a page of its own, with a section for each server. */
export function latencyReport(snapshots: readonly UsedServer[], machine: Machine): Markdown {
  const empty = markdown`No server was used yet in this window.`;
  return paragraphs(
    markdown`# Latency`,
    snapshots.length === 0 ? empty : percentiles(snapshots),
    connectsFrom(machine),
    ...snapshots.flatMap((snapshot) => [
      markdown`## ${shownName(snapshot.name, snapshot.scope)}`,
      server(snapshot),
    ]),
  );
}

function percentiles(snapshots: readonly UsedServer[]): Markdown | undefined {
  if (snapshots.length === 0) return undefined;
  const rows = snapshots.map(({ name, scope, state, latency: { count, p50, p95, p99, max } }) => [
    shownName(name, scope) + (state.kind === 'failed' ? ' (failed)' : ''),
    ...[p50, p95, p99, max].map((ms) => (count === 0 ? '–' : cell(ms))),
    String(count),
  ]);
  return table('lrrrrr', ['server', 'p50', 'p95', 'p99', 'max', 'calls'], rows);
}

function server(snapshot: UsedServer): Markdown {
  return paragraphs(stateLine(snapshot), lastCall(snapshot), connections(snapshot), learnt(snapshot));
}

function stateLine({ name, scope, url, state }: UsedServer): Markdown {
  const head = markdown`**${shownName(name, scope)}** ${url}`;
  switch (state.kind) {
    case 'connected': {
      const { protocolVersion, implementation } = state.info;
      const who = implementation === undefined ? '' : `, ${implementation.name} ${implementation.version}`;
      return markdown`${head}  \nconnected, protocol ${protocolVersion}${who}`;
    }
    case 'failed':
      return markdown`${head}  \nfailed: ${sentences(describeError(state.error))}`;
    default:
      return markdown`${head}  \n${state.kind}`;
  }
}

const OUTCOMES = {
  ok: '',
  'tool-error': ', the tool failed',
  error: ', failed',
  cancelled: ', cancelled',
} as const;

function lastCall({ lastCall: call }: UsedServer): Markdown | undefined {
  if (call === undefined) return undefined;
  const head = markdown`Last call: ${call.tool}, ${formatMs(call.ms)}${OUTCOMES[call.outcome]}`;
  if ('error' in call) return head;
  const phases = phasesOf(call.timing, call.ms, call.drain);
  const figures = table(
    'r'.repeat(phases.length),
    phases.map(({ name }) => name),
    [phases.map(({ ms }) => cell(ms))],
  );
  const drain = call.drain === undefined ? '' : `; rest of the response: ${formatDrain(call.drain)}`;
  return paragraphs(head, figures, markdown`${`Connection ${formatWire(call.wire)}${drain}`}`);
}

function connections({ pool }: UsedServer): Markdown | undefined {
  if (pool.opened === 0) return undefined;
  const waiting = pool.queued === 0 ? '' : `, ${pool.queued} calls waiting`;
  const now = `${pool.busy} busy, ${pool.draining} draining, ${pool.idle} idle, ${pool.warm} warm${waiting}`;
  return markdown`Connections: ${now}  \n${pool.reused} of ${pool.requests} requests reused one; ${pool.opened} opened`;
}

/** What was learnt of how the server treats its connections; empty where there is nothing to tell. */
function learnt({ findings }: UsedServer): Markdown {
  return joinMarkdown(
    '\n',
    findings.map((finding) => markdown`- This server ${describeFinding(finding)}`),
  );
}

function links({ name }: UsedServer): Markdown {
  return joinMarkdown(' · ', [
    commandLink('Show trace', 'sluice.showTrace', name),
    commandLink('Show latency', 'sluice.showLatency'),
    commandLink('Diagnose', 'sluice.diagnoseServer', name),
    commandLink('Reconnect', 'sluice.reconnect', name),
    commandLink('Open settings', 'sluice.openSettings', name),
  ]);
}

/** A figure that stays on one line in a narrow table. */
function cell(ms: number): string {
  return formatMs(ms).replace(' ', '\u00a0');
}

function connectsFrom({ host, remote }: Machine): Markdown {
  const kind = remote === undefined ? 'this machine' : `remote, ${remote}`;
  return markdown`Connects from ${host} (${kind})`;
}
