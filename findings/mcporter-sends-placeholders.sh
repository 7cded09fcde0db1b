#!/usr/bin/env bash
# Guess: a client that reads `.vscode/mcp.json` unasked resolves `${env:NAME}`, and asks or leaves the server out where it cannot
# resolve a placeholder, as with `${input:token}`.
# Seen: `mcporter list` of mcporter 0.12.3 connects to each HTTP server in that file, and sends both placeholders as they stand: the
# header reads "Bearer ${input:token}". A server that does not check it is listed as healthy.
# Why it matters: the server's log shows a malformed credential, and the user's file is right. A server that names "${" in its
# refusal saves a search, and a client has to know the placeholders of each file format that it reads.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 mcporter@0.12.3

mkdir -p workspace/.vscode home
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { json } from 'node:stream/consumers';

const seen = new Set();
const server = http.createServer(async (request, response) => {
  if (request.method !== 'POST') {
    return response.writeHead(405).end();
  }
  seen.add(`${request.headers.authorization} | ${request.headers['x-team']}`);
  const { id, method, params } = await json(request);
  if (id === undefined) {
    return response.writeHead(202).end();
  }
  const serverInfo = { name: 'finding', version: '1.0.0' };
  const results = {
    initialize: { protocolVersion: params?.protocolVersion, capabilities: { tools: {} }, serverInfo },
    'tools/list': { tools: [] },
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');

const headers = { Authorization: 'Bearer ${input:token}', 'X-Team': '${env:TEAM}' };
const url = `http://127.0.0.1:${server.address().port}/mcp`;
const inputs = [{ type: 'promptString', id: 'token', description: 'Token', password: true }];
writeFileSync('workspace/.vscode/mcp.json', JSON.stringify({ inputs, servers: { mine: { type: 'http', url, headers } } }));

const bin = new URL('node_modules/.bin/mcporter', import.meta.url).pathname;
const env = { ...process.env, HOME: `${process.cwd()}/home`, TEAM: 'blue' };
const list = spawn(bin, ['list'], { cwd: 'workspace', env, stdio: ['ignore', 'pipe', 'inherit'] });
let output = '';
list.stdout.on('data', (chunk) => (output += chunk));
await once(list, 'close', { signal: AbortSignal.timeout(30_000) });

const { version } = JSON.parse(readFileSync('node_modules/mcporter/package.json', 'utf8'));
console.log(`mcporter ${version}`);
console.log(output.trim());
console.log(`seen: ${JSON.stringify([...seen])}`);
assert.match(output, /1 healthy/);
assert.deepEqual([...seen], ['Bearer ${input:token} | ${env:TEAM}']);
process.exit();
JS
timeout -k 5 40 node finding.mjs
