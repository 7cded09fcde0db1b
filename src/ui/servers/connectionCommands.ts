import * as vscode from 'vscode';
import { type Line, line, lineOf } from '../surfaces/line.ts';
import { pickRow } from '../surfaces/pickRow.ts';
import { window } from '../surfaces/window.ts';
import { showError } from '../text/errorMessages.ts';
import { describeError } from '../text/errorText.ts';
import type { Servers } from './servers.ts';
import type { ServerView } from './serverView.ts';

/** Connect, reconnect and disconnect. Each takes the server's name, or asks for it. */
export class ConnectionCommands {
  readonly #servers: Servers;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  /** @returns whether the server is connected now */
  async connect(name?: string): Promise<boolean> {
    const server =
      name ?? (await this.pick(line`Connect to which server?`, ({ state }) => state !== 'connected'));
    return server !== undefined && this.#open(server);
  }

  async reconnect(name?: string): Promise<boolean> {
    const server =
      name ??
      (await this.pick(line`Reconnect to which server?`, ({ connection }) => connection !== undefined));
    if (server === undefined) return false;
    await this.#servers.view(server)?.connection?.disconnect();
    return this.#open(server);
  }

  async disconnect(name?: string): Promise<void> {
    const server =
      name ?? (await this.pick(line`Disconnect which server?`, ({ state }) => state === 'connected'));
    if (server === undefined) return;
    await this.#servers.view(server)?.connection?.disconnect();
  }

  /** Asks for a server; the only one that fits is taken without asking. */
  async pick(
    placeHolder: Line,
    fits: (server: ServerView) => boolean = () => true,
  ): Promise<string | undefined> {
    const servers = this.#servers.views.filter(fits);
    const [first] = servers;
    if (servers.length <= 1) {
      if (first === undefined)
        void window.showInformationMessage(line`Sluice: there is no server to choose.`);
      return first?.name;
    }
    const rows = servers.map(({ name, shownName, state, workspace }) => ({
      label: lineOf(shownName),
      description:
        workspace === undefined || workspace.consent.kind === 'allowed'
          ? lineOf(state)
          : line`not allowed yet`,
      name,
    }));
    return (await pickRow(rows, { placeHolder }))?.name;
  }

  async #open(server: string): Promise<boolean> {
    try {
      const connection = await this.#servers.connection(server, { interactive: true });
      const name = this.#servers.shownName(server);
      const options = { location: vscode.ProgressLocation.Window, title: line`Connecting to ${name}` };
      const [info, tools] = await window.withProgress(options, () =>
        Promise.all([connection.connect(), connection.listTools()]),
      );
      const who = info.implementation?.title ?? info.implementation?.name ?? 'the server';
      const message = line`${name}: connected to ${who}, protocol ${info.protocolVersion}, ${tools.length} tools.`;
      const call = line`Call Tool`;
      // Not awaited: a command is done when the server is connected, not when its message is closed.
      void window.showInformationMessage(message, call).then((chosen) => {
        if (chosen === call) void vscode.commands.executeCommand('sluice.callTool');
      });
      return true;
    } catch (error) {
      if (describeError(error).code !== 'cancelled')
        void showError(error, (name) => this.#servers.shownName(name));
      return false;
    }
  }
}
