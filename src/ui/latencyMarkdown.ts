import { describeFinding } from '../core/http/learning/describeFinding.ts';
import { formatMs } from '../core/trace/formatMs.ts';
import { describeError, sentences } from './errorText.ts';
import { commandLink, escapeMarkdown, table } from './markdown.ts';
import { formatDrain, formatWire, phasesOf } from './phases.ts';
import { shownName } from './serverName.ts';
import type { UsedServer } from './servers.ts';

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
): string {
  const parts = [percentiles(snapshots)];
  if (shown !== undefined) parts.push(server(shown), links(shown));
  parts.push(connectsFrom(machine));
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The same figures as a page of its own, with a section for each server. */
export function latencyReport(snapshots: readonly UsedServer[], machine: Machine): string {
  const empty = 'No server was used yet in this window.';
  const parts = ['# Latency', snapshots.length === 0 ? empty : percentiles(snapshots), connectsFrom(machine)];
  for (const snapshot of snapshots)
    parts.push(`## ${escapeMarkdown(shownName(snapshot.name, snapshot.scope))}`, server(snapshot));
  return parts.filter((part) => part !== '').join('\n\n');
}

function percentiles(snapshots: readonly UsedServer[]): string {
  if (snapshots.length === 0) return '';
  const rows = snapshots.map(({ name, scope, state, latency: { count, p50, p95, p99, max } }) => [
    escapeMarkdown(shownName(name, scope) + (state.kind === 'failed' ? ' (failed)' : '')),
    ...[p50, p95, p99, max].map((ms) => (count === 0 ? '–' : cell(ms))),
    String(count),
  ]);
  return table('lrrrrr', ['server', 'p50', 'p95', 'p99', 'max', 'calls'], rows);
}

function server(snapshot: UsedServer): string {
  return [stateLine(snapshot), lastCall(snapshot), connections(snapshot), learnt(snapshot)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function stateLine({ name, scope, url, state }: UsedServer): string {
  const head = `**${escapeMarkdown(shownName(name, scope))}** ${escapeMarkdown(url)}`;
  switch (state.kind) {
    case 'connected': {
      const { protocolVersion, implementation } = state.info;
      const who =
        implementation === undefined
          ? ''
          : `, ${escapeMarkdown(`${implementation.name} ${implementation.version}`)}`;
      return `${head}  \nconnected, protocol ${escapeMarkdown(protocolVersion)}${who}`;
    }
    case 'failed':
      return `${head}  \nfailed: ${escapeMarkdown(sentences({ ...describeError(state.error), server: undefined }))}`;
    default:
      return `${head}  \n${state.kind}`;
  }
}

const OUTCOMES = {
  ok: '',
  'tool-error': ', the tool failed',
  error: ', failed',
  cancelled: ', cancelled',
} as const;

function lastCall({ lastCall: call }: UsedServer): string {
  if (call === undefined) return '';
  const head = `Last call: ${escapeMarkdown(call.tool)}, ${formatMs(call.ms)}${OUTCOMES[call.outcome]}`;
  if (call.timing === undefined) return head;
  const phases = phasesOf(call.timing, call.ms, call.drain);
  const figures = table(
    'r'.repeat(phases.length),
    phases.map(({ name }) => name),
    [phases.map(({ ms }) => cell(ms))],
  );
  const wire = call.wire === undefined ? '' : `Connection ${escapeMarkdown(formatWire(call.wire))}`;
  const drain = call.drain === undefined ? '' : `; rest of the response: ${formatDrain(call.drain)}`;
  return `${head}\n\n${figures}\n\n${wire}${drain}`;
}

function connections({ pool }: UsedServer): string {
  if (pool.opened === 0) return '';
  const waiting = pool.queued === 0 ? '' : `, ${pool.queued} calls waiting`;
  const now = `${pool.busy} busy, ${pool.draining} draining, ${pool.idle} idle, ${pool.warm} warm${waiting}`;
  return `Connections: ${now}  \n${pool.reused} of ${pool.requests} requests reused one; ${pool.opened} opened`;
}

/** What was learnt of how the server treats its connections; empty where there is nothing to tell. */
function learnt({ findings }: UsedServer): string {
  return findings.map((finding) => `- This server ${escapeMarkdown(describeFinding(finding))}`).join('\n');
}

function links({ name }: UsedServer): string {
  return [
    commandLink('Show trace', 'sluice.showTrace', name),
    commandLink('Show latency', 'sluice.showLatency'),
    commandLink('Diagnose', 'sluice.diagnoseServer', name),
    commandLink('Reconnect', 'sluice.reconnect', name),
    commandLink('Open settings', 'sluice.openSettings', name),
  ].join(' · ');
}

/** A figure that stays on one line in a narrow table. */
function cell(ms: number): string {
  return formatMs(ms).replace(' ', '\u00a0');
}

function connectsFrom({ host, remote }: Machine): string {
  const kind = remote === undefined ? 'this machine' : `remote, ${escapeMarkdown(remote)}`;
  return `Connects from ${escapeMarkdown(host)} (${kind})`;
}
