/** JSON-RPC error codes, by the names that the specification has for them (JSON-RPC 2.0, 5.1; 2026-07-28, basic, Error Codes). */

export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** Of revisions before 2026-07-28. */
export const RESOURCE_NOT_FOUND = -32002;
/** "URL elicitation required (2025-11-25 only)" */
export const URL_ELICITATION_REQUIRED = -32042;

/** Only servers of 2026-07-28 and later send these three. */
export const HEADER_MISMATCH = -32020;
export const MISSING_CLIENT_CAPABILITY = -32021;
export const UNSUPPORTED_PROTOCOL_VERSION = -32022;

/** "User rejected sampling request" (2025-11-25, Sampling: Error Handling). */
export const USER_REJECTED = -1;
/**
 * Our own. "New error codes for purposes not defined by this specification SHOULD be allocated outside the JSON-RPC
 * reserved range" (2026-07-28, basic, Error Codes): the number is that of HTTP for the same.
 */
export const TOO_MANY_REQUESTS = 429;
