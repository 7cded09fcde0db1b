import type { ServerManager } from '../../core/index.ts';
import { loadCore } from '../text/core.ts';
import { type CallbackRooms, serverCallbacks } from './serverCallbacks.ts';
import type { UiContext } from './uiContext.ts';

/** Bytes of the last events that are recorded of each server, to show and export what has happened. */
const RECORD_BYTES = 5 * 1024 * 1024;

/** Loads what opens connections, which tell the given rooms of what happens on them. */
export async function openConnections(
  { context, clientInfo, servers }: UiContext,
  rooms: Pick<CallbackRooms, 'report' | 'traces' | 'elicitation'>,
): Promise<ServerManager> {
  const { ServerManager } = await loadCore();
  const memento = context.globalState;
  const urlOf = (name: string) => servers.view(name)?.connection?.url;
  const isServer = (name: string) => servers.view(name) !== undefined;
  return new ServerManager({
    callbacks: (server) => serverCallbacks(server, { ...rooms, memento, urlOf, isServer }),
    clientInfo,
    recordBytes: RECORD_BYTES,
  });
}
