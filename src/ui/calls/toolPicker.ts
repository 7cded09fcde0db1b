import * as vscode from 'vscode';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { systemClock } from '../../core/metrics/clock.ts';
import { ABOUT, AS_JSON } from '../arguments/rowButtons.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import type { CallHistory } from '../history/callHistory.ts';
import { problemError, type Servers } from '../servers/servers.ts';
import type { ServerView } from '../servers/serverView.ts';
import { joined, type Line, line } from '../surfaces/line.ts';
import { OpenList } from '../surfaces/openList.ts';
import { untilShown } from '../surfaces/untilShown.ts';
import { type Row, window } from '../surfaces/window.ts';
import { describeError } from '../text/errorText.ts';
import { hintMarks } from '../tools/toolHints.ts';
import { RowMoves } from './rowMoves.ts';
import { findRows, fits, keepActive, type Listing, type ToolRow, toolRows } from './toolRows.ts';

/** What the user picked from the list. */
export type Pick =
  | { readonly kind: 'tool'; readonly server: string; readonly name: string; readonly asJson: boolean }
  | { readonly kind: 'failed'; readonly row: ToolRow & { kind: 'failed' } }
  | { readonly kind: 'consent'; readonly asked: WorkspaceServer }
  | { readonly kind: 'command'; readonly command: string };

type Item = Row & { readonly row: ToolRow };

/** One list of all tools of all servers. It opens at once and fills while the servers connect. */
export class ToolPicker {
  readonly #servers: Servers;
  readonly #history: CallHistory;
  readonly #about: (server: string, tool: Tool) => void;
  readonly #picker = window.createQuickPick<Item>();
  readonly #listings = new Map<string, Listing>();
  readonly #moves = new RowMoves(systemClock);
  /** Counts what was typed and the window has no rows for yet, as far as we know. */
  #unseen = 0;
  readonly #closing = new AbortController();
  readonly #subscriptions: vscode.Disposable[] = [];

  /** @param about shows what there is to read of a tool, and leaves the focus where it is */
  constructor(servers: Servers, history: CallHistory, about: (server: string, tool: Tool) => void) {
    this.#servers = servers;
    this.#history = history;
    this.#about = about;
    this.#subscriptions.push(
      this.#picker,
      servers.onDidChange((change) => {
        if (change.kind === 'list') this.#list();
        if (change.kind !== 'tools') return;
        const server = servers.view(change.server);
        if (server !== undefined) void this.#fill(server);
      }),
    );
  }

  /** Undefined where the user left the list. */
  pick(title: Line): Promise<Pick | undefined> {
    const picker = this.#picker;
    picker.title = title;
    picker.placeholder = line`Server, tool or what it does`;
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    picker.keepScrollPosition = true;
    this.#list();
    const picked = new Promise<Pick | undefined>((resolve) => {
      let isLeft = false;
      const leave = (pick: Pick | undefined): void => {
        isLeft = true;
        resolve(pick);
        picker.hide();
      };
      const list = new OpenList(() => leave(undefined));
      this.#subscriptions.push(
        list,
        picker.onDidChangeValue(() => {
          this.#show({ isNewQuery: true });
          this.#unseen++;
          void untilShown().then(() => this.#unseen--);
        }),
        picker.onDidAccept(() => {
          const pick = pickOf(this.#certain(picker.selectedItems[0]?.row), false);
          if (pick !== undefined) leave(pick);
        }),
        picker.onDidTriggerItemButton(({ item: { row }, button }) => {
          if (button !== ABOUT) {
            const pick = pickOf(this.#certain(row), true);
            if (pick !== undefined) leave(pick);
          } else if (row.kind === 'tool' && row.tool !== undefined) {
            // The list stays, though an editor opens behind it.
            picker.ignoreFocusOut = true;
            this.#about(row.server, row.tool);
          }
        }),
        picker.onDidHide(() => {
          if (isLeft || !list.isClosedByPage()) return leave(undefined);
          picker.show();
        }),
      );
    });
    picker.show();
    return picked.finally(() => {
      this.#closing.abort();
      for (const subscription of this.#subscriptions) subscription.dispose();
    });
  }

  /** Undefined where the user may have meant another row: the list stays, and they pick once more. */
  #certain(row: ToolRow | undefined): ToolRow | undefined {
    const { items, value } = this.#picker;
    const rows = items.map((item) => item.row);
    // Until then it may show a row that was found by what was typed before.
    const isFound = row !== undefined && (this.#unseen === 0 || fits(row, value));
    if (isFound && this.#moves.isCertain(row, rows, value)) return row;
    // A click on what VS Code has selected already is none.
    this.#picker.selectedItems = [];
    return undefined;
  }

  /** Lists what servers there are, and asks each for its tools. */
  #list(): void {
    const known = this.#servers.views;
    for (const name of this.#listings.keys()) {
      if (!known.some((server) => server.name === name)) this.#listings.delete(name);
    }
    for (const server of known) {
      const { name } = server;
      const listing = listingOf(server, this.#listings.get(name));
      this.#listings.set(name, listing);
      // A server that waits for a consent is asked for nothing.
      if (server.problem === undefined && listing.kind !== 'consent') void this.#fill(server);
    }
    this.#show({ isNewQuery: false });
  }

  async #fill({ name: server, scope }: ServerView): Promise<void> {
    const { signal } = this.#closing;
    const whose = { server, ...(scope === undefined ? {} : { scope }) };
    let listing: Listing;
    try {
      const connection = await this.#servers.connection(server, { interactive: false });
      const tools: readonly Tool[] = await connection.listTools({ signal });
      listing = { ...whose, kind: 'tools', tools };
    } catch (error) {
      listing = { ...whose, kind: 'failed', error: describeError(error) };
    }
    const shown = this.#listings.get(server)?.kind;
    // Its settings changed meanwhile: it is gone, or waits for a consent.
    if (signal.aborted || shown === undefined || shown === 'consent') return;
    const isNews = shown !== listing.kind;
    // In the order of arrival: what is on the screen already does not move.
    if (isNews) this.#listings.delete(server);
    this.#listings.set(server, listing);
    this.#show({ isNewQuery: false });
  }

  #show({ isNewQuery }: { isNewQuery: boolean }): void {
    const picker = this.#picker;
    const listings = [...this.#listings.values()];
    const active = picker.activeItems[0]?.row;
    const leftOut = { refused: this.#servers.refused(), untrusted: this.#servers.leavesOut };
    const all = toolRows(listings, this.#history.recent, leftOut);
    const { rows, besides } = findRows(all, picker.value);
    const items = rows.map((row) => itemOf(row, besides.has(row.key)));
    picker.busy = listings.some(({ kind }) => kind === 'connecting');
    // VS Code filters by itself what it has, and marks the first.
    if (isNewQuery && areSame(picker.items, items)) return;
    const before = picker.items.map(({ row }) => row);
    // Before the first rows there was none to be meant.
    const seen = before.length > 0 ? this.#moves.moved(before, rows, isNewQuery) : undefined;
    picker.items = items;
    // With new items VS Code marks the first one that it shows.
    const kept = isNewQuery ? undefined : keepActive(before, active, rows);
    if (kept !== undefined) picker.activeItems = picker.items.filter(({ row }) => row === kept);
    if (seen !== undefined) void untilShown().then(seen);
  }
}

/** @param before what the list showed of that server; its tools stay until the new ones are there */
function listingOf({ name, scope, workspace, problem }: ServerView, before: Listing | undefined): Listing {
  const whose = { server: name, ...(scope === undefined ? {} : { scope }) };
  if (problem !== undefined) return { ...whose, kind: 'failed', error: describeError(problemError(problem)) };
  if (workspace !== undefined && workspace.consent.kind !== 'allowed')
    return { ...whose, kind: 'consent', asked: workspace };
  return before?.kind === 'tools' && before.scope === scope ? before : { ...whose, kind: 'connecting' };
}

/** Whether they are told apart by nothing but what is found in them. */
function areSame(before: readonly Item[], after: readonly Item[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ row, alwaysShow }, place) => {
      const other = after[place];
      return row.key === other?.row.key && alwaysShow === other.alwaysShow;
    })
  );
}

/** @param isFound whether it is shown although VS Code finds nothing in it */
function itemOf(row: ToolRow, isFound: boolean): Item {
  if (row.kind === 'separator') return { row, label: row.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, detail } = row;
  const marks = row.kind === 'tool' && row.tool !== undefined ? hintMarks(row.tool) : undefined;
  const description = marks === undefined ? row.description : joined(' · ', row.description, marks);
  return {
    row,
    label,
    alwaysShow: isFound,
    ...(description === undefined ? {} : { description }),
    ...(detail === undefined ? {} : { detail }),
    ...(row.kind === 'tool' ? { buttons: row.tool === undefined ? [AS_JSON] : [ABOUT, AS_JSON] } : {}),
  };
}

function pickOf(row: ToolRow | undefined, asJson: boolean): Pick | undefined {
  switch (row?.kind) {
    case 'tool':
      return { kind: 'tool', server: row.server, name: row.name, asJson };
    case 'failed':
      return { kind: 'failed', row };
    case 'consent':
      return { kind: 'consent', asked: row.asked };
    case 'command':
      return { kind: 'command', command: row.command };
    default:
      return undefined;
  }
}
