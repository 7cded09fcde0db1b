import type { JsonRpcRequest } from '../jsonrpc/message.ts';
import type { CallLog } from './callLog.ts';
import type { HttpClient } from './httpClient.ts';
import type { Transport } from './transport.ts';

/** Legacy only: closing the stream says nothing there (2025-11-25, Cancellation). Never rejects. */
export function notifyCancelled(
  transport: Pick<Transport, 'post'>,
  { id, method }: JsonRpcRequest,
  reason: string,
  http: Pick<HttpClient, 'warn'>,
  call: CallLog,
): void {
  // "The initialize request MUST NOT be cancelled by clients."
  if (method === 'initialize') return;
  const params = { requestId: id, reason };
  void transport
    .post({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, { call })
    .catch((error: Error) =>
      http.warn(`the cancellation of request ${id} did not reach the server: ${error.message}`),
    );
}
