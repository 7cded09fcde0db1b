import type { ConfigProblem } from '../../core/config/configProblem.ts';
import type { ServerSettings } from '../../core/config/serverConfig.ts';
import type { McpServer, ServerSnapshot } from '../../core/index.ts';
import type { ServerState } from '../../core/servers/serverState.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import { type SettingsOrigin, scopeTitle } from '../settings/settingsScopes.ts';
import { shownName } from '../text/serverName.ts';
import type { SettingsSnapshot } from './settings.ts';

/** What changed of the servers, each by its name. */
export type ServerChange =
  /** Which servers there are, or what the settings say of one. */
  | { readonly kind: 'list' }
  /** Its state, its calls or its figures: a snapshot would read differently now. */
  | { readonly kind: 'activity'; readonly server: string }
  | { readonly kind: 'tools'; readonly server: string };

/** A server that was used, and where its entry is from, where that is not the user's settings. */
export type UsedServer = ServerSnapshot & { readonly scope?: string };

interface Entry {
  readonly name: string;
  readonly origin?: SettingsOrigin | undefined;
  readonly workspace?: WorkspaceServer | undefined;
  readonly settings?: ServerSettings;
  readonly problem?: ConfigProblem;
}

/** A server as the user knows it: what the settings say of it, and what it does now. Exactly one of `settings` and `problem` is there. */
export class ServerView {
  readonly name: string;
  /** The name that it is shown by. */
  readonly shownName: string;
  /** Where its entry is from, where that is not the user's settings. */
  readonly scope: string | undefined;
  /** Of a server that is not the user's own: whether it may be used. */
  readonly workspace: WorkspaceServer | undefined;
  readonly settings: ServerSettings | undefined;
  readonly problem: ConfigProblem | undefined;
  readonly #connectionOf: (name: string) => McpServer | undefined;

  constructor(
    { name, origin, workspace, settings, problem }: Entry,
    connectionOf: (name: string) => McpServer | undefined,
  ) {
    this.name = name;
    this.scope = origin && scopeTitle(origin);
    this.shownName = shownName(name, this.scope);
    this.workspace = workspace;
    this.settings = settings;
    this.problem = problem;
    this.#connectionOf = connectionOf;
  }

  /** Undefined until it is first used. */
  get connection(): McpServer | undefined {
    return this.#connectionOf(this.name);
  }

  /** `unused`: no call was made in this window yet. `broken`: its settings have an error. */
  get state(): 'unused' | 'broken' | ServerState['kind'] {
    return this.problem === undefined ? (this.connection?.state.kind ?? 'unused') : 'broken';
  }

  /** All that is known of it at this moment; undefined until it is first used. */
  snapshot(): UsedServer | undefined {
    const { connection, scope } = this;
    return connection && { ...connection.snapshot(), ...(scope === undefined ? {} : { scope }) };
  }
}

/** Of those that were used. */
export function snapshotsOf(views: readonly ServerView[]): UsedServer[] {
  return views.flatMap((view) => view.snapshot() ?? []);
}

/**
 * The servers of the settings, by name and in their order, the embedded demo last. Those that are not enabled are left out.
 * @param connectionOf the connection of a server that was used
 */
export function serverViews(
  { servers, workspace, problems }: Pick<SettingsSnapshot, 'servers' | 'problems' | 'workspace'>,
  demo: ServerSettings | undefined,
  connectionOf: (name: string) => McpServer | undefined,
): ReadonlyMap<string, ServerView> {
  const views = new Map<string, ServerView>();
  const add = (entry: Entry): void => void views.set(entry.name, new ServerView(entry, connectionOf));
  for (const settings of servers) {
    if (!settings.enabled) continue;
    const { name } = settings;
    const theirs = workspace.get(name);
    add({ name, settings, workspace: theirs, origin: theirs?.origin });
  }
  for (const problem of problems) {
    const { server, severity, origin } = problem;
    if (server !== undefined && severity === 'error' && !views.has(server))
      add({ name: server, problem, origin });
  }
  if (demo !== undefined) add({ name: demo.name, settings: demo });
  return views;
}
