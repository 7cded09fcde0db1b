import type { SluiceError } from '../errors.ts';
import { isPassing } from '../transport/httpFailure.ts';
import { INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND } from './errorCodes.ts';
import type { Revision } from './protocolVersion.ts';

/** A request that asks for nothing. */
export function smallestOf({ era }: Revision): 'server/discover' | 'ping' {
  return era === 'modern' ? 'server/discover' : 'ping';
}

/**
 * Whether a server of another era, or one that never heard of the session, may have refused a request so: 400 and its
 * like, 500 where it does not expect what it is asked, or a method that it lacks (2026-07-28, Streamable HTTP: Backward
 * Compatibility; 2025-11-25, Session Management).
 */
export function mayBeOfAnother(error: SluiceError, { era }: Revision): boolean {
  const { code, status = 0, rpc } = error;
  if (isPassing(status)) return false;
  if (era === 'legacy' && isOfLostSession(error)) return true;
  switch (code) {
    case 'http-status':
    case 'not-found':
      return (status >= 400 && status <= 422) || status === 500 || status === 501;
    case 'jsonrpc-error':
      if (rpc?.code === METHOD_NOT_FOUND) return era === 'modern' || status >= 400;
      // A modern server says so of a request that it has understood, and under the same statuses.
      if (era === 'modern' && (rpc?.code === INVALID_PARAMS || rpc?.code === INTERNAL_ERROR)) return false;
      return status >= 400 && status <= 422;
    default:
      return false;
  }
}

/**
 * Whether a refusal says in words that the session is not known, under another status than the 404 that is meant for it: 200,
 * 400, 401, 500 are met. A tool that has sessions of its own may say the same of one of those.
 */
export function isOfLostSession({ saysSessionIsLost, status }: SluiceError): boolean {
  return saysSessionIsLost === true && !isPassing(status);
}

/**
 * Whether two requests were refused in the same words, by a server that found fault with how they were asked: then it
 * looked at neither.
 */
export function isSame(one: SluiceError, other: SluiceError): boolean {
  const { status = 0 } = one;
  const unlooked =
    (status >= 400 && status < 500) || one.rpc?.code === METHOD_NOT_FOUND || isOfLostSession(one);
  return unlooked && status === other.status && one.message === other.message;
}
