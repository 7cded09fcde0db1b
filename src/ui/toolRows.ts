import type { Tool } from '../core/mcp/mcpTypes.ts';
import type { ErrorText } from './errorText.ts';
import { plainText } from './plainText.ts';
import type { RecentCall } from './recency.ts';

/** What is known of one server's tools at this moment. */
export type Listing =
  | { readonly server: string; readonly kind: 'connecting' }
  | { readonly server: string; readonly kind: 'tools'; readonly tools: readonly Tool[] }
  | { readonly server: string; readonly kind: 'failed'; readonly error: ErrorText };

/** One line of the list that Call Tool shows. */
export type ToolRow = {
  /** The same line has the same key, whatever else changes. */
  readonly key: string;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
} & (
  | { readonly kind: 'separator' }
  | { readonly kind: 'tool'; readonly server: string; readonly name: string; readonly tool: Tool | undefined }
  | { readonly kind: 'connecting'; readonly server: string }
  | { readonly kind: 'failed'; readonly server: string; readonly error: ErrorText }
  | { readonly kind: 'command'; readonly command: string }
);

/**
 * The whole list. Tools that were called come first; then each server's, in the order of `listings`, then servers
 * that still connect, and those that cannot. A server that arrives is thus added below what is shown already.
 */
export function toolRows(listings: readonly Listing[], recent: readonly RecentCall[]): ToolRow[] {
  if (listings.length === 0) return START_ROWS;
  const rows: ToolRow[] = [];
  const shown = new Set<string>();
  for (const { server, tool: name } of recent) {
    const listing = listings.find((candidate) => candidate.server === server);
    if (listing === undefined) continue;
    const tool = listing.kind === 'tools' ? listing.tools.find((each) => each.name === name) : undefined;
    // The server has no such tool any more.
    if (listing.kind === 'tools' && tool === undefined) continue;
    if (rows.length === 0) rows.push(separator('recently called'));
    const row = toolRow(server, name, tool, listing.kind === 'failed');
    shown.add(row.key);
    rows.push(row);
  }
  for (const listing of listings) {
    if (listing.kind !== 'tools') continue;
    const others = listing.tools
      .map((tool) => toolRow(listing.server, tool.name, tool))
      .filter(({ key }) => !shown.has(key));
    if (others.length > 0) rows.push(separator(listing.server), ...others);
    else if (listing.tools.length === 0) rows.push(separator(`${listing.server} has no tools`));
  }
  const rest = listings.filter(({ kind }) => kind !== 'tools');
  if (rest.length > 0) rows.push(separator('servers'));
  for (const listing of rest) {
    if (listing.kind === 'connecting') rows.push(connectingRow(listing.server));
    else if (listing.kind === 'failed') rows.push(failedRow(listing.server, listing.error));
  }
  return rows;
}

/**
 * The rows that fit what was typed, best first. Each word has to be in the server, the tool, its title or its
 * description; in the tool's name its letters may also be apart, as in `sh` for `say_hello`.
 */
export function filterRows(rows: readonly ToolRow[], query: string): ToolRow[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [...rows];
  const ranked: { readonly row: ToolRow; readonly rank: number }[] = [];
  for (const row of rows) {
    if (row.kind === 'separator') continue;
    const ranks = words.map((word) => rankOf(row, word));
    if (!ranks.includes(NO_MATCH)) ranked.push({ row, rank: ranks.reduce((sum, rank) => sum + rank, 0) });
  }
  return ranked.sort((a, b) => a.rank - b.rank).map(({ row }) => row);
}

/**
 * The row to mark when the list was filled up: the one that was marked, unless nobody chose it.
 * @returns undefined for the first row that can be picked
 */
export function keepActive(
  before: readonly ToolRow[],
  active: ToolRow | undefined,
  after: readonly ToolRow[],
): ToolRow | undefined {
  const isFirst = active === before.find(({ kind }) => kind !== 'separator');
  if (active === undefined || isFirst) return undefined;
  const same = after.find(({ key }) => key === active.key);
  if (same !== undefined || active.kind !== 'connecting') return same;
  // The line that said `connecting` became the server's tools.
  return after.find((row) => row.kind === 'tool' && row.server === active.server);
}

const NO_MATCH = Number.POSITIVE_INFINITY;

function rankOf(row: ToolRow, word: string): number {
  const label = row.label.toLowerCase();
  const names = `${label} ${row.description ?? ''}`.toLowerCase();
  if (label.startsWith(word)) return 0;
  if (label.includes(word)) return 1;
  if (names.includes(word)) return 2;
  if (isSubsequence(word, label)) return 3;
  return row.detail?.toLowerCase().includes(word) ? 4 : NO_MATCH;
}

function isSubsequence(word: string, text: string): boolean {
  let from = 0;
  for (const letter of word) {
    const at = text.indexOf(letter, from);
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}

function toolRow(server: string, name: string, tool: Tool | undefined, isDown = false): ToolRow {
  const title = tool?.title ?? tool?.annotations?.title;
  const where = isDown ? `${server} $(error)` : server;
  const description = plainText(title === undefined || title === name ? where : `${where} · ${title}`, 80);
  const row = {
    key: `tool ${server} ${name}`,
    kind: 'tool',
    server,
    name,
    tool,
    label: name,
    description,
  } as const;
  return tool?.description ? { ...row, detail: plainText(tool.description, 200) } : row;
}

function connectingRow(server: string): ToolRow {
  return {
    key: `server ${server}`,
    kind: 'connecting',
    server,
    label: `$(loading~spin) ${server}`,
    description: 'connecting…',
  };
}

function failedRow(server: string, error: ErrorText): ToolRow {
  const description = plainText(error.message, 160);
  const row = {
    key: `server ${server}`,
    kind: 'failed',
    server,
    error,
    label: `$(error) ${server}`,
    description,
  } as const;
  return error.hint === undefined ? row : { ...row, detail: plainText(error.hint, 200) };
}

function separator(label: string): ToolRow {
  return { key: `separator ${label}`, kind: 'separator', label };
}

const START_ROWS: ToolRow[] = [
  {
    key: 'command demo',
    kind: 'command',
    command: 'sluice.startDemoServer',
    label: '$(play) Start Demo Server',
    detail: 'No server is configured yet. The demo is inside Sluice and needs no settings.',
  },
  {
    key: 'command add',
    kind: 'command',
    command: 'sluice.addServer',
    label: '$(add) Add Server…',
    detail: 'Asks for a URL and a name, and writes them to your settings.',
  },
];
