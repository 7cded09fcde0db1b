import { type Answer, httpAnswer, jsonAnswer, refusal } from './answer.ts';
import type { Received } from './ledger.ts';
import { PROTOCOL_VERSION_META } from './modern.ts';
import type { Sessions } from './sessions.ts';

export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];

/** What the servers in the field say to a request of a revision they have never heard of. */
export type ToModern =
  | 'sdk-1'
  | '404-empty'
  | '405'
  | '200-method-not-found'
  | '500'
  | '404-html'
  | 'silence';

/** The legacy codes are the SDK's own: "receivers MUST NOT assume any specific meaning for these codes". */
const SDK_1_ERROR = -32000;
export const SESSION_NOT_FOUND = refusal(404, { code: -32001, message: 'Session not found' });

export interface LegacyRules {
  readonly versions: readonly string[];
  /** Absent on a stateless server. */
  readonly sessions: Sessions | undefined;
  readonly toModern: ToModern;
}

/** Why a server of the handshake revisions turns this request away; undefined where it does not. */
export function refuseLegacy(request: Received, rules: LegacyRules): Answer | undefined {
  const { headers, message } = request;
  if (message?.method === 'initialize') return undefined;
  if (looksModern(request)) return answerToModern(request, rules);
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !rules.versions.includes(version)) return unsupportedVersion(version, rules);
  if (rules.sessions === undefined) return undefined;
  const session = headers['mcp-session-id'];
  if (session === undefined) return noSession();
  return rules.sessions.has(session) ? undefined : SESSION_NOT_FOUND;
}

export function looksModern({ headers, message }: Received): boolean {
  if (message?.params?._meta?.[PROTOCOL_VERSION_META] !== undefined) return true;
  // Revisions are dates: they sort as text.
  return (headers['mcp-protocol-version'] ?? '') > '2025-11-25';
}

function answerToModern(request: Received, rules: LegacyRules): Answer {
  switch (rules.toModern) {
    case 'sdk-1':
      if (rules.sessions !== undefined) return noSession();
      return unsupportedVersion(request.headers['mcp-protocol-version'] ?? '', rules);
    case '404-empty':
      return httpAnswer(404);
    case '405':
      return httpAnswer(405, { headers: { Allow: 'GET, DELETE' } });
    case '200-method-not-found': {
      const error = { code: -32601, message: 'Method not found' };
      return jsonAnswer(200, { jsonrpc: '2.0', id: request.message?.id ?? null, error });
    }
    case '500':
      return httpAnswer(500, { type: 'text/plain', body: 'Internal Server Error' });
    case '404-html':
      return httpAnswer(404, { type: 'text/html', body: '<!DOCTYPE html><h1>Cannot POST /mcp</h1>' });
    case 'silence':
      return async ({ hold, reply }) => {
        await hold();
        reply.hangUp();
      };
  }
}

function noSession(): Answer {
  return refusal(400, { code: SDK_1_ERROR, message: 'Bad Request: No valid session ID provided' });
}

function unsupportedVersion(version: string, { versions }: LegacyRules): Answer {
  const supported = versions.join(', ');
  const message = `Bad Request: Unsupported protocol version: ${version} (supported versions: ${supported})`;
  return refusal(400, { code: SDK_1_ERROR, message });
}
