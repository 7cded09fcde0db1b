import type { ElicitRequest, ElicitResult, Root } from '../mcp/mcpTypes.ts';
import type { TraceEvent, TraceLevel } from '../trace/traceEvent.ts';
import type { ConnectionState } from './connectionState.ts';

/** How a connection speaks to the rooms above it. All are called synchronously and must not throw. */
export interface ServerCallbacks {
  /** The level to record; asked before an event is built, so that what nobody reads costs nothing. */
  traceLevel(): TraceLevel | 'off';
  /** Secrets are masked already. */
  onTrace(event: TraceEvent): void;
  onState(state: ConnectionState): void;
  /** A call started or settled, a drain ended: a snapshot would read differently now. */
  onActivity(): void;
  /** The server's list of tools changed. */
  onToolsChanged?(): void;
  /** The server asks the user; absent where nobody can answer, and then the capability is not declared. */
  onElicit?(request: ElicitRequest, signal: AbortSignal): Promise<ElicitResult>;
  /** Folders of the workspace; absent where there are none to show, and then the capability is not declared. */
  roots?(): readonly Root[];
  /** The revision this server was found to speak last time, and where to keep it. */
  recallProtocol?(): string | undefined;
  rememberProtocol?(version: string | undefined): void;
}
