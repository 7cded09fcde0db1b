import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { defineTool } from '../tool.ts';

export const fail = defineTool<{ as?: 'result' | 'error'; reason?: string }>({
  name: 'fail',
  title: 'Fail',
  description: 'Fails on purpose, in one of the two ways in which a call can fail.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      as: {
        type: 'string',
        title: 'Fail as',
        description: 'Which kind of failure',
        oneOf: [
          { const: 'result', title: 'A result with isError: the tool ran and failed' },
          { const: 'error', title: 'A JSON-RPC error: the request failed' },
        ],
        default: 'result',
      },
      reason: { type: 'string', title: 'Reason', description: 'The reason to give', maxLength: 500 },
    },
    additionalProperties: false,
  },
  run: ({ as = 'result', reason = 'the gate is stuck' }) => {
    if (as === 'error') {
      throw new ProtocolError(ProtocolErrorCode.InternalError, `This call fails on purpose: ${reason}`, {
        reason,
      });
    }
    const text = `This tool fails on purpose: ${reason}. Nothing is wrong with your client; call it with as = "error" to see the other kind.`;
    return { isError: true, content: [{ type: 'text', text }] };
  },
});
