import { chosenReleases, type ServerHost, serverHost } from '../host/runner/chooseHost.ts';

/** The VS Code that SLUICE_VSCODE names, by default the newest, and a browser for it. The same for all of a run's tests. */
export function uiHost(): Promise<ServerHost> {
  host ??= serverHost(chosenReleases(process.env['SLUICE_VSCODE'] ?? 'newest')[0] ?? 'newest');
  return host;
}

let host: Promise<ServerHost> | undefined;
