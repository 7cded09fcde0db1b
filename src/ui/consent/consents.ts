import type * as vscode from 'vscode';
import { type ConsentTerms, changedTerms, consentTerms } from '../../core/config/consentTerms.ts';
import type { ServerSettings } from '../../core/config/serverConfig.ts';

/** What the user has said of a workspace's server, as it stands in the settings now. */
export type Consent =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'missing' }
  /** It was allowed, and these members of its entry are not as they were. */
  | { readonly kind: 'changed'; readonly members: readonly string[] }
  /** The server of another settings file is to be used under that name. */
  | { readonly kind: 'refused' };

interface Kept {
  readonly server: string;
  /** The settings file, as `originId` gives it. */
  readonly origin: string;
  /** Absent where the server was refused, whatever its entry becomes. */
  readonly allowed?: ConsentTerms;
}

const KEY = 'workspaceConsents';
const MOST = 500;

/**
 * The consents of the user to servers of workspaces, one for each settings file and name. They are kept where no workspace
 * can write: in the extension's global state.
 */
export class Consents {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  judge(server: ServerSettings, origin: string): Consent {
    const kept = this.#find(server.name, origin);
    if (kept === undefined) return { kind: 'missing' };
    if (kept.allowed === undefined) return { kind: 'refused' };
    const members = changedTerms(kept.allowed, consentTerms(server));
    return members.length === 0 ? { kind: 'allowed' } : { kind: 'changed', members };
  }

  isRefused(server: string, origin: string): boolean {
    const kept = this.#find(server, origin);
    return kept !== undefined && kept.allowed === undefined;
  }

  /** Allows the server for exactly what its entry says now. */
  async allow(server: ServerSettings, origin: string): Promise<void> {
    await this.#keep({ server: server.name, origin, allowed: consentTerms(server) });
  }

  async refuse(server: string, origin: string): Promise<void> {
    await this.#keep({ server, origin });
  }

  /** How many there were. */
  async forget(): Promise<number> {
    const count = this.#all().length;
    await this.#memento.update(KEY, undefined);
    return count;
  }

  #all(): readonly Kept[] {
    return this.#memento.get<readonly Kept[]>(KEY, []);
  }

  #find(server: string, origin: string): Kept | undefined {
    return this.#all().find((kept) => kept.server === server && kept.origin === origin);
  }

  async #keep(kept: Kept): Promise<void> {
    const others = this.#all().filter(
      ({ server, origin }) => server !== kept.server || origin !== kept.origin,
    );
    await this.#memento.update(KEY, [kept, ...others].slice(0, MOST));
  }
}
