import type { ServerSettings } from '../../core/config/serverConfig.ts';
import type { SettingsOrigin } from '../settings/settingsScopes.ts';
import type { Consent } from './consents.ts';

/** A server that a workspace's settings name, and not the user's own. */
export interface WorkspaceServer {
  readonly settings: ServerSettings;
  readonly origin: SettingsOrigin;
  /** How that scope is called: `workspace`, `folder api`. */
  readonly scope: string;
  /** The scopes of other settings files with an entry of that name; undefined is the user's. */
  readonly others: readonly (string | undefined)[];
  readonly consent: Consent;
}
