/** The one public door of core/: what ui/, the tests, the bench and the conformance driver import. */
export type { CallOptions, CallOutcome } from './connections/callOutcome.ts';
export { ConnectionManager } from './connections/connectionManager.ts';
export type { ConnectionState } from './connections/connectionState.ts';
export type { ServerCallbacks } from './connections/serverCallbacks.ts';
export { ServerConnection } from './connections/serverConnection.ts';
export type { Carrier } from './connections/serverLink.ts';
export type { LastCall, ServerSnapshot } from './connections/serverSnapshot.ts';
export { isSluiceError, SluiceError } from './errors.ts';
export type { Connector, OpenedSocket } from './http/connector.ts';
export type { RequestDispatcher } from './http/dispatcherConnection.ts';
export { describeFinding } from './http/learning/describeFinding.ts';
export type { Finding } from './http/learning/originFacts.ts';
export type { ServerInfo } from './mcp/serverInfo.ts';
export { validateArguments } from './mcp/toolSchema.ts';
export { systemClock } from './metrics/clock.ts';
export { formatTraceEvent } from './trace/formatTrace.ts';
