import type { SluiceError } from '../errors.ts';
import type { ServerInfo } from '../mcp/serverInfo.ts';

export type ServerState =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly info: ServerInfo }
  | { readonly kind: 'failed'; readonly error: SluiceError }
  | { readonly kind: 'closed' };

const LEGAL_MOVES: Readonly<Record<ServerState['kind'], readonly ServerState['kind'][]>> = {
  disconnected: ['connecting', 'closed'],
  connecting: ['connected', 'failed', 'disconnected', 'closed'],
  connected: ['disconnected', 'failed', 'connecting', 'closed'],
  failed: ['connecting', 'disconnected', 'closed'],
  closed: [],
};

/** Whether a connection may go from one state to another; anything else is a defect of ours. */
export function isLegalMove(from: ServerState['kind'], to: ServerState['kind']): boolean {
  return LEGAL_MOVES[from].includes(to);
}
