import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { createServer, type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { tlsIdentity } from '../../lab/tls.ts';
import {
  type Asked,
  answerWith,
  answerWithMessage,
  eventStream,
  type RawServer,
  resultOf,
  startRawServer,
} from './rawServer.ts';

/** A server that is odd in one way which was seen in the field, and has a tool `t` whose answer is `TEXT`. */
export interface OddServer extends AsyncDisposable {
  readonly url: string;
}

export const TEXT = 'the answer';
const RESULT = { content: [{ type: 'text', text: TEXT }] };
const INITIALIZED = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 'odd', version: '1' },
};
const RESULTS: Readonly<Record<string, object>> = {
  initialize: INITIALIZED,
  'tools/list': { tools: [{ name: 't', inputSchema: { type: 'object' } }] },
  'tools/call': RESULT,
  ping: {},
};
const QUOTA = { code: -32000, message: 'quota exceeded' };

type Answer = (asked: Asked) => unknown;

/** Odd in the answers to some methods; the others are as they should be. */
const odd = (answer: Answer) => (): Promise<RawServer> =>
  startRawServer((asked) => answer(asked) === true || ordinary(asked));
const onCall = (answer: Answer) =>
  odd((asked) => {
    if (asked.message.method !== 'tools/call') return false;
    answer(asked);
    return true;
  });
/** In each answer, from `initialize` on. */
const always = (answer: (asked: Asked, result: object) => unknown) =>
  odd((asked) => {
    const { id, method = '' } = asked.message;
    const result = RESULTS[method];
    if (id === undefined || result === undefined) return false;
    answer(asked, result);
    return true;
  });

function ordinary(asked: Asked): boolean {
  const { id, method = '' } = asked.message;
  const result = RESULTS[method];
  if (id === undefined || result === undefined) return false;
  if (method === 'initialize') asked.response.setHeader('Mcp-Session-Id', 's1');
  return answerWith(asked, result);
}

function json(
  { response }: Asked,
  text: string | Buffer,
  headers: Record<string, string> = {},
  status = 200,
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(text);
}

const coded = (header: string, compress: (body: Buffer) => Buffer) =>
  always((asked, result) =>
    json(asked, compress(Buffer.from(JSON.stringify(resultOf(asked, result)))), {
      'Content-Encoding': header,
      ...(asked.message.method === 'initialize' ? { 'Mcp-Session-Id': 's1' } : {}),
    }),
  );

const asText = ({ message }: Asked, members: object) => ({
  jsonrpc: '2.0',
  id: String(message.id),
  ...members,
});

/** HTTP+SSE of 2024-11-05. */
function overSse(
  answer: (asked: Asked, send: (event: string) => void, response: object) => void,
  first = '',
) {
  let stream: Asked | undefined;
  return odd((asked) => {
    const { httpMethod, path, message, response } = asked;
    if (httpMethod === 'GET' && path === '/mcp') {
      stream = asked;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`${first}event: endpoint\ndata: /messages?s=1\n\n`);
      return true;
    }
    if (path === '/mcp' || httpMethod !== 'POST') return response.writeHead(405).end() !== undefined;
    const result = RESULTS[message.method ?? ''];
    if (message.id === undefined || result === undefined) return response.writeHead(202).end() !== undefined;
    const version = message.method === 'initialize' ? { protocolVersion: '2024-11-05' } : {};
    answer(asked, (text) => stream?.response.write(text), resultOf(asked, { ...result, ...version }));
    return true;
  });
}

function onTheGetStream(late: number) {
  return () => {
    let send: ((message: object) => void) | undefined;
    return odd((asked) => {
      if (asked.httpMethod === 'GET') {
        send = eventStream(asked);
        return true;
      }
      if (asked.message.method !== 'tools/call') return false;
      asked.response.writeHead(202).end();
      setTimeout(() => send?.(resultOf(asked, RESULT)), late);
      return true;
    })();
  };
}

function sticky(attributes: string) {
  return () => {
    let nodes = 0;
    return odd((asked) => {
      const { headers, message, response } = asked;
      const node = /NODE=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? `n${++nodes}`;
      response.setHeader('Set-Cookie', [`NODE=${node}; ${attributes}`, 'other=1']);
      if (message.id === undefined || message.method === 'server/discover') return false;
      if (message.method === 'initialize') response.setHeader('Mcp-Session-Id', node);
      else if (headers['mcp-session-id'] !== node)
        return (
          response.writeHead(404).end(JSON.stringify({ jsonrpc: '2.0', id: null, error: QUOTA })) !==
          undefined
        );
      return message.method === 'initialize' && answerWith(asked, INITIALIZED);
    })();
  };
}

function refusesVersion(error: object, status: number) {
  return odd((asked) => {
    if (asked.message.method !== 'initialize') return false;
    const version = asked.message.params?.['protocolVersion'];
    if (version === '2025-03-26') return answerWith(asked, { ...INITIALIZED, protocolVersion: version });
    asked.response.statusCode = status;
    return answerWithMessage(asked, { error });
  });
}

/** In bytes that node's own server would not write. */
function raw(answer: (socket: Socket, body: string) => void) {
  return (): Promise<OddServer> =>
    listening(
      createServer((socket) => {
        let held = '';
        socket.on('error', () => undefined);
        socket.on('data', (bytes) => {
          held += bytes;
          for (;;) {
            const [head = '', body = ''] = held.split(/\r\n\r\n(.*)/s);
            const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
            if (!held.includes('\r\n\r\n') || Buffer.byteLength(body) < length) return;
            held = body.slice(length);
            const message = length === 0 ? {} : JSON.parse(body.slice(0, length));
            const result = RESULTS[message.method ?? ''];
            const said = JSON.stringify({
              jsonrpc: '2.0',
              id: message.id,
              ...(result === undefined ? { error: QUOTA } : { result }),
            });
            if (!head.startsWith('POST')) plain(socket, '', '405 Method Not Allowed');
            else if (message.id === undefined) plain(socket, '', '202 Accepted');
            else if (message.method === 'tools/call') answer(socket, said);
            else plain(socket, said);
          }
        });
      }),
      'http',
    );
}

function plain(socket: Socket, body: string, status = '200 OK'): void {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.write(`${head}\r\n\r\n${body}`);
}

/** Speaks HTTP/2, and resets some requests over it; over HTTP/1.1 it answers. */
function resetting(code: number, methods: readonly string[] | 'all') {
  return async (): Promise<OddServer> => {
    const { key, cert } = await tlsIdentity('private-ca');
    const server = createSecureServer({ key, cert, allowHTTP1: true });
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => undefined);
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const { id, method = '' } = body === '' ? {} : JSON.parse(body);
      if (
        request.httpVersionMajor === 2 &&
        request.method === 'POST' &&
        (methods === 'all' || methods.includes(method))
      )
        return request.stream.close(code);
      if (request.method === 'GET') return response.writeHead(405).end();
      if (id === undefined) return response.writeHead(202).end();
      const result = RESULTS[method];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error: QUOTA } : { result }) }),
      );
    });
    return listening(server, 'https');
  };
}

async function listening(server: Server, scheme: string): Promise<OddServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface OddCase {
  readonly start: () => Promise<OddServer>;
  /** What Sluice makes of a call: its text, or what its error says where the server gives none. */
  readonly told: string | RegExp;
}

/** An error that the server tells is one for every client. */
const TOLD = /^quota exceeded \(-32000/;

const answered = (start: OddCase['start']): OddCase => ({ start, told: TEXT });
const refused = (start: OddCase['start'], told = TOLD): OddCase => ({ start, told });

export const ODD: Readonly<Record<string, OddCase>> = {
  'ids come back as text': answered(
    always((asked, result) => {
      if (asked.message.method === 'initialize') asked.response.setHeader('Mcp-Session-Id', 's1');
      json(asked, JSON.stringify(asText(asked, { result })));
    }),
  ),
  'ids come back as text, on a stream that stays open': answered(
    onCall((asked) => eventStream(asked)(asText(asked, { result: RESULT }))),
  ),
  'error is null beside a result': answered(
    always((asked, result) => json(asked, JSON.stringify({ ...resultOf(asked, result), error: null }))),
  ),
  'a response is the only one of an array': answered(
    always((asked, result) => json(asked, JSON.stringify([resultOf(asked, result)]))),
  ),
  'the array is an event': answered(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end(`data: ${JSON.stringify([{ ...resultOf(asked, RESULT), error: null }])}\n\n`);
    }),
  ),
  'the JSON begins with a byte order mark': answered(
    always((asked, result) => json(asked, `\ufeff${JSON.stringify(resultOf(asked, result))}`)),
  ),
  'an event’s data begins with a byte order mark': answered(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end(`data: \ufeff${JSON.stringify(resultOf(asked, RESULT))}\n\n`);
    }),
  ),
  'the Content-Encoding is "none"': answered(coded('none', (body) => body)),
  'the Content-Encoding is "UTF-8"': answered(coded('UTF-8', (body) => body)),
  'the Content-Encoding is "identity, identity"': answered(coded('identity, identity', (body) => body)),
  'bodies are gzip': answered(coded('gzip', zlib.gzipSync)),
  'bodies are deflate': answered(coded('deflate', zlib.deflateSync)),
  'bodies are raw deflate': answered(coded('deflate', zlib.deflateRawSync)),
  'bodies are br': answered(coded('br', zlib.brotliCompressSync)),
  'bodies are said to be gzip and are not': answered(coded('gzip', (body) => body)),
  'an event stream is gzip, and stays open': answered(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' });
      const gzip = zlib.createGzip();
      gzip.pipe(asked.response);
      gzip.write(`data: ${JSON.stringify(resultOf(asked, RESULT))}\n\n`);
      gzip.flush();
    }),
  ),
  'an error’s body is gzip': refused(
    onCall((asked) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: asked.message.id, error: QUOTA });
      json(asked, zlib.gzipSync(body), { 'Content-Encoding': 'gzip' }, 500);
    }),
  ),
  'an error’s body that tells the era is br': answered(
    odd((asked) => {
      if (asked.message.method !== 'server/discover') return false;
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: 'not initialized' },
      });
      json(asked, zlib.brotliCompressSync(body), { 'Content-Encoding': 'br' }, 400);
      return true;
    }),
  ),
  'an error is an event named error': refused(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end(
        `event: error\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: asked.message.id, error: QUOTA })}\n\n`,
      );
    }),
  ),
  'an error is an event named error, on a stream that stays open': refused(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.write(
        `event: error\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: asked.message.id, error: QUOTA })}\n\n`,
      );
    }),
  ),
  'an error has an id of its own': refused(
    onCall((asked) => json(asked, JSON.stringify({ jsonrpc: '2.0', id: '92a9', error: QUOTA }))),
  ),
  'an error has an id of its own, on a stream that stays open': refused(
    onCall((asked) => eventStream(asked)({ jsonrpc: '2.0', id: 'server-error', error: QUOTA })),
  ),
  'an error is a text': refused(
    onCall((asked) => answerWithMessage(asked, { error: 'Session expired', result: null })),
    /^Session expired \(0\)/,
  ),
  'an event tells in words that it failed, and the stream ends': refused(
    onCall((asked) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end('event: error\ndata: out of memory\n\n');
    }),
    /it sent an event with the name "error", with the data "out of memory"/,
  ),
  'a result that is null, on a stream that stays open': {
    start: onCall((asked) => eventStream(asked)({ jsonrpc: '2.0', id: asked.message.id, result: null })),
    told: '',
  },
  'a result that is none, on a stream that stays open': refused(
    onCall((asked) => eventStream(asked)({ jsonrpc: '2.0', id: asked.message.id, result: 'hello' })),
    /its "result" is not an object/,
  ),
  'HTTP+SSE: a ping comes before the endpoint': answered(
    overSse((asked, send, response) => {
      asked.response.writeHead(202).end();
      send(`event: message\ndata: ${JSON.stringify(response)}\n\n`);
    }, 'event: ping\ndata: 1\n\nevent: hello\ndata: {}\n\n'),
  ),
  'HTTP+SSE: ids come back as text': answered(
    overSse((asked, send, response) => {
      asked.response.writeHead(202).end();
      send(`event: message\ndata: ${JSON.stringify({ ...response, id: String(asked.message.id) })}\n\n`);
    }),
  ),
  'HTTP+SSE: the answer is in the POST’s body': answered(
    overSse((asked, _send, response) => json(asked, JSON.stringify(response))),
  ),
  'HTTP+SSE: the answer is an event in the POST’s body': answered(
    overSse((asked, _send, response) => {
      asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      asked.response.end(`data: ${JSON.stringify(response)}\n\n`);
    }),
  ),
  'HTTP+SSE: the answer comes twice': answered(
    overSse((asked, send, response) => {
      send(`event: message\ndata: ${JSON.stringify(response)}\n\n`);
      json(asked, JSON.stringify(response));
    }),
  ),
  'the answer comes on the GET stream, after a 202': answered(onTheGetStream(5)),
  'the answer comes on the GET stream, long after a 202': answered(onTheGetStream(700)),
  'a 100 Continue comes before the response': answered(
    raw((socket, body) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      plain(socket, body);
    }),
  ),
  'Content-Length and Transfer-Encoding stand side by side': refused(
    raw((socket, body) =>
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ),
    ),
    /^The server’s answer is not HTTP\/1\.1: its length is given twice/,
  ),
  'a header’s name has a blank': refused(
    raw((socket, body) =>
      socket.write(`HTTP/1.1 200 OK\r\nX Bad: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    ),
    /^The server’s answer is not HTTP\/1\.1: Invalid header token/,
  ),
  'lines end in LF alone': refused(
    raw((socket, body) => socket.write(`HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}`)),
    /^The server’s answer is not HTTP\/1\.1: Missing expected CR/,
  ),
  'the port speaks TLS': refused(
    raw((socket) => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 70]))),
    /^The server’s answer is not HTTP\/1\.1: the port speaks TLS/,
  ),
  'lists end with an empty cursor': answered(
    odd(
      (asked) =>
        asked.message.method === 'tools/list' &&
        answerWith(asked, { ...RESULTS['tools/list'], nextCursor: '' }),
    ),
  ),
  'tools have null for all that is optional': answered(
    odd(
      (asked) =>
        asked.message.method === 'tools/list' &&
        answerWith(asked, {
          tools: [
            null,
            {
              name: 't',
              title: null,
              description: null,
              inputSchema: { type: 'object' },
              outputSchema: null,
              annotations: null,
              execution: null,
              icons: null,
              _meta: null,
            },
          ],
          nextCursor: null,
          _meta: null,
        }),
    ),
  ),
  'content has a null among its blocks': {
    start: onCall((asked) =>
      answerWith(asked, { content: [null, ...RESULT.content], isError: null, structuredContent: null }),
    ),
    told: `\n${TEXT}`,
  },
  'content is one block': answered(onCall((asked) => answerWith(asked, { content: RESULT.content[0] }))),
  'content is a text': answered(onCall((asked) => answerWith(asked, { content: TEXT }))),
  'initialize is refused with the list of what is spoken': answered(
    refusesVersion(
      {
        code: -32602,
        message: 'Unsupported protocol version',
        data: { supported: ['2025-03-26', '2024-11-05'] },
      },
      200,
    ),
  ),
  'initialize is refused with that list in words': answered(
    refusesVersion(
      { code: -32000, message: 'Bad Request: Unsupported protocol version (supported versions: 2025-03-26)' },
      400,
    ),
  ),
  'a load balancer keeps clients apart by a cookie': answered(sticky('Path=/; HttpOnly')),
  'a load balancer’s cookie is for another domain, as it says': answered(
    sticky('Domain=example.com; Max-Age=3600'),
  ),
  'HTTP/2 is refused for tools/call': answered(resetting(13, ['tools/call'])),
  'HTTP/2 is refused for all': answered(resetting(13, 'all')),
};
