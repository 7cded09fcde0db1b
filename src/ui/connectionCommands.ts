import * as vscode from 'vscode';
import { showError } from './errorMessages.ts';
import { describeError } from './errorText.ts';
import { plainText } from './plainText.ts';
import type { Servers } from './servers.ts';

/** Connect, reconnect and disconnect. Each takes the server's name, or asks for it. */
export class ConnectionCommands {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** @returns whether the server is connected now */
  async connect(name?: string): Promise<boolean> {
    const server =
      name ?? (await this.pick('Connect to which server?', ({ state }) => state !== 'connected'));
    return server !== undefined && this.#open(server);
  }

  async reconnect(name?: string): Promise<boolean> {
    const server = name ?? (await this.pick('Reconnect to which server?', ({ state }) => state !== 'unused'));
    if (server === undefined) return false;
    await this.#servers.used(server)?.disconnect();
    return this.#open(server);
  }

  async disconnect(name?: string): Promise<void> {
    const server =
      name ?? (await this.pick('Disconnect which server?', ({ state }) => state === 'connected'));
    if (server === undefined) return;
    await this.#servers.used(server)?.disconnect();
  }

  /** Asks for a server; the only one that fits is taken without asking. */
  async pick(
    placeHolder: string,
    fits: (server: { readonly name: string; readonly state: string }) => boolean,
  ): Promise<string | undefined> {
    const servers = this.#servers
      .known()
      .map(({ name }) => ({ name, state: this.#servers.used(name)?.state.kind ?? 'unused' }))
      .filter(fits);
    const [first] = servers;
    if (servers.length <= 1) {
      if (first === undefined)
        void vscode.window.showInformationMessage('Sluice: there is no server to choose.');
      return first?.name;
    }
    const items = servers.map(({ name, state }) => ({ label: name, description: state }));
    return (await vscode.window.showQuickPick(items, { placeHolder }))?.label;
  }

  async #open(server: string): Promise<boolean> {
    try {
      const connection = await this.#servers.connection(server, { interactive: true });
      const title = `Connecting to ${server}`;
      const location = vscode.ProgressLocation.Window;
      const [info, tools] = await vscode.window.withProgress({ location, title }, () =>
        Promise.all([connection.connect(), connection.listTools()]),
      );
      const who = info.implementation?.title ?? info.implementation?.name ?? 'the server';
      const message = `${server}: connected to ${who}, protocol ${info.protocolVersion}, ${tools.length} tools.`;
      const call = 'Call Tool';
      // Not awaited: a command is done when the server is connected, not when its message is closed.
      void vscode.window.showInformationMessage(plainText(message), call).then((chosen) => {
        if (chosen === call) void vscode.commands.executeCommand('sluice.callTool');
      });
      return true;
    } catch (error) {
      if (describeError(error).code !== 'cancelled') void showError(error);
      return false;
    }
  }
}
