import { hostname } from 'node:os';
import * as vscode from 'vscode';
import type { Machine } from './latencyMarkdown.ts';

/** Where this extension host runs: its network is the one that the servers' URLs are looked up in. */
export function thisMachine(): Machine {
  return { host: hostname(), remote: vscode.env.remoteName };
}
