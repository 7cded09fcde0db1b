import * as vscode from 'vscode';
import { checkVariables } from '../../core/config/checkVariables.ts';
import { checkWorkspaceServer } from '../../core/config/checkWorkspaceServer.ts';
import { type ConfigProblem, problemsError } from '../../core/config/configProblem.ts';
import { DRAIN_KEYS, MESSAGE_KEYS, POOL_KEYS } from '../../core/config/limits.ts';
import { mergeScopes } from '../../core/config/mergeScopes.ts';
import { parseServers } from '../../core/config/parseServers.ts';
import { withProxy } from '../../core/config/proxyFor.ts';
import type { ServerConfig, ServerSettings } from '../../core/config/serverConfig.ts';
import type { Folder, Surroundings } from '../../core/config/surroundings.ts';
import { resolveVariables } from '../../core/config/variables.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AskConsent } from '../consent/askConsent.ts';
import { Consents } from '../consent/consents.ts';
import type { WorkspaceServer } from '../consent/workspaceServer.ts';
import { Inputs } from '../settings/inputs.ts';
import { ignoredSettings } from '../settings/restrictedMode.ts';
import type { SettingsProblem } from '../settings/settingsProblem.ts';
import {
  isOfWorkspace,
  originId,
  readScopes,
  type SettingsOrigin,
  scopeTitle,
} from '../settings/settingsScopes.ts';
import { shownName } from '../text/serverName.ts';
import { readProxySettings, withTrust } from './proxySettings.ts';

/** What settings.json says now: the servers fit for use, and what is wrong with the others. */
export interface SettingsSnapshot {
  /** Without the entries that have an error; with those that are disabled. */
  readonly servers: readonly ServerSettings[];
  /** Those of `servers` that are not the user's own, by name. */
  readonly workspace: ReadonlyMap<string, WorkspaceServer>;
  /** Servers of the workspace that are not used, as the user wants another one of that name. */
  readonly refused: readonly WorkspaceServer[];
  readonly problems: readonly SettingsProblem[];
  /** The workspace is not trusted, and has settings of Sluice, which are left out. */
  readonly leavesOut: boolean;
  /** Counts the changes; a greater number is newer. */
  readonly generation: number;
}

/**
 * Reads Sluice's settings, and again at each change.
 *
 * Which machine connects: the one that runs this code. In a remote window that is the remote machine, and it gets
 * the user's local entries too (scope `resource`), because most name a server that both machines reach. An entry
 * that names `localhost`, a file or an environment variable means the remote machine's there; the remote's own
 * settings override it by name. Headers of local entries are thereby known to the remote machine.
 */
export class Settings implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<SettingsSnapshot>();
  readonly onDidChange = this.#changed.event;
  readonly #inputs: Inputs;
  readonly #consents: Consents;
  readonly #askConsent: AskConsent;
  /** Questions on their way, by settings file and name: callers at the same time share one. */
  readonly #asking = new Map<string, Promise<boolean>>();
  readonly #subscriptions: vscode.Disposable;
  /** Where an entry was read: what `${workspaceFolder}` means depends on it. */
  readonly #origins = new WeakMap<ServerSettings, SettingsOrigin>();
  /** Undefined until somebody asks: activation does not wait for it. */
  #current: SettingsSnapshot | undefined;
  #generation = 0;

  constructor(
    context: Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>,
    inputs = new Inputs(context.secrets),
    ask: AskConsent = async (server) => (await import('../consent/askConsent.ts')).askConsent(server),
  ) {
    this.#inputs = inputs;
    this.#consents = new Consents(context.globalState);
    this.#askConsent = ask;
    const reload = () => this.#reload();
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((change) => {
        // VS Code's own settings `http.*` decide on proxies.
        if (change.affectsConfiguration('sluice') || change.affectsConfiguration('http')) reload();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(reload),
      vscode.workspace.onDidGrantWorkspaceTrust(reload),
    );
  }

  get current(): SettingsSnapshot {
    this.#current ??= this.#read();
    return this.#current;
  }

  /**
   * Replaces the variables of `server`, and finds the proxy to it. This is the one way to a configuration that can be connected,
   * so here a workspace's server waits for the user's consent: before it no variable is read and no name is looked up.
   *
   * @param options.interactive whether the user may be asked for a consent or an input; true by default
   * @throws SluiceError `consent-missing`, `input-missing`, `config-invalid` or `server-disabled`; `cancelled` where the
   *   user was asked for the consent and did not give it
   */
  async resolve(server: ServerSettings, options = { interactive: true }): Promise<ServerConfig> {
    const { name } = server;
    if (!server.enabled) {
      throw new SluiceError('server-disabled', `The server ${name} is not enabled`, {
        server: name,
        phase: 'settings',
        delivery: 'not-sent',
        hint: `Remove "enabled": false from its entry in the settings.`,
      });
    }
    const origin = this.#origins.get(server) ?? USER;
    await this.#requireConsent(server, origin, options.interactive);
    const scope = originId(origin);
    const owner = { scope, shownServer: shownName(name, scopeTitle(origin)) };
    let isAnswered = false;
    const resolved = await resolveVariables(server, this.#surroundings(origin, 'all'), async (question) => {
      const answer = await this.#inputs.answer(question, owner, options.interactive);
      isAnswered = true;
      return answer;
    });
    if ('config' in resolved) return withTrust(withProxy(resolved.config, readProxySettings(), process.env));
    // An answer that cannot be used is not kept: the next call asks again.
    if (isAnswered) await this.#inputs.forget(name, scope);
    throw problemsError(name, resolved.problems);
  }

  /** Which settings define a server; undefined where none do. */
  scopeOf(server: string): SettingsOrigin['scope'] | undefined {
    const settings = this.current.servers.find(({ name }) => name === server);
    return settings && this.#origins.get(settings)?.scope;
  }

  /** Forgets what the user answered to `${input:}`, for one server or for all; how many answers that were. */
  forgetInputs(server?: string): Promise<number> {
    return this.#inputs.forget(server);
  }

  /** Asks for the consent to a workspace's server, also after it was refused; true where it may be used now. */
  async askConsent(server: WorkspaceServer): Promise<boolean> {
    const origin = originId(server.origin);
    const key = JSON.stringify([origin, server.settings.name]);
    const asking = this.#asking.get(key) ?? this.#ask(server, origin);
    this.#asking.set(key, asking);
    try {
      return await asking;
    } finally {
      this.#asking.delete(key);
    }
  }

  /** Allows what the user has just written into a workspace's settings. */
  async allow(server: ServerSettings, origin: SettingsOrigin): Promise<void> {
    await this.#consents.allow(server, originId(origin));
  }

  /** Takes all consents back; how many there were. */
  async forgetConsents(): Promise<number> {
    const count = await this.#consents.forget();
    this.#reload();
    return count;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #ask(server: WorkspaceServer, origin: string): Promise<boolean> {
    const { settings } = server;
    const answer = await this.#askConsent(server);
    if (answer === undefined) return false;
    if (answer === 'allow') await this.#consents.allow(settings, origin);
    else await this.#consents.refuse(settings.name, origin);
    this.#reload();
    return answer === 'allow';
  }

  async #requireConsent(server: ServerSettings, origin: SettingsOrigin, interactive: boolean): Promise<void> {
    const theirs = this.#workspaceServer(server, origin);
    if (theirs === undefined || theirs.consent.kind === 'allowed') return;
    const asked = { ...theirs, others: this.current.workspace.get(server.name)?.others ?? [] };
    const details = { server: server.name, phase: 'settings', delivery: 'not-sent' } as const;
    if (!interactive) {
      const isChanged = asked.consent.kind === 'changed';
      throw new SluiceError(
        'consent-missing',
        `The server ${server.name} of this ${asked.scope} ${isChanged ? 'has changed since it was allowed' : 'is not allowed yet'}`,
        { ...details, hint: 'Connect it to see what it sends, and to allow it.' },
      );
    }
    if (await this.askConsent(asked)) return;
    throw new SluiceError('cancelled', `The server ${server.name} was not allowed`, details);
  }

  /** Undefined for a server of the user. */
  #workspaceServer(
    settings: ServerSettings,
    origin: SettingsOrigin,
    others: readonly SettingsOrigin[] = [],
  ): WorkspaceServer | undefined {
    const scope = scopeTitle(origin);
    if (scope === undefined) return undefined;
    const consent = this.#consents.judge(settings, originId(origin));
    return { settings, origin, scope, others: others.map(scopeTitle), consent };
  }

  #reload(): void {
    this.#current = this.#read();
    this.#changed.fire(this.#current);
  }

  #read(): SettingsSnapshot {
    const merged = mergeScopes(
      readScopes('servers'),
      (name, origin) => isOfWorkspace(origin) && this.#consents.isRefused(name, originId(origin)),
    );
    const limits = readLimits();
    const parsed = parseServers(merged.entries, limits.values);
    const workspace = new Map<string, WorkspaceServer>();
    for (const server of parsed.servers) {
      const origin = merged.origins.get(server.name);
      if (origin === undefined) continue;
      this.#origins.set(server, origin);
      const theirs = this.#workspaceServer(server, origin, merged.shadowed.get(server.name));
      if (theirs !== undefined) workspace.set(server.name, theirs);
    }
    const unresolved = parsed.servers
      .filter(({ enabled }) => enabled)
      .flatMap((server) => this.#check(server, workspace.get(server.name)));
    const broken = new Set(
      unresolved.map(({ severity, server }) => (severity === 'error' ? server : undefined)),
    );
    const snapshot = {
      servers: parsed.servers.filter(({ name }) => !broken.has(name)),
      workspace,
      refused: merged.refused.flatMap(({ name, entry, origin }) => {
        const used = merged.origins.get(name);
        return parseServers({ [name]: entry }, limits.values)
          .servers.filter(({ enabled }) => enabled)
          .flatMap((server) => this.#workspaceServer(server, origin, used && [used]) ?? []);
      }),
      problems: [
        ...merged.problems.map(({ origin, problem }) => ({ ...problem, origin })),
        ...[...parsed.problems, ...unresolved].map((problem) => ({
          ...problem,
          origin: originOf(problem, merged.origins, limits.origins),
        })),
      ],
      leavesOut: false,
      generation: ++this.#generation,
    };
    if (!vscode.workspace.isTrusted) void this.#addIgnored(snapshot);
    return snapshot;
  }

  /** What is wrong with the variables of an entry. Before a workspace's server is allowed, the environment is not read for it. */
  #check(server: ServerSettings, theirs: WorkspaceServer | undefined): readonly ConfigProblem[] {
    const origin = this.#origins.get(server) ?? USER;
    if (theirs === undefined) return checkVariables(server, this.#surroundings(origin, 'all'));
    const may = theirs.consent.kind === 'allowed' ? 'all' : 'folders';
    return [...checkWorkspaceServer(server), ...checkVariables(server, this.#surroundings(origin, may))];
  }

  /** In Restricted Mode, tells of settings that the workspace has and that are not in use. */
  async #addIgnored(snapshot: SettingsSnapshot): Promise<void> {
    const ignored = await ignoredSettings();
    if (ignored.length === 0 || this.#current !== snapshot) return;
    this.#current = {
      ...snapshot,
      problems: [...snapshot.problems, ...ignored],
      leavesOut: true,
      generation: ++this.#generation,
    };
    this.#changed.fire(this.#current);
  }

  #surroundings(origin: SettingsOrigin, may: 'all' | 'folders'): Surroundings {
    const { workspaceFolders = [] } = vscode.workspace;
    const home = 'folder' in origin ? origin.folder : undefined;
    return {
      env: may === 'all' ? process.env : undefined,
      folders: workspaceFolders.filter(isOnDisk).map(asFolder),
      home: home !== undefined && isOnDisk(home) ? asFolder(home) : undefined,
    };
  }
}

const USER: SettingsOrigin = { scope: 'user' };

/** The limits that all servers share, each with the file that sets it. */
function readLimits() {
  const origins = new Map<string, SettingsOrigin>();
  const read = (key: string) => {
    const last = readScopes(key).at(-1);
    if (last !== undefined) origins.set(`sluice.${key}`, last.origin);
    return last?.value;
  };
  const section = (name: string, keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, read(`${name}.${key}`)]));
  const values = {
    pool: section('pool', POOL_KEYS),
    drain: section('drain', DRAIN_KEYS),
    message: section('message', MESSAGE_KEYS),
    http2: read('http2'),
    requestTimeout: read('requestTimeout'),
  };
  return { values, origins };
}

function originOf(
  { server, path }: ConfigProblem,
  servers: ReadonlyMap<string, SettingsOrigin>,
  limits: ReadonlyMap<string, SettingsOrigin>,
): SettingsOrigin {
  const origin = server === undefined ? limits.get(path[0] ?? '') : servers.get(server);
  return origin ?? USER;
}

/** A folder of a virtual file system has no path that a variable could give. */
function isOnDisk(folder: vscode.WorkspaceFolder): boolean {
  return folder.uri.scheme === 'file';
}

function asFolder({ name, uri }: vscode.WorkspaceFolder): Folder {
  return { name, path: uri.fsPath };
}
