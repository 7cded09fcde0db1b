import * as vscode from 'vscode';
import type { CallHistory } from './history/callHistory.ts';
import type { DemoServer } from './servers/demoServer.ts';
import type { Servers } from './servers/servers.ts';
import { snapshotsOf } from './servers/serverView.ts';
import { Throttle } from './text/throttle.ts';

const UPDATE_EVERY_MS = 100;

type Key = 'hasServers' | 'hasUsed' | 'hasConnected' | 'hasLastCall' | 'isCalling' | 'isDemoRunning';

/** Tells VS Code which commands make sense now; package.json names the keys as `sluice.…`. */
export class ContextKeys implements vscode.Disposable {
  readonly #told = new Map<Key, boolean>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(servers: Servers, demo: DemoServer, history: CallHistory) {
    const updates = new Throttle(() => {
      const used = snapshotsOf(servers.usedViews);
      this.#tell('hasServers', servers.views.length > 0);
      this.#tell('hasUsed', used.length > 0);
      this.#tell(
        'hasConnected',
        used.some(({ state }) => state.kind === 'connected'),
      );
      this.#tell(
        'isCalling',
        used.some(({ inFlight }) => inFlight > 0),
      );
      this.#tell('hasLastCall', history.last !== undefined);
      this.#tell('isDemoRunning', demo.settings !== undefined);
    }, UPDATE_EVERY_MS);
    const ask = (): void => updates.ask();
    this.#subscriptions = [updates, servers.onDidChange(ask)];
    ask();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #tell(key: Key, value: boolean): void {
    if (this.#told.get(key) === value) return;
    this.#told.set(key, value);
    void vscode.commands.executeCommand('setContext', `sluice.${key}`, value);
  }
}
