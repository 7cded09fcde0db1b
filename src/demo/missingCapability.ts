import {
  CLIENT_CAPABILITIES_META_KEY,
  isJSONRPCRequest,
  MissingRequiredClientCapabilityError,
} from '@modelcontextprotocol/server';
import { jsonRpcError } from './jsonRpcError.ts';
import { ask } from './tools/ask.ts';

/**
 * The answer to a modern call of `ask` by a client that cannot show a form, or undefined.
 * "On HTTP, the response status MUST be `400 Bad Request`": the SDK notices only when the stream is open, as a 200.
 */
export function missingCapability(message: unknown): Response | undefined {
  if (!isJSONRPCRequest(message) || message.method !== 'tools/call') return undefined;
  const { name, _meta } = message.params ?? {};
  const capabilities = _meta?.[CLIENT_CAPABILITIES_META_KEY];
  if (name !== ask.name || !isObject(capabilities)) return undefined;
  const { elicitation } = capabilities;
  if (canShowForm(elicitation)) return undefined;
  const {
    code,
    message: text,
    data,
  } = new MissingRequiredClientCapabilityError({
    requiredCapabilities: { elicitation: { form: {} } },
  });
  return jsonRpcError({ status: 400, code, message: text, data, id: message.id });
}

/** "An empty capabilities object is equivalent to declaring support for form mode only." */
function canShowForm(elicitation: unknown): boolean {
  return isObject(elicitation) && ('form' in elicitation || Object.keys(elicitation).length === 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
