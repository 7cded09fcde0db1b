import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request to the server; `message` has no members for a GET and a DELETE. */
export interface Asked {
  readonly httpMethod: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: {
    readonly id?: number | string;
    readonly method?: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly result?: unknown;
  };
  /** The body as it came. */
  readonly body: string;
  readonly response: ServerResponse;
}

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
}

export interface RawServerOptions {
  readonly era?: 'modern' | 'legacy';
  readonly capabilities?: object;
  readonly tools?: readonly unknown[];
}

/**
 * A server in a few lines, for what no server should say: the lab would not. It knows one tool, `t`.
 * @param answer answers what it wants to by itself, and says so with `true`
 */
export async function startRawServer(
  answer: (asked: Asked) => unknown,
  {
    era = 'legacy',
    capabilities = { tools: {} },
    tools = [{ name: 't', inputSchema: {} }],
  }: RawServerOptions = {},
): Promise<RawServer> {
  const all: Asked[] = [];
  let sessions = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method: httpMethod = '', url: path = '', headers } = request;
    const message = body === '' ? {} : JSON.parse(body);
    const asked: Asked = { httpMethod, path, headers, message, body, response };
    all.push(asked);
    if ((await answer(asked)) === true) return;
    if (httpMethod === 'GET') return response.writeHead(405).end();
    if (httpMethod === 'DELETE') return response.writeHead(200).end();
    switch (message.id === undefined ? undefined : message.method) {
      case undefined:
        return response.writeHead(202).end();
      case 'server/discover':
        if (era === 'legacy') return response.writeHead(400).end();
        return answerWith(asked, { supportedVersions: ['2026-07-28'], capabilities });
      case 'initialize':
        response.setHeader('Mcp-Session-Id', `s${++sessions}`);
        return answerWith(asked, {
          protocolVersion: '2025-11-25',
          capabilities,
          serverInfo: { name: 'raw', version: '1' },
        });
      case 'tools/list':
        return answerWith(asked, { tools });
      default:
        return answerWith(asked, { content: [] });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    asked: all,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A JSON body with the result. */
export function answerWith(asked: Asked, result: object): true {
  return answerWithMessage(asked, { result });
}

export function answerWithMessage({ message, response }: Asked, members: object): true {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...members }));
  return true;
}

/** Opens an event stream; what it returns writes a message to it. */
export function eventStream({ response }: Asked): (message: object, id?: string) => void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  return (message, id) =>
    void response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`);
}

export function resultOf({ message }: Asked, result: object = { content: [] }): object {
  return { jsonrpc: '2.0', id: message.id, result };
}
