import * as vscode from 'vscode';
import type { ServerCallbacks } from '../../core/connections/serverCallbacks.ts';
import type { Root } from '../../core/mcp/mcpTypes.ts';
import type { Elicitation } from '../elicitation/elicitation.ts';
import type { FormatTraceEvent, TraceChannels } from '../trace/traceChannel.ts';
import type { ServerEvents } from './serverEvents.ts';

export interface CallbackRooms {
  readonly events: ServerEvents;
  readonly traces: TraceChannels;
  readonly elicitation: Elicitation;
  readonly format: FormatTraceEvent;
  /** Where the revisions of servers are kept. */
  readonly memento: vscode.Memento;
  /** The URL a server has now, as it may be shown: its revision is remembered for this URL only, in a file. */
  readonly urlOf: (server: string) => string | undefined;
}

/** Milliseconds: nobody who reads a log sees them, and no call waits for its lines. */
const TRACE_DELAY = 10;

interface Remembered {
  readonly url: string | undefined;
  readonly version: string;
}

/** What the connection of one server calls: its events go to the rooms that show them. */
export function serverCallbacks(server: string, rooms: CallbackRooms): ServerCallbacks {
  const { events, traces, elicitation, format, memento, urlOf } = rooms;
  const key = `protocol ${server}`;
  return {
    traceLevel: () => traces.level(server),
    traceDelay: TRACE_DELAY,
    onTrace: (event) => traces.write(event, format),
    onState: () => events.activity(server),
    onActivity: () => events.activity(server),
    onToolsChanged: () => events.tools(server),
    onElicit: (request, signal, origin) => elicitation.ask(server, request, signal, origin),
    roots: workspaceRoots,
    recallProtocol: () => {
      const remembered = memento.get<Remembered>(key);
      return remembered?.url === urlOf(server) ? remembered?.version : undefined;
    },
    rememberProtocol: (version) => {
      const remembered: Remembered | undefined =
        version === undefined ? undefined : { url: urlOf(server), version };
      void memento.update(key, remembered);
    },
  };
}

/** The folders on this machine that are there: one that was deleted, or has no path, is of no use to a server. */
async function workspaceRoots(): Promise<Root[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const areThere = await Promise.all(
    folders.map(({ uri }) =>
      vscode.workspace.fs.stat(uri).then(
        () => true,
        () => false,
      ),
    ),
  );
  return folders.filter((_, n) => areThere[n]).map(({ uri, name }) => ({ uri: uri.toString(), name }));
}
