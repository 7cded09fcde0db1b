import type * as vscode from 'vscode';
import { type Line, line } from '../surfaces/line.ts';
import type { ShownName } from '../text/serverName.ts';
import { TraceChannels } from './traceChannel.ts';

export interface TraceSurroundings {
  readonly subscriptions: vscode.Disposable[];
  readonly shownName: ShownName;
  /** Asks for a server. */
  readonly pickServer: (placeHolder: Line) => Promise<string | undefined>;
}

export function registerTrace({ subscriptions, shownName, pickServer }: TraceSurroundings) {
  const traces = new TraceChannels(shownName);
  subscriptions.push(traces);
  const commands = {
    showTrace: async (name?: string) => {
      const server = name ?? (await pickServer(line`Show the trace of which server?`));
      if (server !== undefined) traces.show(server);
    },
  };
  return { traces, commands };
}
