import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Writes a web response to the socket in as few pieces as can be: everything that is ready within one turn of the
 * event loop leaves in one. So a prompt answer is a single write, from the headers to the final chunk, and neither
 * the answer nor the end of its stream can wait for an acknowledgement of what went before.
 * @param open holds the response while it is an open event stream
 */
export async function writeResponse(
  response: Response,
  out: ServerResponse,
  open: Set<ServerResponse>,
): Promise<void> {
  // Node sets `Connection` itself, and then also says how long it keeps an idle connection.
  const { connection: _, ...headers } = Object.fromEntries(response.headers);
  if (response.body === null || headers['content-type'] !== 'text/event-stream') {
    const body = Buffer.from(await response.arrayBuffer());
    out.writeHead(response.status, { ...headers, 'content-length': body.length }).end(body);
    return;
  }
  if (out.destroyed || out.socket === null) {
    await response.body.cancel();
    return;
  }
  out.writeHead(response.status, headers);
  await writeEvents(response.body.getReader(), out, out.socket, open);
}

async function writeEvents(
  events: ReadableStreamDefaultReader<Uint8Array>,
  out: ServerResponse,
  socket: Socket,
  open: Set<ServerResponse>,
): Promise<void> {
  open.add(out);
  out.once('close', () => {
    open.delete(out);
    // "Closing the SSE response stream MUST be treated by the server as cancellation of that request."
    events.cancel().catch(() => {});
  });

  holdForThisTurn(socket);
  out.flushHeaders();
  for (;;) {
    const { done, value } = await events.read();
    if (done) break;
    holdForThisTurn(socket);
    // The SDK pushes events whether or not they are read, so waiting for `drain` would only move the queue.
    out.write(value);
  }
  out.end();
}

function holdForThisTurn(socket: Socket): void {
  socket.cork();
  setImmediate(() => socket.uncork());
}
