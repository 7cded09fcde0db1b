import { isSluiceError, SluiceError } from '../errors.ts';
import { exactError } from '../jsonrpc/exactError.ts';
import type { JsonRpcError, JsonRpcErrorResponse } from '../jsonrpc/message.ts';
import type { Reply } from '../transport/reply.ts';
import { inWords } from '../transport/rpcWords.ts';
import { SERVES_ONE_HINT, saysItServesOne, saysSessionIsLost } from '../transport/serverWords.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND } from './errorCodes.ts';

const NO_RESOURCE = 'The server has no such resource: look at what it lists.';

/** A response that is an error, as an error of ours. */
export function rpcFailure(
  { wire: { status } }: Reply,
  response: JsonRpcErrorResponse,
  method: string,
): SluiceError {
  const error = exactError(response);
  return new SluiceError('jsonrpc-error', inWords(error), {
    phase: 'response',
    delivery: 'answered',
    status,
    rpc: error,
    ...(saysSessionIsLost(error.message) ? { saysSessionIsLost: true } : {}),
    ...hintOn(error, method),
  });
}

/** The JSON-RPC error that a failure carries, be it in an HTTP error's body or in a response. */
export function rpcErrorOf(error: unknown): JsonRpcError | undefined {
  return isSluiceError(error) ? error.rpc : undefined;
}

function hintOn(error: JsonRpcError, method: string): { hint: string } | undefined {
  if (saysItServesOne(inWords(error))) return { hint: SERVES_ONE_HINT };
  switch (error.code) {
    case METHOD_NOT_FOUND:
      return { hint: `The server does not offer ${method}.` };
    case INVALID_PARAMS:
      return {
        hint: method === 'resources/read' ? NO_RESOURCE : 'Check the name of the tool and its arguments.',
      };
    // "clients SHOULD also accept -32002 as a resource not found error" (2026-07-28, Resources: Error Handling)
    case RESOURCE_NOT_FOUND:
      return method.startsWith('resources/') ? { hint: NO_RESOURCE } : undefined;
    default:
      return undefined;
  }
}
