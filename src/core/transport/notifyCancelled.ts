import type { JsonRpcRequest } from '../jsonrpc/message.ts';
import type { Transport } from './transport.ts';
import type { WireRules } from './wireRules.ts';

/** Legacy only: closing the stream says nothing there (2025-11-25, Cancellation). Never rejects. */
export function notifyCancelled(
  transport: Pick<Transport, 'post' | 'warn'>,
  { id, method }: JsonRpcRequest,
  reason: string,
  rules: WireRules | undefined,
): void {
  // "The initialize request MUST NOT be cancelled by clients."
  if (method === 'initialize') return;
  const params = { requestId: id, reason };
  void transport
    .post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, rules)
    .catch((error: Error) =>
      transport.warn(`the cancellation of request ${id} did not reach the server: ${error.message}`),
    );
}
