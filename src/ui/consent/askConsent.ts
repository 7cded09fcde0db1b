import * as vscode from 'vscode';
import { disclose } from '../../core/config/disclosure.ts';
import { openSettings } from '../settings/openSettings.ts';
import { quoted } from '../settings/places.ts';
import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import { consentDetail } from './consentText.ts';
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
      await openEntry(server);
      return undefined;
    default:
      return undefined;
  }
}

/** Opens the settings file that has the entry, at the entry. */
async function openEntry({ settings: { name }, origin }: WorkspaceServer): Promise<void> {
  if (!('file' in origin)) return openSettings(name);
  const document = await vscode.workspace.openTextDocument(origin.file);
  // Loaded where it is needed: most users never need the parser.
  const { placeOf } = await import('../settings/settingsPlace.ts');
  const place = placeOf(document.getText(), origin.root, ['sluice.servers', name]);
  const at = (offset: number) => document.positionAt(offset);
  const options = place === undefined ? {} : { selection: new vscode.Range(at(place.start), at(place.end)) };
  await vscode.window.showTextDocument(document, options);
}
