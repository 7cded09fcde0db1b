import type { CallToolResult } from '../../../../src/core/mcp/mcpTypes.ts';
import { readToolResult, sentTextOf } from '../../../../src/core/mcp/toolResult.ts';
import { jsonSource } from '../../../../src/core/transport/messageSource.ts';
import type { Reply } from '../../../../src/core/transport/reply.ts';
import type { ShownCall } from '../../../../src/ui/history/shownCall.ts';

/** A call that was answered with `result`, in 1.5 ms over a reused connection. */
export function answered(
  result: Partial<CallToolResult>,
  more: Partial<ShownCall['end'] & { kind: 'result' }> = {},
): ShownCall {
  return {
    server: 'demo',
    shownServer: 'demo',
    tool: 'say_hello',
    arguments: {},
    time: 0,
    ms: 1.5,
    initiator: { kind: 'user' },
    id: 1,
    requests: [1],
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

export function failed(error: unknown): ShownCall {
  return { ...answered({}), end: { kind: 'error', error } };
}

/** The page stands by itself: it is bounded also where a message is not. */
const UNBOUNDED = { maxBytes: 2 ** 30, maxValues: 2 ** 30, maxDepth: 2 ** 30 };

/** A call whose result came as this JSON, read as one that comes over HTTP. */
export function received(result: string | Buffer): ShownCall {
  let record: ShownCall | undefined;
  const source = jsonSource(
    {
      onMessage(one) {
        if (one.kind !== 'result') throw new Error(`no result: ${JSON.stringify(one)}`);
        const { message } = one;
        const read = readToolResult(message.result);
        const sent = sentTextOf({ message } as Reply, message.result);
        record = answered(read.result, { odd: read.odd, sent });
      },
      onOverflow() {
        throw new Error('too large');
      },
    },
    UNBOUNDED,
  );
  source.push(
    Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":1,"result":'), Buffer.from(result), Buffer.from('}')]),
  );
  source.end();
  if (record === undefined) throw new Error('nothing came');
  return record;
}
