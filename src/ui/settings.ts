import * as vscode from 'vscode';
import { checkVariables } from '../core/config/checkVariables.ts';
import { type ConfigProblem, problemsError } from '../core/config/configProblem.ts';
import { DRAIN_KEYS, POOL_KEYS } from '../core/config/limits.ts';
import { mergeScopes } from '../core/config/mergeScopes.ts';
import { parseServers } from '../core/config/parseServers.ts';
import { withProxy } from '../core/config/proxyFor.ts';
import type { ServerConfig, ServerSettings } from '../core/config/serverConfig.ts';
import type { Folder, Surroundings } from '../core/config/surroundings.ts';
import { resolveVariables } from '../core/config/variables.ts';
import { SluiceError } from '../core/errors.ts';
import { Inputs } from './inputs.ts';
import { readProxySettings, withTrust } from './proxySettings.ts';
import { ignoredSettings } from './restrictedMode.ts';
import type { SettingsProblem } from './settingsProblem.ts';
import { readScopes, type SettingsOrigin } from './settingsScopes.ts';

/** What settings.json says now: the servers fit for use, and what is wrong with the others. */
export interface SettingsSnapshot {
  /** Without the entries that have an error; with those that are disabled. */
  readonly servers: readonly ServerSettings[];
  readonly problems: readonly SettingsProblem[];
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
  readonly #subscriptions: vscode.Disposable;
  /** Where an entry was read: what `${workspaceFolder}` means depends on it. */
  readonly #origins = new WeakMap<ServerSettings, SettingsOrigin>();
  /** Undefined until somebody asks: activation does not wait for it. */
  #current: SettingsSnapshot | undefined;
  #generation = 0;

  constructor(context: Pick<vscode.ExtensionContext, 'secrets'>, inputs = new Inputs(context.secrets)) {
    this.#inputs = inputs;
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
   * Replaces the variables of `server`, and finds the proxy to it.
   *
   * @param options.interactive whether the user may be asked for an input; true by default
   * @throws SluiceError `input-missing`, `config-invalid` or `server-disabled`
   */
  async resolve(server: ServerSettings, options = { interactive: true }): Promise<ServerConfig> {
    const { name } = server;
    if (!server.enabled) {
      throw new SluiceError('server-disabled', `The server ${name} is not enabled`, {
        server: name,
        phase: 'settings',
        hint: `Remove "enabled": false from its entry in the settings.`,
      });
    }
    let isAnswered = false;
    const resolved = await resolveVariables(
      server,
      this.#surroundings(this.#origins.get(server)),
      async (question) => {
        const answer = await this.#inputs.answer(question, options.interactive);
        isAnswered = true;
        return answer;
      },
    );
    if ('config' in resolved) return withTrust(withProxy(resolved.config, readProxySettings(), process.env));
    // An answer that cannot be used is not kept: the next call asks again.
    if (isAnswered) await this.#inputs.forget(name);
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

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #reload(): void {
    this.#current = this.#read();
    this.#changed.fire(this.#current);
  }

  #read(): SettingsSnapshot {
    const merged = mergeScopes(readScopes('servers'));
    const limits = readLimits();
    const parsed = parseServers(merged.entries, limits.values);
    for (const server of parsed.servers) {
      const origin = merged.origins.get(server.name);
      if (origin !== undefined) this.#origins.set(server, origin);
    }
    const unresolved = parsed.servers
      .filter(({ enabled }) => enabled)
      .flatMap((server) => checkVariables(server, this.#surroundings(this.#origins.get(server))));
    const broken = new Set(
      unresolved.map(({ severity, server }) => (severity === 'error' ? server : undefined)),
    );
    const snapshot = {
      servers: parsed.servers.filter(({ name }) => !broken.has(name)),
      problems: [
        ...merged.problems.map(({ origin, problem }) => ({ ...problem, origin })),
        ...[...parsed.problems, ...unresolved].map((problem) => ({
          ...problem,
          origin: originOf(problem, merged.origins, limits.origins),
        })),
      ],
      generation: ++this.#generation,
    };
    if (!vscode.workspace.isTrusted) void this.#addIgnored(snapshot);
    return snapshot;
  }

  /** In Restricted Mode, tells of settings that the workspace has and that are not in use. */
  async #addIgnored(snapshot: SettingsSnapshot): Promise<void> {
    const ignored = await ignoredSettings();
    if (ignored.length === 0 || this.#current !== snapshot) return;
    this.#current = {
      ...snapshot,
      problems: [...snapshot.problems, ...ignored],
      generation: ++this.#generation,
    };
    this.#changed.fire(this.#current);
  }

  #surroundings(origin: SettingsOrigin | undefined): Surroundings {
    const { workspaceFolders = [] } = vscode.workspace;
    const home = origin !== undefined && 'folder' in origin ? origin.folder : undefined;
    return {
      env: process.env,
      folders: workspaceFolders.filter(isOnDisk).map(asFolder),
      home: home !== undefined && isOnDisk(home) ? asFolder(home) : undefined,
    };
  }
}

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
  return origin ?? { scope: 'user' };
}

/** A folder of a virtual file system has no path that a variable could give. */
function isOnDisk(folder: vscode.WorkspaceFolder): boolean {
  return folder.uri.scheme === 'file';
}

function asFolder({ name, uri }: vscode.WorkspaceFolder): Folder {
  return { name, path: uri.fsPath };
}
