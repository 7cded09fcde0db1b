import * as vscode from 'vscode';

/** What the connections report, for whoever shows it. Each event carries the name of a server. */
export class ServerEvents implements vscode.Disposable {
  readonly #activity = new vscode.EventEmitter<string>();
  readonly #tools = new vscode.EventEmitter<string>();

  /** Its snapshot would read differently now. */
  readonly onDidChangeActivity = this.#activity.event;
  /** Its list of tools changed. */
  readonly onDidChangeTools = this.#tools.event;

  activity(server: string): void {
    this.#activity.fire(server);
  }

  tools(server: string): void {
    this.#tools.fire(server);
  }

  dispose(): void {
    this.#activity.dispose();
    this.#tools.dispose();
  }
}
