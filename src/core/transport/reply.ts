import type { IncomingHttpHeaders } from 'node:http';
import type {
  JsonRpcErrorResponse,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResult,
} from '../jsonrpc/message.ts';
import type { DrainReport, RequestTiming, WireInfo } from '../metrics/requestTiming.ts';

/** The message that answers a request, and how it came. */
export interface Reply {
  readonly message: JsonRpcResult | JsonRpcErrorResponse;
  readonly headers: IncomingHttpHeaders;
  readonly timing: RequestTiming;
  readonly wire: WireInfo;
  /** Never rejects. */
  readonly drained: Promise<DrainReport>;
}

/** What a server may send on the stream of a response besides the response. */
export type ServerMessage =
  | { readonly kind: 'request'; readonly message: JsonRpcRequest }
  | { readonly kind: 'notification'; readonly message: JsonRpcNotification };
