import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { FLOODS, OVER_BOUND, WITHIN_BOUND } from './loads.ts';

/**
 * A server in a thread of its own, so that what it does is not counted among what its client does. The path says which
 * load, and how it comes: `/json/0`, `/sse/0`, `/call/0` (a flood on the call's stream), `/get/0`, `/old/0` (HTTP+SSE).
 * A third number is the size of the pieces in which a flood is written.
 */
const MESSAGES = [...WITHIN_BOUND, ...OVER_BOUND];
const { key, cert } = workerData as { readonly key?: string; readonly cert?: string };
/** The value of the next large answer: made before, so that what making it takes is not counted. */
let prepared = Buffer.alloc(0);
/** Of HTTP+SSE. */
let stream: ServerResponse | undefined;
let sockets = 0;
let most = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const [, how = '', index = '', chunk = '65536'] = (request.url ?? '').split('/');
  const body = Buffer.concat(await request.toArray()).toString();
  const { id, method } = body === '' ? { id: undefined, method: undefined } : JSON.parse(body);
  const reply = (result: object) => {
    if (how === 'old') {
      response.writeHead(202).end();
      return stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
    }
    response.setHeader('Content-Type', 'application/json');
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  };
  if (request.method === 'GET') {
    if (how !== 'get' && how !== 'old') return response.writeHead(405).end();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    if (how === 'old') {
      stream = response;
      return response.write(`event: endpoint\ndata: ${request.url}\n\n`);
    }
    return flood(response, Number(index), Number(chunk));
  }
  switch (id === undefined ? undefined : method) {
    case undefined:
      return response.writeHead(202).end();
    case 'server/discover':
      return response.writeHead(400).end();
    case 'initialize':
      return reply({
        protocolVersion: how === 'old' ? '2024-11-05' : '2025-11-25',
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'load', version: '1' },
      });
    case 'tools/list':
      return reply({ tools: [{ name: 't', inputSchema: {} }] });
  }
  if (how === 'json' || how === 'sse') return large(response, how, Number(index), id);
  if (how === 'call') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    return flood(response, Number(index), Number(chunk));
  }
  if (how === 'old') {
    response.writeHead(202).end();
    return stream === undefined || flood(stream, Number(index), Number(chunk));
  }
  // Over the other stream comes what is measured; this call goes on beside it.
  return setTimeout(() => reply({ content: [] }), 120);
}

function large(response: ServerResponse, how: 'json' | 'sse', index: number, id: number) {
  const [before, after] =
    MESSAGES[index]?.whole === true
      ? ['', '']
      : [`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":`, '}}'];
  response.on('error', () => undefined);
  response.writeHead(200, { 'Content-Type': how === 'json' ? 'application/json' : 'text/event-stream' });
  response.write(how === 'json' ? before : `data: ${before}`);
  response.write(prepared);
  response.end(how === 'json' ? after : `${after}\n\n`);
}

/** As fast as it goes, in pieces of about so many bytes. */
function flood(response: ServerResponse, index: number, chunk: number) {
  const piece = FLOODS[index]?.piece ?? '';
  const block = Buffer.from(piece.repeat(Math.ceil(chunk / piece.length)));
  response.on('error', () => undefined);
  const write = () => {
    // A turn for others now and then: the client's answers are taken.
    for (let n = 0; n < 64; n++) {
      if (response.destroyed || response.closed) return;
      if (!response.write(block)) return void response.once('drain', write);
    }
    setImmediate(write);
  };
  write();
}

const handler = (request: IncomingMessage, response: ServerResponse) =>
  void answer(request, response).catch(() => response.destroy());
const server =
  key === undefined || cert === undefined
    ? createServer(handler)
    : createSecureServer({ key, cert, allowHTTP1: true }, handler as never);
server.on('connection', (socket) => {
  sockets++;
  most = Math.max(most, sockets);
  socket.on('error', () => undefined).once('close', () => sockets--);
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.on('message', (message: 'sockets' | { readonly prepare: number }) => {
  if (message !== 'sockets') {
    prepared = Buffer.from(MESSAGES[message.prepare]?.value() ?? '');
    return parentPort?.postMessage(prepared.length);
  }
  parentPort?.postMessage(most);
  most = sockets;
});
