import * as vscode from 'vscode';
import { parseServers } from '../../core/config/parseServers.ts';
import { workspaceOrigins } from '../settings/settingsScopes.ts';
import { type Line, line } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import type { Servers } from './servers.ts';
import type { Settings } from './settings.ts';

const EXAMPLE = 'http://localhost:3000/mcp';

/**
 * Asks for a URL and a name, and writes the entry to settings.json. What the user types is allowed by that, in a workspace's
 * settings too.
 * @returns the server's name; undefined where the user left
 */
export async function addServer(servers: Servers, settings: Settings): Promise<string | undefined> {
  const url = await window.showInputBox({
    title: line`Sluice: Add Server (1/2)`,
    prompt: line`URL of the MCP endpoint`,
    value: EXAMPLE,
    ignoreFocusOut: true,
    validateInput: urlProblem,
  });
  if (url === undefined) return undefined;
  const taken = new Set(servers.views.map(({ name }) => name));
  const name = await window.showInputBox({
    title: line`Sluice: Add Server (2/2)`,
    prompt: line`Name of the server in lists and in settings`,
    value: freeName(new URL(withoutVariables(url)), taken),
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text, taken),
  });
  if (name === undefined) return undefined;
  const target = await pickTarget();
  if (target === undefined) return undefined;
  const added = name.trim();
  await writeEntry(added, url.trim(), target, settings);
  return added;
}

function urlProblem(text: string): Line | undefined {
  const plain = withoutVariables(text);
  if (!URL.canParse(plain)) return line`Enter a whole URL, for example ${EXAMPLE}`;
  const { protocol } = new URL(plain);
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : line`Enter a URL that begins with http:// or https://`;
}

/** A variable may stand anywhere in a URL; what it gives is checked when the server is used. */
function withoutVariables(url: string): string {
  return url.trim().replace(/\$\{[^}]*\}/g, 'x');
}

function nameProblem(text: string, taken: ReadonlySet<string>): Line | undefined {
  const name = text.trim();
  if (name === '') return line`Enter a name`;
  return taken.has(name) ? line`There is a server named ${name} already` : undefined;
}

/** A name from the URL's host, for example `docs` for `https://mcp.docs.example.com/mcp`. */
function freeName({ hostname }: URL, taken: ReadonlySet<string>): string {
  const isAddress = hostname === 'localhost' || /^[\d.]+$|^\[/.test(hostname);
  const label = hostname.split('.').find((part) => part !== 'mcp' && part !== 'www' && part !== 'api');
  const name = isAddress || label === undefined ? 'local' : label;
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

async function pickTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  const { ConfigurationTarget } = vscode;
  if (vscode.workspace.workspaceFolders === undefined) return ConfigurationTarget.Global;
  const items = [
    { label: line`User settings`, description: line`for every folder`, target: ConfigurationTarget.Global },
    {
      label: line`Workspace settings`,
      description: line`in .vscode, for this folder`,
      target: ConfigurationTarget.Workspace,
    },
  ];
  const placeHolder = line`Where to write the entry`;
  return (await pickRow(items, { placeHolder, ignoreFocusOut: true }))?.target;
}

async function writeEntry(
  name: string,
  url: string,
  target: vscode.ConfigurationTarget,
  settings: Settings,
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('sluice');
  const found = configuration.inspect<Record<string, unknown>>('servers');
  const { Global } = vscode.ConfigurationTarget;
  const entries = target === Global ? found?.globalValue : found?.workspaceValue;
  const [written] = parseServers({ [name]: { url } }, { pool: {}, drain: {} }).servers;
  const origin = workspaceOrigins().find(({ scope }) => scope === 'workspace');
  // Before it is written: the settings are read anew as soon as they are.
  if (target !== Global && written !== undefined && origin !== undefined)
    await settings.allow(written, origin);
  await configuration.update('servers', { ...entries, [name]: { url } }, target);
}
