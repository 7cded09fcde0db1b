import type { ClientName } from './clients/benchClient.ts';
import { type Link, ROUND_TRIP_MS } from './links.ts';
import type { CellResult } from './results.ts';

export const CLIENT_TITLES: Readonly<Record<ClientName, string>> = {
  sluice: 'Sluice',
  'sluice-traced': 'Sluice, fully traced',
  'sdk-2': 'official client 2.x',
  'sdk-1': 'official client 1.x',
  'keep-alive': 'bare keep-alive loop',
  fresh: 'bare fresh connections',
  'parse-alone': 'parsing alone',
};

const LINKS: Readonly<Record<Link, string>> = {
  plain: 'plain, loopback',
  tls: 'TLS, loopback',
  far: `TLS, ${ROUND_TRIP_MS} ms of round trip`,
};

/** For example `TLS, loopback; 30 ms between calls`. */
export function describeCell({ lanes, load }: Pick<CellResult, 'lanes' | 'load'>): string {
  const links = [...new Set(lanes.map(({ link }) => LINKS[link]))].join(' and ');
  const pace = load.gapMs === 0 ? 'no pause between calls' : `${load.gapMs} ms between calls`;
  const atOnce = load.atOnce === 1 ? [] : [`${load.atOnce} calls at once`];
  return [links, pace, ...atOnce, `results of ${size(load.bytes)}`].join('; ');
}

function size(bytes: number): string {
  if (bytes >= 1_000_000) return `${bytes / 1_000_000} MB`;
  return `${Math.round(bytes / 1024)} KB`;
}

/** Three digits, or as many as a whole number has. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
