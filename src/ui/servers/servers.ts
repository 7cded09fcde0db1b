import * as vscode from 'vscode';
import type { ConfigProblem } from '../../core/config/configProblem.ts';
import type { ServerConfig, ServerSettings } from '../../core/config/serverConfig.ts';
import { SluiceError } from '../../core/errors.ts';
import type { ConnectionManager, ServerConnection, ServerSnapshot } from '../../core/index.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import { type SettingsOrigin, scopeTitle } from '../settings/settingsScopes.ts';
import { shownName } from '../text/serverName.ts';
import type { DemoServer } from './demoServer.ts';
import type { Settings } from './settings.ts';

/** A server as the user knows it. Exactly one of `settings` and `problem` is there. */
export interface KnownServer {
  readonly name: string;
  /** Where its entry is from, where that is not the user's settings. */
  readonly scope?: string;
  /** Of a server that is not the user's own: whether it may be used. */
  readonly workspace?: WorkspaceServer;
  readonly settings?: ServerSettings;
  readonly problem?: ConfigProblem;
}

/** A server that was used, and where its entry is from, where that is not the user's settings. */
export type UsedServer = ServerSnapshot & { readonly scope?: string };

export interface ServersOptions {
  readonly settings: Settings;
  readonly demo: DemoServer;
  /** Loads what opens connections, when the first server is used. */
  readonly open: () => Promise<ConnectionManager>;
}

/**
 * The servers of settings.json and the demo, and the connections to those that were used so far.
 * A server's variables are resolved when it is first used: nobody is asked for a token at start-up.
 */
export class Servers {
  readonly #settings: Settings;
  readonly #demo: DemoServer;
  readonly #open: ServersOptions['open'];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #resolved = new Map<string, { readonly generation: number; readonly config: ServerConfig }>();
  #opening: Promise<ConnectionManager> | undefined;
  #manager: ConnectionManager | undefined;
  readonly #shownNames = new Map<string, string>();
  #generation = 0;
  #isClosed = false;

  /** The list of servers changed. */
  readonly onDidChange = this.#changed.event;

  constructor(options: ServersOptions) {
    const { settings, demo, open } = options;
    this.#settings = settings;
    this.#demo = demo;
    this.#open = open;
    this.#subscriptions = [
      settings.onDidChange(() => this.refresh()),
      demo.onDidChange(() => this.refresh()),
      // What servers are told of the workspace are its folders.
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        for (const connection of this.#manager?.all() ?? []) void connection.rootsChanged();
      }),
      this.#changed,
    ];
  }

  /** In the order of the settings, the embedded demo last. Servers that are not enabled are left out. */
  known(): KnownServer[] {
    const { servers, workspace, problems } = this.#settings.current;
    const known = new Map<string, KnownServer>();
    for (const settings of servers) {
      if (!settings.enabled) continue;
      const { name } = settings;
      const theirs = workspace.get(name);
      known.set(name, {
        name,
        settings,
        ...scopeOf(theirs?.origin),
        ...(theirs === undefined ? {} : { workspace: theirs }),
      });
    }
    for (const problem of problems) {
      if (problem.server === undefined || problem.severity !== 'error' || known.has(problem.server)) continue;
      known.set(problem.server, { name: problem.server, problem, ...scopeOf(problem.origin) });
    }
    const demo = this.#demo.settings;
    if (demo !== undefined) known.set(demo.name, { name: demo.name, settings: demo });
    return [...known.values()];
  }

  /** Servers of the workspace that the user has refused, and uses another one of that name in their place. */
  refused(): readonly WorkspaceServer[] {
    return this.#settings.current.refused;
  }

  /** Whether the workspace has servers that are left out, as it is not trusted. */
  get leavesOut(): boolean {
    return this.#settings.current.leavesOut;
  }

  /** A server's name as it is shown. It is asked for with every event of a trace. */
  shownName(name: string): string {
    const known = this.#shownNames.get(name);
    if (known !== undefined) return known;
    const shown = shownName(name, this.known().find((server) => server.name === name)?.scope);
    this.#shownNames.set(name, shown);
    return shown;
  }

  /** Asks for the consent to a workspace's server; true where it may be used now. */
  askConsent(server: WorkspaceServer): Promise<boolean> {
    return this.#settings.askConsent(server);
  }

  /** The connection of a server that was used already. */
  used(name: string): ServerConnection | undefined {
    return this.#manager?.get(name);
  }

  /** Of the servers used so far. */
  snapshots(): UsedServer[] {
    const scopes = new Map(this.known().map(({ name, scope }) => [name, scope]));
    return (
      this.#manager?.all().map((connection) => {
        const scope = scopes.get(connection.name);
        return { ...connection.snapshot(), ...(scope === undefined ? {} : { scope }) };
      }) ?? []
    );
  }

  /**
   * The connection of a server; it need not be connected yet.
   * @param interactive whether the user may be asked for a consent to the server, and for its inputs
   * @throws SluiceError `server-unknown`, `server-disabled`, `config-invalid`, `consent-missing` or `input-missing`
   */
  async connection(name: string, { interactive }: { interactive: boolean }): Promise<ServerConnection> {
    for (;;) {
      const generation = this.#generation;
      const used = this.#manager?.get(name);
      if (used !== undefined && this.#resolved.get(name)?.generation === generation) return used;
      const [manager, config] = await Promise.all([this.#load(), this.#resolve(name, interactive)]);
      // The settings changed while the user was asked or a secret was read.
      if (generation !== this.#generation) continue;
      this.#resolved.set(name, { generation, config });
      this.#apply();
      const connection = manager.get(name);
      if (connection !== undefined) return connection;
    }
  }

  /** Takes up what changed in settings, in the demo or in stored inputs; only servers that differ are touched. */
  refresh(): void {
    const generation = ++this.#generation;
    this.#shownNames.clear();
    const known = new Set(this.known().map(({ name }) => name));
    for (const name of [...this.#resolved.keys()]) {
      if (!known.has(name)) this.#resolved.delete(name);
      else this.connection(name, { interactive: false }).catch(() => this.#drop(name, generation));
    }
    this.#apply();
    this.#changed.fire();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    await this.#manager?.close();
  }

  async #load(): Promise<ConnectionManager> {
    this.#opening ??= this.#open();
    const manager = await this.#opening;
    if (this.#isClosed) throw new SluiceError('closed', 'Sluice is shutting down.', { delivery: 'not-sent' });
    this.#manager = manager;
    return manager;
  }

  async #resolve(name: string, interactive: boolean): Promise<ServerConfig> {
    const server = this.known().find((candidate) => candidate.name === name);
    if (server?.settings !== undefined) {
      if (server.settings === this.#demo.settings) return { ...server.settings, secrets: [] };
      return this.#settings.resolve(server.settings, { interactive });
    }
    if (server?.problem !== undefined) throw problemError(server.problem);
    const details = { server: name, phase: 'settings', delivery: 'not-sent' } as const;
    if (this.#settings.current.servers.some((settings) => settings.name === name)) {
      const hint = 'Set its `enabled` to true in the settings.';
      throw new SluiceError('server-disabled', `The server ${name} is not enabled.`, { ...details, hint });
    }
    const hint = 'Add it to `sluice.servers` in the settings.';
    throw new SluiceError('server-unknown', `There is no server named ${name}.`, { ...details, hint });
  }

  /** Lets go of a server that cannot be resolved any more, unless the settings changed again meanwhile. */
  #drop(name: string, generation: number): void {
    if (generation !== this.#generation) return;
    this.#resolved.delete(name);
    this.#apply();
  }

  #apply(): void {
    this.#manager?.apply([...this.#resolved.values()].map(({ config }) => config));
  }
}

function scopeOf(origin: SettingsOrigin | undefined): { readonly scope?: string } {
  const scope = origin && scopeTitle(origin);
  return scope === undefined ? {} : { scope };
}

/** A problem of the settings as the failure of whoever wants to use the server. */
export function problemError(problem: ConfigProblem): SluiceError {
  return new SluiceError('config-invalid', problem.message, {
    phase: 'settings',
    delivery: 'not-sent',
    hint: problem.hint,
    ...(problem.server === undefined ? {} : { server: problem.server }),
  });
}
