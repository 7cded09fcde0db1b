import * as vscode from 'vscode';
import type { Root } from '../../core/mcp/mcpTypes.ts';
import type { ServerMemory } from '../../core/mcp/serverMemory.ts';
import type { ServerCallbacks } from '../../core/servers/serverCallbacks.ts';
import type { Elicitation } from '../elicitation/elicitation.ts';
import type { TraceChannels } from '../trace/traceChannel.ts';
import type { ServerChange } from './serverView.ts';

export interface CallbackRooms {
  /** Tells whoever shows servers that this one changed. */
  readonly report: (change: ServerChange) => void;
  readonly traces: TraceChannels;
  readonly elicitation: Elicitation;
  /** Where the revisions of servers are kept. */
  readonly memento: vscode.Memento;
  /** The URL a server has now, as it may be shown: its revision is remembered for this URL only, in a file. */
  readonly urlOf: (server: string) => string | undefined;
  /** Whether there is such a server: what is kept of others is dropped. */
  readonly isServer: (server: string) => boolean;
}

/** Milliseconds: nobody who reads a log sees them, and no call waits for its lines. */
const TRACE_DELAY = 10;

/** Before the name of a server, in the key of what it said of itself. */
const KEPT = 'server ';

/** What is kept of a server goes with its URL: another one is another server. */
interface Remembered {
  readonly url: string | undefined;
  readonly version?: string | undefined;
  readonly server?: ServerMemory;
}

/** What the connection of one server calls: its events go to the rooms that show them. */
export function serverCallbacks(server: string, rooms: CallbackRooms): ServerCallbacks {
  const { report, traces, elicitation, memento, urlOf, isServer } = rooms;
  const recall = (key: string): Remembered | undefined => {
    const remembered = memento.get<Remembered>(key);
    return remembered?.url === urlOf(server) ? remembered : undefined;
  };
  const remember = (key: string, what: Omit<Remembered, 'url'>) =>
    void memento.update(key, { url: urlOf(server), ...what } satisfies Remembered);
  const activity: ServerChange = { kind: 'activity', server };
  return {
    traceLevel: () => traces.level(server),
    traceDelay: TRACE_DELAY,
    onTrace: (event) => traces.write(event),
    onState: () => report(activity),
    onActivity: () => report(activity),
    onToolsChanged: () => report({ kind: 'tools', server }),
    onElicit: (request, signal, origin) => elicitation.ask(server, request, signal, origin),
    roots: workspaceRoots,
    recallProtocol: () => recall(`protocol ${server}`)?.version,
    rememberProtocol: (version) => remember(`protocol ${server}`, { version }),
    recallServer: () => recall(`${KEPT}${server}`)?.server,
    rememberServer: (memory) => {
      remember(`${KEPT}${server}`, { server: memory });
      for (const key of memento.keys())
        if (key.startsWith(KEPT) && !isServer(key.slice(KEPT.length))) void memento.update(key, undefined);
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
