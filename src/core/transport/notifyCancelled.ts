import type { JsonRpcRequest } from '../jsonrpc/message.ts';
import type { Transport } from './transport.ts';

/** Legacy only: closing the stream says nothing there (2025-11-25, Cancellation). Never rejects. */
export function notifyCancelled(
  post: Transport['post'],
  { id, method }: JsonRpcRequest,
  reason: string,
  warn: (message: string) => void,
): void {
  // "The initialize request MUST NOT be cancelled by clients."
  if (method === 'initialize') return;
  const params = { requestId: id, reason };
  void post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch((error: Error) =>
    warn(`the cancellation of request ${id} did not reach the server: ${error.message}`),
  );
}
