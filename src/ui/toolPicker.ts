import * as vscode from 'vscode';
import type { Tool } from '../core/mcp/mcpTypes.ts';
import type { CallHistory } from './callHistory.ts';
import { describeError } from './errorText.ts';
import type { ServerEvents } from './serverEvents.ts';
import { problemError, type Servers } from './servers.ts';
import { hintMarks } from './toolHints.ts';
import { filterRows, keepActive, type Listing, type ToolRow, toolRows } from './toolRows.ts';

/** What the user picked from the list. */
export type Pick =
  | { readonly kind: 'tool'; readonly server: string; readonly name: string; readonly asJson: boolean }
  | { readonly kind: 'failed'; readonly row: ToolRow & { kind: 'failed' } }
  | { readonly kind: 'command'; readonly command: string };

type Item = vscode.QuickPickItem & { readonly row: ToolRow };

const AS_JSON: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('json'),
  tooltip: 'Write the arguments as JSON',
};

const ABOUT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('info'),
  tooltip: 'Read the whole description',
};

/** One list of all tools of all servers. It opens at once and fills while the servers connect. */
export class ToolPicker {
  readonly #servers: Servers;
  readonly #history: CallHistory;
  readonly #about: (server: string, tool: Tool) => void;
  readonly #picker = vscode.window.createQuickPick<Item>();
  readonly #listings = new Map<string, Listing>();
  readonly #closing = new AbortController();
  readonly #subscriptions: vscode.Disposable[] = [];

  /** @param about shows what there is to read of a tool, and leaves the focus where it is */
  constructor(
    servers: Servers,
    events: ServerEvents,
    history: CallHistory,
    about: (server: string, tool: Tool) => void,
  ) {
    this.#servers = servers;
    this.#history = history;
    this.#about = about;
    this.#subscriptions.push(
      this.#picker,
      servers.onDidChange(() => this.#list()),
      events.onDidChangeTools((server) => void this.#fill(server)),
    );
  }

  /** Undefined where the user left the list. */
  pick(title: string): Promise<Pick | undefined> {
    const picker = this.#picker;
    picker.title = title;
    picker.placeholder = 'Server, tool or what it does';
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    picker.keepScrollPosition = true;
    this.#list();
    const picked = new Promise<Pick | undefined>((resolve) => {
      const leave = (pick: Pick | undefined): void => {
        resolve(pick);
        picker.hide();
      };
      this.#subscriptions.push(
        picker.onDidChangeValue(() => this.#show({ isNewQuery: true })),
        picker.onDidAccept(() => {
          const pick = pickOf(picker.selectedItems[0]?.row, false);
          if (pick !== undefined) leave(pick);
        }),
        picker.onDidTriggerItemButton(({ item: { row }, button }) => {
          if (button !== ABOUT) leave(pickOf(row, true));
          else if (row.kind === 'tool' && row.tool !== undefined) {
            // The list stays, though an editor opens behind it.
            picker.ignoreFocusOut = true;
            this.#about(row.server, row.tool);
          }
        }),
        picker.onDidHide(() => leave(undefined)),
      );
    });
    picker.show();
    return picked.finally(() => {
      this.#closing.abort();
      for (const subscription of this.#subscriptions) subscription.dispose();
    });
  }

  /** Lists what servers there are, and asks each for its tools. */
  #list(): void {
    const known = this.#servers.known();
    for (const name of this.#listings.keys()) {
      if (!known.some((server) => server.name === name)) this.#listings.delete(name);
    }
    for (const { name, problem } of known) {
      if (problem !== undefined) {
        this.#listings.set(name, {
          server: name,
          kind: 'failed',
          error: describeError(problemError(problem)),
        });
      } else {
        if (this.#listings.get(name)?.kind !== 'tools')
          this.#listings.set(name, { server: name, kind: 'connecting' });
        void this.#fill(name);
      }
    }
    this.#show({ isNewQuery: false });
  }

  async #fill(server: string): Promise<void> {
    const { signal } = this.#closing;
    let listing: Listing;
    try {
      const connection = await this.#servers.connection(server, { interactive: false });
      const tools: readonly Tool[] = await connection.listTools({ signal });
      listing = { server, kind: 'tools', tools };
    } catch (error) {
      listing = { server, kind: 'failed', error: describeError(error) };
    }
    if (signal.aborted || !this.#listings.has(server)) return;
    const isNews = this.#listings.get(server)?.kind !== listing.kind;
    // In the order of arrival: what is on the screen already does not move.
    if (isNews) this.#listings.delete(server);
    this.#listings.set(server, listing);
    this.#show({ isNewQuery: false });
  }

  #show({ isNewQuery }: { isNewQuery: boolean }): void {
    const picker = this.#picker;
    const listings = [...this.#listings.values()];
    const before = picker.items.map(({ row }) => row);
    const active = picker.activeItems[0]?.row;
    const rows = filterRows(toolRows(listings, this.#history.recent), picker.value);
    picker.busy = listings.some(({ kind }) => kind === 'connecting');
    picker.items = rows.map(itemOf);
    // With new items VS Code marks the first one that it shows.
    const kept = isNewQuery ? undefined : keepActive(before, active, rows);
    if (kept !== undefined) picker.activeItems = picker.items.filter(({ row }) => row === kept);
  }
}

function itemOf(row: ToolRow): Item {
  if (row.kind === 'separator') return { row, label: row.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, detail } = row;
  const marks = row.kind === 'tool' && row.tool !== undefined ? hintMarks(row.tool) : '';
  const description = marks === '' ? row.description : `${row.description} · ${marks}`;
  return {
    row,
    label,
    // What fits was decided already; the list only marks where.
    alwaysShow: true,
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
    case 'command':
      return { kind: 'command', command: row.command };
    default:
      return undefined;
  }
}
