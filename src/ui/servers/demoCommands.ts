import * as vscode from 'vscode';
import { line } from '../surfaces/line.ts';
import { window } from '../surfaces/window.ts';
import type { DemoServer } from './demoServer.ts';
import type { Servers } from './servers.ts';

const NAME = 'demo';

/** Starts and stops the embedded demo, and says where it is. */
export class DemoCommands {
  readonly #demo: DemoServer;
  readonly #servers: Servers;

  constructor(demo: DemoServer, servers: Servers) {
    this.#demo = demo;
    this.#servers = servers;
  }

  /** @returns where the demo is, and its name among the servers */
  async start(): Promise<{ readonly name: string; readonly url: string }> {
    const { name, url } = await this.#demo.start(
      this.#servers.view(NAME) !== undefined ? `embedded-${NAME}` : NAME,
    );
    const why = name === NAME ? '' : ` It is called ${name}, as your settings have a server named ${NAME}.`;
    const call = line`Call Tool`;
    void window.showInformationMessage(line`The demo server runs at ${url}.${why}`, call).then((chosen) => {
      if (chosen === call) void vscode.commands.executeCommand('sluice.callTool');
    });
    return { name, url };
  }

  async stop(): Promise<void> {
    await this.#demo.stop();
  }
}
