import type { CallToolResult } from '../../../src/core/mcp/mcpTypes.ts';
import type { CallRecord } from '../../../src/ui/callRecord.ts';

/** A call that was answered with `result`, in 1.5 ms over a reused connection. */
export function answered(
  result: Partial<CallToolResult>,
  more: Partial<CallRecord['end'] & { kind: 'result' }> = {},
): CallRecord {
  return {
    server: 'demo',
    tool: 'say_hello',
    arguments: {},
    time: 0,
    ms: 1.5,
    end: {
      kind: 'result',
      result: { content: [], ...result },
      timing: { queued: 0.1, connect: 0, sent: 0.2, headers: 1, firstEvent: 0.1, response: 0.1, total: 1.5 },
      wire: { connection: 3, origin: 'reused', use: 7, httpVersion: '1.1', status: 200, body: 'sse' },
      violations: [],
      ...more,
    },
  };
}

export function failed(error: unknown): CallRecord {
  return { ...answered({}), end: { kind: 'error', error } };
}
