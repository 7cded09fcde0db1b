import type {
  ElicitOrigin,
  ElicitRequest,
  ElicitResult,
  Root,
  SampleRequest,
  SampleResult,
} from '../mcp/mcpTypes.ts';
import type { ServerEvents } from '../mcp/serverEvents.ts';
import type { ServerMemory } from '../mcp/serverMemory.ts';
import type { TraceEvent, TraceLevel } from '../trace/traceEvent.ts';
import type { ServerState } from './serverState.ts';

/** How a connection speaks to the rooms above it. All are called synchronously and must not throw. */
export interface ServerCallbacks extends ServerEvents {
  /** The level to record; asked before an event is built, so that what nobody reads costs nothing. */
  traceLevel(): TraceLevel | 'off';
  /** Secrets are masked already. */
  onTrace(event: TraceEvent): void;
  /**
   * Milliseconds that events wait for `onTrace`, so that no call waits while they are masked and written; absent: none.
   * They come in order, with the time at which they happened, and the last of them before the connection is closed.
   */
  readonly traceDelay?: number;
  onState(state: ServerState): void;
  /** A call started or settled, a drain ended: a snapshot would read differently now. */
  onActivity(): void;
  /**
   * The server asks the user; absent where nobody can answer, and then the capability is not declared.
   * @param signal aborted when the server takes the question back, or what it belongs to is over
   * @param origin whether it belongs to a call that somebody waits for
   */
  onElicit?(request: ElicitRequest, signal: AbortSignal, origin: ElicitOrigin): Promise<ElicitResult>;
  /**
   * The server wants a model's answer; undefined is the user's no. Absent where there is no model, and then the
   * capability is not declared. "There SHOULD always be a human in the loop with the ability to deny."
   */
  onSample?(request: SampleRequest, signal: AbortSignal): Promise<SampleResult | undefined>;
  /** What `onSample` is given may have tools for the model to use. */
  readonly sampleTools?: boolean;
  /**
   * Skills are loaded (`readSkill`), and the server is told so: one that offers them as a tool as well may leave it out
   * then. They can be listed and read without.
   */
  readonly skills?: boolean;
  /** Folders of the workspace; absent where there are none to show, and then the capability is not declared. */
  roots?(): readonly Root[] | Promise<readonly Root[]>;
  /**
   * The revision that this server said it speaks, and where to keep it. Not kept is an era that was only guessed, from a failure
   * that may pass.
   */
  recallProtocol?(): string | undefined;
  rememberProtocol?(version: string | undefined): void;
  /**
   * What the server said of itself and its tools last time, and where to keep it: the first call of the next connect uses it at
   * once, and it is checked meanwhile. What is given back need not be what was kept.
   */
  recallServer?(): unknown;
  rememberServer?(memory: ServerMemory): void;
}
