import { disclose } from '../../core/config/disclosure.ts';
import { openSettings } from '../openSettings.ts';
import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { consentDetail, quoted } from './consentText.ts';
import type { WorkspaceServer } from './workspaceServer.ts';

/** What the user said; undefined where the question was left, which changes nothing. */
export type ConsentAnswer = 'allow' | 'refuse' | undefined;

export type AskConsent = (server: WorkspaceServer) => Promise<ConsentAnswer>;

const OPEN = line`Open Settings`;
const ALLOW = line`Allow`;

/** Asks whether a workspace's server may be used, with all that it sends. */
export async function askConsent(server: WorkspaceServer): Promise<ConsentAnswer> {
  const { settings, scope, others, consent } = server;
  const { host } = disclose(settings);
  const message = line`Connect to ${host} as the server ${quoted(settings.name)} of this ${scope}?`;
  // The first button has the keyboard: one Enter too many must not allow anything.
  const refuse = others.includes(undefined) ? line`Use Mine` : line`Use the Other`;
  const buttons = others.length > 0 && consent.kind !== 'refused' ? [OPEN, ALLOW, refuse] : [OPEN, ALLOW];
  const options = { modal: true, detail: consentDetail(server) };
  switch (await window.showWarningMessage(message, options, ...buttons)) {
    case ALLOW:
      return 'allow';
    case refuse:
      return 'refuse';
    case OPEN:
      await openSettings(settings.name);
      return undefined;
    default:
      return undefined;
  }
}
