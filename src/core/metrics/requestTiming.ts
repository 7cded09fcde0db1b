/**
 * The phases of one request, in the order they happen. Each is a duration in milliseconds, counted from the end
 * of the one before, so that `queued` to `response` add up to `total`, which is what the caller waited.
 */
export interface RequestTiming {
  /** Waiting for a place: a connection was busy or the cap reached. */
  readonly queued: number;
  /** Opening the connection: name, TCP, TLS. 0 on a connection that was already open. */
  readonly connect: number;
  /** Writing the request. */
  readonly sent: number;
  /** Until the response's status and headers. */
  readonly headers: number;
  /** Until the first SSE event, or the first byte of a JSON body. */
  readonly firstEvent: number;
  /** Until the message that answers the request. */
  readonly response: number;
  /** All of the above. */
  readonly total: number;
}

/** What became of the rest of the response, after the caller had its answer. */
export type DrainOutcome =
  /** Nothing was left to read; the connection went back at once. */
  | 'reused'
  /** The rest was read to its end; the connection went back. */
  | 'drained'
  /** The server still sent when the time was up; the connection was closed. */
  | 'budget-time'
  /** More bytes came than the budget allows; the connection was closed. */
  | 'budget-bytes'
  /** The server sent nothing more and did not end the stream; the connection was closed. */
  | 'held-open'
  /** The server ended the connection itself. */
  | 'closed-by-server'
  /** The stream was reset: cancelled by us, or by the peer. */
  | 'reset';

export interface DrainReport {
  readonly outcome: DrainOutcome;
  /** Milliseconds from the response to the end of the drain. */
  readonly ms: number;
  /** Bytes read after the response. */
  readonly bytes: number;
}

/** Which connection served a request. */
export interface WireInfo {
  /** Number of the connection, counted per server from 1. */
  readonly connection: number;
  /** `fresh`: opened for this request. `warm`: opened ahead, unused. `reused`: had served before. */
  readonly origin: 'fresh' | 'warm' | 'reused';
  /** Requests this connection has carried, this one included. */
  readonly use: number;
  readonly httpVersion: '1.1' | '2';
  /** HTTP status of the response. */
  readonly status: number;
  /** `json` or `sse`: how the server answered. */
  readonly body: 'json' | 'sse' | 'none';
}
