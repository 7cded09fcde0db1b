import type * as vscode from 'vscode';
import type { CallHistory } from '../history/callHistory.ts';
import type { ReadonlyDocuments } from '../pages/readonlyDocuments.ts';
import type { DemoServer } from './demoServer.ts';
import type { Servers } from './servers.ts';
import type { Settings } from './settings.ts';

/** What activation has built. */
export interface Activated {
  readonly context: Pick<vscode.ExtensionContext, 'extension' | 'globalState' | 'workspaceState'>;
  readonly settings: Settings;
  readonly demo: DemoServer;
  readonly servers: Servers;
  readonly history: CallHistory;
  readonly documents: ReadonlyDocuments;
}

/** What each wing of ui/ gets to register itself: it returns what its commands do, and what wings above it use. */
export interface UiContext extends Activated {
  /** How Sluice introduces itself to servers. */
  readonly clientInfo: { readonly name: string; readonly title: string; readonly version: string };
  /** Disposed of when the window closes. */
  readonly subscriptions: vscode.Disposable[];
}
