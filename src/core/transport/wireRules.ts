/**
 * How one revision of the protocol uses Streamable HTTP. The table of revisions (mcp/protocolVersion) fills it in;
 * nothing in this room asks which revision it is.
 */
export interface WireRules {
  /** The revision, as it stands in `MCP-Protocol-Version`. */
  readonly version: string;
  /** `MCP-Protocol-Version` on every request (from 2025-06-18). */
  readonly versionHeader: boolean;
  /** `Mcp-Method` and `Mcp-Name` repeat what the body says (from 2026-07-28). */
  readonly mirrorsBody: boolean;
  /**
   * A GET opens a stream on which the server speaks unasked, and takes up one that broke off (2025-03-26 to 2025-11-25:
   * Listening for Messages from the Server, Resumability and Redelivery).
   */
  readonly streamsByGet: boolean;
  /** How a request is called off: by closing its stream (from 2026-07-28), or by `notifications/cancelled`. */
  readonly cancellation: 'close-stream' | 'notification';
}
