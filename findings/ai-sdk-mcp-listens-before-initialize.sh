#!/usr/bin/env bash
# Guess: a client opens its GET stream once, when the session is initialized, and takes 405 for "there is no such stream".
# Seen: @ai-sdk/mcp 2.0.99 sends GET before `initialize` is answered, without a session, GET again when it has a session, and a third
# GET after `notifications/initialized`. It does so where each GET is answered with 405.
# Why it matters: each connection leaves three refused requests in the log of a server, and the first names a revision that was not
# negotiated. A server or gateway that makes a session of the first request, or that counts refusals, should leave these GETs out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 @ai-sdk/mcp@2.0.99

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { createMCPClient } from '@ai-sdk/mcp';

const seen = [];
let third;
const heardThird = new Promise((resolve) => {
  third = resolve;
});
const server = http.createServer(async (request, response) => {
  const session = request.headers['mcp-session-id'] ?? 'no session';
  const revision = request.headers['mcp-protocol-version'];
  if (request.method !== 'POST') {
    seen.push(`${request.method} (${session}, ${revision})`);
    if (seen.filter((line) => line.startsWith('GET')).length === 3) {
      third();
    }
    return response.writeHead(405).end();
  }
  const { id, method, params } = await json(request);
  seen.push(method);
  if (id === undefined) {
    return response.writeHead(202).end();
  }
  response.setHeader('content-type', 'application/json');
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'finding', version: '1.0.0' } };
    return response.setHeader('mcp-session-id', 'one').end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }
  const answer = method === 'tools/list' ? { result: { tools: [] } } : { error: { code: -32601, message: 'Method not found' } };
  response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');

const client = await createMCPClient({ transport: { type: 'http', url: `http://127.0.0.1:${server.address().port}/mcp` } });
await client.tools();
await Promise.race([heardThird, new Promise((resolve) => setTimeout(resolve, 5000))]);
const { version } = JSON.parse(readFileSync('node_modules/@ai-sdk/mcp/package.json', 'utf8'));
console.log(`@ai-sdk/mcp ${version}`);
console.log(seen.join('\n'));
const listens = seen.filter((line) => line.startsWith('GET'));
assert.deepEqual(listens.map((line) => line.includes('no session')), [true, false, false]);
process.exit();
JS
timeout -k 5 20 node finding.mjs
