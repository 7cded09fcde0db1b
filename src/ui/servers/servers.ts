import * as vscode from 'vscode';
import type { ConfigProblem } from '../../core/config/configProblem.ts';
import type { ServerConfig, ServerSettings } from '../../core/config/serverConfig.ts';
import { SluiceError } from '../../core/errors.ts';
import type { McpServer, ServerManager } from '../../core/index.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import type { DemoServer } from './demoServer.ts';
import { type ServerChange, type ServerView, serverViews } from './serverView.ts';
import type { Settings, SettingsSnapshot } from './settings.ts';

export interface ServersOptions {
  readonly settings: Settings;
  readonly demo: DemoServer;
  /**
   * Loads what opens connections, when the first server is used.
   * @param report takes what the connections tell of themselves
   */
  readonly open: (report: (change: ServerChange) => void) => Promise<ServerManager>;
}

/**
 * The servers of settings.json and the demo, and the connections to those that were used so far.
 * A server's variables are resolved when it is first used: nobody is asked for a token at start-up.
 */
export class Servers {
  readonly #settings: Settings;
  readonly #demo: DemoServer;
  readonly #open: ServersOptions['open'];
  readonly #changed = new vscode.EventEmitter<ServerChange>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #resolved = new Map<string, { readonly generation: number; readonly config: ServerConfig }>();
  #opening: Promise<ServerManager> | undefined;
  #manager: ServerManager | undefined;
  #read:
    | {
        readonly from: SettingsSnapshot;
        readonly demo: ServerSettings | undefined;
        readonly views: ReadonlyMap<string, ServerView>;
      }
    | undefined;
  #generation = 0;
  #isClosed = false;

  /** Comes with every call: a listener that has something to do does it later, and not for each (`Throttle`). */
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
  get views(): readonly ServerView[] {
    return [...this.#viewsByName.values()];
  }

  /** Of the servers used so far, in the order of their first use. */
  get usedViews(): readonly ServerView[] {
    return this.#manager?.all().flatMap(({ name }) => this.view(name) ?? []) ?? [];
  }

  view(name: string): ServerView | undefined {
    return this.#viewsByName.get(name);
  }

  /** Servers of the workspace that the user has refused, and uses another one of that name in their place. */
  refused(): readonly WorkspaceServer[] {
    return this.#settings.current.refused;
  }

  /** Whether the workspace has servers that are left out, as it is not trusted. */
  get leavesOut(): boolean {
    return this.#settings.current.leavesOut;
  }

  /** A server's name as it is shown. */
  shownName(name: string): string {
    return this.view(name)?.shownName ?? name;
  }

  /** Asks for the consent to a workspace's server; true where it may be used now. */
  askConsent(server: WorkspaceServer): Promise<boolean> {
    return this.#settings.askConsent(server);
  }

  /**
   * The connection of a server; it need not be connected yet.
   * @param interactive whether the user may be asked for a consent to the server, and for its inputs
   * @throws SluiceError `server-unknown`, `server-disabled`, `config-invalid`, `consent-missing` or `input-missing`
   */
  async connection(name: string, { interactive }: { interactive: boolean }): Promise<McpServer> {
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
    for (const name of [...this.#resolved.keys()]) {
      if (this.view(name) === undefined) this.#resolved.delete(name);
      else this.connection(name, { interactive: false }).catch(() => this.#drop(name, generation));
    }
    this.#apply();
    this.#changed.fire({ kind: 'list' });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    await this.#manager?.close();
  }

  /** Of the settings and the demo as they are now. They are asked for with every event of a trace. */
  get #viewsByName(): ReadonlyMap<string, ServerView> {
    const [from, demo] = [this.#settings.current, this.#demo.settings];
    if (this.#read === undefined || this.#read.from !== from || this.#read.demo !== demo)
      this.#read = { from, demo, views: serverViews(from, demo, (name) => this.#manager?.get(name)) };
    return this.#read.views;
  }

  async #load(): Promise<ServerManager> {
    this.#opening ??= this.#open((change) => this.#changed.fire(change));
    const manager = await this.#opening;
    if (this.#isClosed) throw new SluiceError('closed', 'Sluice is shutting down.', { delivery: 'not-sent' });
    this.#manager = manager;
    return manager;
  }

  async #resolve(name: string, interactive: boolean): Promise<ServerConfig> {
    const server = this.view(name);
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

/** A problem of the settings as the failure of whoever wants to use the server. */
export function problemError(problem: ConfigProblem): SluiceError {
  return new SluiceError('config-invalid', problem.message, {
    phase: 'settings',
    delivery: 'not-sent',
    hint: problem.hint,
    ...(problem.server === undefined ? {} : { server: problem.server }),
  });
}
