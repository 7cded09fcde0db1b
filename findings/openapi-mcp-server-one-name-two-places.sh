#!/usr/bin/env bash
# Guess: an operation with a parameter `id` in its path and another `id` in its query becomes a tool with two arguments, or the
# conversion reports a conflict. OpenAPI allows such an operation: name and place together identify a parameter.
# Seen: @ivotoby/openapi-mcp-server 1.16.1 makes one argument of the two. It puts the value into the query, and asks the API for the
# path with the braces still in it.
# Why it matters: the schema of the tool is flawless, a lenient API reports success, and a client sees no sign that the request went
# to another address.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @ivotoby/openapi-mcp-server@1.16.1

cat > openapi.json <<'JSON'
{
  "openapi": "3.0.3",
  "info": { "title": "Pets", "version": "1.0.0" },
  "paths": {
    "/pets/{id}": {
      "put": {
        "operationId": "movePet",
        "parameters": [
          { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
          { "name": "id", "in": "query", "schema": { "type": "string" } }
        ],
        "responses": { "200": { "description": "Moved" } }
      }
    }
  }
}
JSON
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';

const asked = [];
const api = http.createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.setHeader('content-type', 'application/json').end('{}');
});
await once(api.listen(0, '127.0.0.1'), 'listening');

const bin = 'node_modules/@ivotoby/openapi-mcp-server/bin/mcp-server.js';
const base = `http://127.0.0.1:${api.address().port}`;
const server = spawn(process.execPath, [bin, '-t', 'stdio', '-u', base, '-s', 'openapi.json'], {
  stdio: ['pipe', 'pipe', 'ignore'],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
let id = 0;

async function ask(method, params) {
  send({ id: ++id, method, params });
  for (;;) {
    const { value, done } = await lines.next();
    assert.ok(!done, 'the server ended');
    const message = JSON.parse(value);
    if (message.id === id) {
      return message.result;
    }
  }
}

const clientInfo = { name: 'finding', version: '1.0.0' };
await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
send({ method: 'notifications/initialized' });
const [tool] = (await ask('tools/list', {})).tools;
const { isError = false } = await ask('tools/call', { name: tool.name, arguments: { id: '7' } });
server.kill();

const { version } = JSON.parse(readFileSync('node_modules/@ivotoby/openapi-mcp-server/package.json', 'utf8'));
console.log(`@ivotoby/openapi-mcp-server ${version}`);
console.log(`arguments: ${Object.keys(tool.inputSchema.properties)}, isError: ${isError}`);
console.log(`the API was asked: ${asked}`);
assert.deepEqual([Object.keys(tool.inputSchema.properties), isError, asked], [['id'], false, ['PUT /pets/%7Bid%7D?id=7']]);
process.exit();
JS
timeout -k 5 30 node finding.mjs
