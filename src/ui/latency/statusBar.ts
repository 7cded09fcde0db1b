import * as vscode from 'vscode';
import type { CallRecord } from '../../core/servers/callRecord.ts';
import type { Servers } from '../servers/servers.ts';
import { snapshotsOf, type UsedServer } from '../servers/serverView.ts';
import { line } from '../surfaces/line.ts';
import { tooltip, window } from '../surfaces/window.ts';
import { Throttle } from '../text/throttle.ts';
import { LATENCY_COMMANDS, statusTooltip } from './latencyMarkdown.ts';
import { thisMachine } from './machine.ts';
import { statusText } from './statusText.ts';

/** Slower than the eye, faster than patience. */
const UPDATE_EVERY_MS = 100;

/** The latency monitor: one item that shows the server which did something last. */
export class StatusBar implements vscode.Disposable {
  readonly #servers: Servers;
  readonly #item = window.createStatusBarItem('sluice.latency', vscode.StatusBarAlignment.Right, 100);
  readonly #updates = new Throttle(() => this.#update(), UPDATE_EVERY_MS);
  readonly #subscriptions: vscode.Disposable[];
  readonly #lastCalls = new Map<string, CallRecord | undefined>();
  #latest: string | undefined;

  constructor(servers: Servers) {
    this.#servers = servers;
    this.#item.name = line`Sluice: Latency`;
    this.#subscriptions = [
      this.#item,
      this.#updates,
      servers.onDidChange(() => this.#updates.ask()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('sluice.statusBar')) this.#updates.ask();
      }),
    ];
    this.#updates.ask();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** The server that was called last. Servers also connect because a list of tools was opened: that is no call. */
  #findLatest(snapshots: readonly UsedServer[]): UsedServer | undefined {
    for (const { name, inFlight, lastCall } of snapshots) {
      if (inFlight > 0 || lastCall !== this.#lastCalls.get(name)) this.#latest = name;
      this.#lastCalls.set(name, lastCall);
    }
    return snapshots.find(({ name }) => name === this.#latest);
  }

  #update(): void {
    const isEnabled = vscode.workspace.getConfiguration('sluice').get('statusBar.enabled', true);
    if (!isEnabled || this.#servers.views.length === 0) {
      this.#item.hide();
      return;
    }
    const snapshots = snapshotsOf(this.#servers.usedViews);
    const shown =
      this.#findLatest(snapshots) ??
      snapshots.find(({ state }) => state.kind === 'connected') ??
      snapshots.at(-1);
    const { text, label, cancels } = statusText(shown);
    this.#item.text = text;
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.command = cancels ? 'sluice.cancelCalls' : 'sluice.callTool';
    this.#item.tooltip = tooltip(statusTooltip(snapshots, shown, thisMachine()), LATENCY_COMMANDS);
    this.#item.show();
  }
}
