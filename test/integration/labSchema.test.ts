import { describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { officialSchemas } from '../lab/officialSchemas.ts';
import { connectTo } from './core/connectTo.ts';

const MODERN = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const request = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });
const response = (result: object) => ({ jsonrpc: '2.0', id: 1, result });

/** What the lab says at its end of a client that posted this. */
async function toldOf(body: unknown, headers: Record<string, string> = {}): Promise<string> {
  const lab = await startLab({ era: 'dual' });
  await post(lab, body, headers);
  return lab.close().then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

/** Waits for no answer: to some of these there is none. */
async function post(lab: Lab, body: unknown, headers: Record<string, string>): Promise<void> {
  const type = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  fetch(lab.url, { method: 'POST', headers: { ...type, ...headers }, body: text }).catch(() => undefined);
  await lab.waitFor(({ counts }) => counts.requests === 1);
}

describe('the lab holds each message of a client against the official schema of its revision', () => {
  it('has the schemas of all revisions', () => {
    for (const [revision, { $defs, definitions = $defs }] of Object.entries(officialSchemas()))
      expect(definitions, revision).toHaveProperty('CallToolRequest');
  });

  it.each([
    ['no JSON', '{', /no JSON/],
    ['a batch', [request('tools/list', { _meta: META })], /array/],
    [
      'a request of the modern era without capabilities',
      request('tools/list', { _meta: { ...META, 'io.modelcontextprotocol/clientCapabilities': undefined } }),
      /clientCapabilities/,
    ],
    ['a call without a name', request('tools/call', { _meta: META }), /name/],
    [
      'arguments that are a list',
      request('tools/call', { _meta: META, name: 'add', arguments: [1] }),
      /arguments/,
    ],
    [
      'an answer of no kind among several',
      request('tools/call', { _meta: META, name: 'ask', inputResponses: { who: { action: 'perhaps' } } }),
      /inputResponses/,
    ],
    ['an id that is null', { ...request('tools/list', { _meta: META }), id: null }, /id/],
    ['a method of an earlier revision', request('ping', { _meta: META }), /2026-07-28: a client has no ping/],
    [
      'a method that only servers send',
      request('elicitation/create', { _meta: META }),
      /a client has no elicitation\/create/,
    ],
    [
      'a task without its metadata',
      request('tasks/get', { taskId: 'a', _meta: { 'io.modelcontextprotocol/protocolVersion': MODERN } }),
      /clientCapabilities/,
    ],
    [
      'a handshake without a client',
      request('initialize', { protocolVersion: '2025-11-25', capabilities: {} }),
      /clientInfo/,
    ],
    [
      'a handshake of no revision that there is',
      request('initialize', { protocolVersion: '1900-01-01' }),
      /1900-01-01/,
    ],
    ['a result with an unknown action', response({ action: 'perhaps' }), /ElicitResult/],
    ['a root without a URI', response({ roots: [{ name: 'a' }] }), /uri/],
    ['an error without a code', { jsonrpc: '2.0', id: 1, error: { message: 'no' } }, /code/],
    ['a notification without a version', { method: 'notifications/initialized' }, /jsonrpc/],
  ])('tells of %s', async (_, body, told) => {
    expect(await toldOf(body)).toMatch(told);
  });

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
    'judges what follows a handshake by %s',
    async (revision) => {
      const headers = { 'MCP-Protocol-Version': revision };
      expect(await toldOf(request('tools/call', {}), headers)).toContain(`schema.test/${revision}`);
      expect(await toldOf(request('tools/call', { name: 'add' }), headers)).toBe('nothing');
      expect(await toldOf(response({ roots: [] }), headers)).toBe('nothing');
    },
  );

  it('tells once, and not of what tests of servers send on purpose', async () => {
    const lab = await startLab();
    await post(lab, '{', {});
    await expect(lab.close()).rejects.toThrow('no JSON');
    await expect(lab.close()).resolves.toBeUndefined();
    expect(await toldOf('{', { 'lab-unchecked': 'on purpose' })).toBe('nothing');
  });

  it('has nothing against this client, in either era', async () => {
    for (const era of ['modern', 'legacy'] as const) {
      await using lab = await startLab({ era });
      await using client = connectTo(
        lab.url,
        {},
        { onElicit: async () => ({ action: 'accept', content: { name: 'Ada' } }) },
      );
      await client.connection.callTool('ask', {});
      await client.connection.callTool('add', { a: 1, b: 2 });
      expect(lab.counts.requests).toBeGreaterThan(3);
    }
  });
});
