/** What the demo server holds at this moment. Of a finished request it holds nothing, so a quiet server shows zeros. */
export interface DemoStats {
  /** SSE responses whose end has not been written. */
  readonly openStreams: number;
  readonly openSockets: number;
  /** Sockets accepted since the start: what tells a client that reuses its connections from one that does not. */
  readonly acceptedSockets: number;
  /** Requests handed to the SDK that it has not answered, and for which it therefore keeps an entry. */
  readonly routingEntries: number;
  /** Sessions of legacy clients. Modern clients have none. */
  readonly liveSessions: number;
  /** Tool calls being worked on. A cancelled one is not. */
  readonly runningCalls: number;
  /** Tool calls since the start, by the name of the tool. */
  readonly toolCalls: Readonly<Record<string, number>>;
}
