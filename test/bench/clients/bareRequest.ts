import { textOf } from './benchClient.ts';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** What undici is asked: one `tools/call` of `sized`, complete in the way a server may insist on. */
export function bareRequest(path: string, id: number, bytes: number) {
  const params = { name: 'sized', arguments: { bytes }, _meta: META };
  return {
    method: 'POST' as const,
    path,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'sized',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }),
  };
}

const DATA = 'data: ';

/** The least that can be done with a stream of one event: its data line is JSON. */
export function bareText(stream: string): string {
  const start = stream.indexOf(DATA) + DATA.length;
  const { result } = JSON.parse(stream.slice(start, stream.indexOf('\n', start))) as { result: object };
  return textOf(result);
}
