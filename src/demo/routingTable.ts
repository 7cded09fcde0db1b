import {
  INTERNAL_ERROR,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type RequestId,
  type Transport,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';

/** The requests that transports took in and have not answered, over all transports watched. */
export class RoutingTable {
  #entries = 0;

  get size(): number {
    return this.#entries;
  }

  /** Call it before a server connects to the transport: the server keeps the callbacks that it finds. */
  watch(transport: Transport): void {
    const unanswered = new Set<RequestId>();
    const received = (message: JSONRPCMessage) => {
      if (isJSONRPCRequest(message) && !unanswered.has(message.id)) {
        unanswered.add(message.id);
        this.#entries += 1;
      }
      const cancelled = isJSONRPCNotification(message) ? cancelledRequest(message) : undefined;
      if (cancelled !== undefined && unanswered.has(cancelled)) forgetCancelled(transport, cancelled);
    };
    const send = transport.send.bind(transport);

    transport.onmessage = received;
    transport.onclose = () => {
      this.#entries -= unanswered.size;
      unanswered.clear();
    };
    transport.send = async (message, options) => {
      await send(message, options);
      const answered = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
      if (answered && message.id !== undefined && unanswered.delete(message.id)) this.#entries -= 1;
    };
  }
}

function cancelledRequest({ method, params = {} }: JSONRPCNotification): RequestId | undefined {
  const { requestId } = params;
  if (method !== 'notifications/cancelled') return undefined;
  return typeof requestId === 'string' || typeof requestId === 'number' ? requestId : undefined;
}

/**
 * Ends the stream of a cancelled request and drops its routing entry.
 * The SDK never answers a cancelled request, and frees a session's entry and stream only when it sends an answer:
 * both would stay until the session ends. So the stream is closed first, and then an error is "sent", which the
 * SDK cannot deliver any more. Nothing goes over the wire: "not send a response for the cancelled request".
 */
function forgetCancelled(transport: Transport, id: RequestId): void {
  if (!(transport instanceof WebStandardStreamableHTTPServerTransport)) return;
  transport.closeSSEStream(id);
  void transport.send({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: 'Request cancelled' } });
}
