import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { readBody } from '../../../src/demo/readBody.ts';
import { writeResponse } from '../../../src/demo/writeResponse.ts';

describe('a client that leaves', () => {
  it('while it sends a body is not waited for', async () => {
    const request = new IncomingMessage(new Socket());
    const body = readBody(request, 100);
    request.push('{"jsonrpc"');
    request.destroy();
    expect(await body).toEqual({ kind: 'aborted' });
  });

  it('before its answer begins has its request cancelled, and no stream is opened', async () => {
    const out = new ServerResponse(new IncomingMessage(new Socket()));
    out.destroy();
    const cancel = vi.fn();
    const headers = { 'content-type': 'text/event-stream' };
    const open = new Set<ServerResponse>();
    await writeResponse(new Response(new ReadableStream({ cancel }), { headers }), out, open);
    expect(cancel).toHaveBeenCalledOnce();
    expect(open.size).toBe(0);
  });
});
