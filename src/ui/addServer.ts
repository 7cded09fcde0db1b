import * as vscode from 'vscode';
import type { Servers } from './servers.ts';

const EXAMPLE = 'http://localhost:3000/mcp';

/**
 * Asks for a URL and a name, and writes the entry to settings.json.
 * @returns the server's name; undefined where the user left
 */
export async function addServer(servers: Servers): Promise<string | undefined> {
  const title = 'Sluice: Add Server';
  const url = await vscode.window.showInputBox({
    title: `${title} (1/2)`,
    prompt: 'URL of the MCP endpoint',
    value: EXAMPLE,
    ignoreFocusOut: true,
    validateInput: urlProblem,
  });
  if (url === undefined) return undefined;
  const taken = new Set(servers.known().map(({ name }) => name));
  const name = await vscode.window.showInputBox({
    title: `${title} (2/2)`,
    prompt: 'Name of the server in lists and in settings',
    value: freeName(new URL(withoutVariables(url)), taken),
    ignoreFocusOut: true,
    validateInput: (text) => nameProblem(text, taken),
  });
  if (name === undefined) return undefined;
  const target = await pickTarget();
  if (target === undefined) return undefined;
  const added = name.trim();
  await writeEntry(added, url.trim(), target);
  return added;
}

function urlProblem(text: string): string | undefined {
  const plain = withoutVariables(text);
  if (!URL.canParse(plain)) return `Enter a whole URL, for example ${EXAMPLE}`;
  const { protocol } = new URL(plain);
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : 'Enter a URL that begins with http:// or https://';
}

/** A variable may stand anywhere in a URL; what it gives is checked when the server is used. */
function withoutVariables(url: string): string {
  return url.trim().replace(/\$\{[^}]*\}/g, 'x');
}

function nameProblem(text: string, taken: ReadonlySet<string>): string | undefined {
  const name = text.trim();
  if (name === '') return 'Enter a name';
  return taken.has(name) ? `There is a server named ${name} already` : undefined;
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
    { label: 'User settings', description: 'for every folder', target: ConfigurationTarget.Global },
    {
      label: 'Workspace settings',
      description: 'in .vscode, for this folder',
      target: ConfigurationTarget.Workspace,
    },
  ];
  const placeHolder = 'Where to write the entry';
  return (await vscode.window.showQuickPick(items, { placeHolder, ignoreFocusOut: true }))?.target;
}

async function writeEntry(name: string, url: string, target: vscode.ConfigurationTarget): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('sluice');
  const found = configuration.inspect<Record<string, unknown>>('servers');
  const { Global } = vscode.ConfigurationTarget;
  const entries = target === Global ? found?.globalValue : found?.workspaceValue;
  await configuration.update('servers', { ...entries, [name]: { url } }, target);
}
