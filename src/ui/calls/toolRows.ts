import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { consentState, consentSummary } from '../consent/consentText.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import type { RecentCall } from '../history/recency.ts';
import { joined, type Line, line, lineOf } from '../surfaces/line.ts';
import type { ErrorText } from '../text/errorText.ts';
import { shownName } from '../text/serverName.ts';
import { hintMarks } from '../tools/toolHints.ts';

/** What is known of one server's tools at this moment. */
export type Listing = {
  readonly server: string;
  /** Where its entry is from, where that is not the user's settings. */
  readonly scope?: string;
} & (
  | { readonly kind: 'connecting' }
  | { readonly kind: 'tools'; readonly tools: readonly Tool[] }
  | { readonly kind: 'failed'; readonly error: ErrorText }
  /** A server of the workspace that waits for the user's consent. */
  | { readonly kind: 'consent'; readonly asked: WorkspaceServer }
);

/** What the list tells besides the servers that are in use. */
export interface LeftOut {
  /** Servers of the workspace in whose place the user wants another one. */
  readonly refused: readonly WorkspaceServer[];
  /** The workspace has servers, and is not trusted. */
  readonly untrusted: boolean;
}

/** One line of the list that Call Tool shows. */
export type ToolRow = {
  /** The same line has the same key, whatever else changes. */
  readonly key: string;
  readonly label: Line;
  readonly description?: Line;
  readonly detail?: Line;
} & (
  | { readonly kind: 'separator' }
  | { readonly kind: 'tool'; readonly server: string; readonly name: string; readonly tool: Tool | undefined }
  | { readonly kind: 'connecting'; readonly server: string }
  | { readonly kind: 'failed'; readonly server: string; readonly error: ErrorText }
  | { readonly kind: 'consent'; readonly server: string; readonly asked: WorkspaceServer }
  | { readonly kind: 'command'; readonly command: string }
);

/**
 * The whole list. Tools that were called come first, then servers that wait for a consent; then each server's tools, in the
 * order of `listings`, then servers that still connect, and those that cannot. A server that arrives is thus added below
 * what is shown already.
 */
export function toolRows(
  listings: readonly Listing[],
  recent: readonly RecentCall[],
  { refused, untrusted }: LeftOut = { refused: [], untrusted: false },
): ToolRow[] {
  const leftOut = untrusted ? [UNTRUSTED_ROW] : [];
  if (listings.length === 0 && refused.length === 0) return [...START_ROWS, ...leftOut];
  const rows: ToolRow[] = [];
  const shown = new Set<string>();
  for (const { server, tool: name } of recent) {
    const listing = listings.find((candidate) => candidate.server === server);
    if (listing === undefined || listing.kind === 'consent') continue;
    const tool = listing.kind === 'tools' ? listing.tools.find((each) => each.name === name) : undefined;
    // The server has no such tool any more.
    if (listing.kind === 'tools' && tool === undefined) continue;
    if (rows.length === 0) rows.push(separator('recent', line`recently called`));
    const row = toolRow(listing, name, tool);
    shown.add(row.key);
    rows.push(row);
  }
  const asked = listings
    .filter((listing) => listing.kind === 'consent')
    .map(({ asked }) => consentRow(asked));
  if (asked.length > 0) rows.push(separator('to allow', line`to allow`), ...asked);
  for (const listing of listings) {
    if (listing.kind !== 'tools') continue;
    const name = shownName(listing.server, listing.scope);
    const others = listing.tools
      .map((tool) => toolRow(listing, tool.name, tool))
      .filter(({ key }) => !shown.has(key));
    if (others.length > 0) rows.push(separator(listing.server, lineOf(name)), ...others);
    else if (listing.tools.length === 0)
      rows.push(separator(`none ${listing.server}`, line`${name} has no tools`));
  }
  const rest = [...listings.flatMap(serverRow), ...refused.map(consentRow), ...leftOut];
  return rest.length === 0 ? rows : [...rows, separator('servers', line`servers`), ...rest];
}

/** What the list holds for what was typed. */
export interface FoundRows {
  readonly rows: readonly ToolRow[];
  /** Keys of rows that fit, although VS Code's own filter would hide them. */
  readonly besides: ReadonlySet<string>;
}

/**
 * The rows for what was typed. Each word has to be in the server, the tool, its title or its description; in the tool's name its
 * letters may also be apart, as in `sh` for `say_hello`.
 *
 * VS Code tells a pick by the place of its row, and takes the row that is there when the place arrives. So one word, such as a tool's
 * name, moves no row: VS Code filters by itself, at once, and puts those in front that have it in their label. Several words it would
 * look for as one text: for them the rows are those that fit, best first.
 */
export function findRows(rows: readonly ToolRow[], query: string): FoundRows {
  const words = wordsOf(query);
  const [word] = words;
  if (word === undefined) return { rows, besides: new Set() };
  const fitting = rows.filter((row) => row.kind !== 'separator' && rankOf(row, words) !== NO_MATCH);
  if (words.length === 1)
    return { rows, besides: keysOf(fitting.filter((row) => !isFoundByItself(row, word))) };
  const ranked = fitting.toSorted((a, b) => rankOf(a, words) - rankOf(b, words));
  return { rows: ranked, besides: keysOf(ranked) };
}

/** Whether a row is among those that `findRows` finds. */
export function fits(row: ToolRow, query: string): boolean {
  return rankOf(row, wordsOf(query)) !== NO_MATCH;
}

/** Whether VS Code may show a row for what was typed, by its own rules or as it is told to: rather too often than too rarely. */
export function mayBeShown(row: ToolRow, query: string): boolean {
  if (row.kind === 'separator') return false;
  const [word = '', ...others] = wordsOf(query);
  if (others.length > 0 || /\W/.test(word) || fits(row, query)) return true;
  const texts = [
    row.label,
    row.description,
    row.detail,
    row.kind === 'tool' && row.tool && hintMarks(row.tool),
  ];
  return texts.some((text) => text && isSubsequence(word, text.slice(0, MOST_INITIALS).toLowerCase()));
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

/** Characters in which VS Code finds a word by the beginnings of words. */
const MOST_INITIALS = 60;

const NO_MATCH = Number.POSITIVE_INFINITY;

function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function keysOf(rows: readonly ToolRow[]): ReadonlySet<string> {
  return new Set(rows.map(({ key }) => key));
}

/** The smaller, the better. */
function rankOf(row: ToolRow, words: readonly string[]): number {
  return words.reduce((sum, word) => sum + rankOfWord(row, word), 0);
}

function rankOfWord(row: ToolRow, word: string): number {
  const label = plain(row.label);
  if (label.startsWith(word)) return 0;
  if (label.includes(word)) return 1;
  if (row.description !== undefined && plain(row.description).includes(word)) return 2;
  if (isSubsequence(word, label)) return 3;
  return row.detail !== undefined && plain(row.detail).includes(word) ? 4 : NO_MATCH;
}

/** VS Code looks for the whole word. */
function isFoundByItself({ label, description = line``, detail = line`` }: ToolRow, word: string): boolean {
  return [label, description, detail].some((text) => plain(text).includes(word));
}

/** As it is searched: an icon is no text. */
function plain(text: Line): string {
  return text
    .replace(/\$\([\w~-]+\)/g, '')
    .trim()
    .toLowerCase();
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

function toolRow({ server, scope, kind }: Listing, name: string, tool: Tool | undefined): ToolRow {
  const title = tool?.title ?? tool?.annotations?.title;
  const where = shownName(server, scope);
  const row = {
    key: `tool ${server} ${name}`,
    kind: 'tool',
    server,
    name,
    tool,
    label: lineOf(name),
    description: joined(
      ' · ',
      kind === 'failed' ? line`${where} $(error)` : lineOf(where),
      title === undefined || title === name ? undefined : lineOf(title, 80),
    ),
  } as const;
  return tool?.description ? { ...row, detail: lineOf(tool.description, 200) } : row;
}

function serverRow(listing: Listing): ToolRow[] {
  const { server, scope, kind } = listing;
  const key = `server ${server}`;
  const name = shownName(server, scope);
  if (kind === 'connecting') {
    const label = line`$(loading~spin) ${name}`;
    return [{ key, kind, server, label, description: line`connecting…` }];
  }
  if (kind !== 'failed') return [];
  const { error } = listing;
  const description = lineOf(error.message, 160);
  const row = { key, kind, server, error, label: line`$(error) ${name}`, description } as const;
  return [error.hint === undefined ? row : { ...row, detail: lineOf(error.hint, 200) }];
}

function consentRow(asked: WorkspaceServer): ToolRow {
  const { name } = asked.settings;
  return {
    // One that was refused stands beside the server that is used in its place.
    key: `${asked.consent.kind === 'refused' ? 'refused' : 'server'} ${name}`,
    kind: 'consent',
    server: name,
    asked,
    label: line`$(shield) ${name}`,
    description: consentState(asked),
    detail: consentSummary(asked),
  };
}

function separator(key: string, label: Line): ToolRow {
  return { key: `separator ${key}`, kind: 'separator', label };
}

const UNTRUSTED_ROW: ToolRow = {
  key: 'command trust',
  kind: 'command',
  command: 'workbench.trust.manage',
  label: line`$(shield) Servers of this workspace are left out`,
  detail: line`The workspace is not trusted. Trust it to use the servers that its settings name.`,
};

const START_ROWS: ToolRow[] = [
  {
    key: 'command demo',
    kind: 'command',
    command: 'sluice.startDemoServer',
    label: line`$(play) Start Demo Server`,
    detail: line`No server is configured yet. The demo is inside Sluice and needs no settings.`,
  },
  {
    key: 'command add',
    kind: 'command',
    command: 'sluice.addServer',
    label: line`$(add) Add Server…`,
    detail: line`Asks for a URL and a name, and writes them to your settings.`,
  },
];
