import { type Answer, refusal } from './answer.ts';
import { headerMismatch } from './headerMirror.ts';
import { isRequest } from './jsonrpc.ts';
import type { Received } from './ledger.ts';
import type { Tools } from './tools.ts';

export const MODERN_VERSION = '2026-07-28';
export const PROTOCOL_VERSION_META = 'io.modelcontextprotocol/protocolVersion';
export const CAPABILITIES_META = 'io.modelcontextprotocol/clientCapabilities';
export const LOG_LEVEL_META = 'io.modelcontextprotocol/logLevel';
export const SUBSCRIPTION_ID_META = 'io.modelcontextprotocol/subscriptionId';

const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;
const INVALID_PARAMS = -32602;

/** Why a server of 2026-07-28 turns this request away before it looks at the method; undefined where it does not. */
export function refuseModern(
  request: Received,
  versions: readonly string[],
  tools: Tools,
): Answer | undefined {
  const { message, httpMethod } = request;
  if (httpMethod !== 'POST') return refusal(405, { code: -32000, message: 'Method not allowed' });
  if (!isRequest(message)) return undefined;
  const meta = message.params?._meta;
  const requested = meta?.[PROTOCOL_VERSION_META];
  if (message.method === 'initialize' || (requested !== undefined && !versions.includes(requested))) {
    const data = { supported: versions, requested: requested ?? message.params?.protocolVersion };
    return refusal(
      400,
      { code: UNSUPPORTED_VERSION, message: 'Unsupported protocol version', data },
      message.id,
    );
  }
  if (requested === undefined || meta?.[CAPABILITIES_META] === undefined) {
    const missing = requested === undefined ? PROTOCOL_VERSION_META : CAPABILITIES_META;
    return refusal(400, { code: INVALID_PARAMS, message: `_meta lacks ${missing}` }, message.id);
  }
  const mismatch = headerMismatch(request, tools);
  if (mismatch === undefined) return undefined;
  return refusal(400, { code: HEADER_MISMATCH, message: `Header mismatch: ${mismatch}` }, message.id);
}
