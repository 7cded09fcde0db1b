#!/usr/bin/env bash
# Guess: a server that negotiates a revision speaks it.
# Seen: mcp-http-server 1.2.4 answers `initialize` for 2025-11-25 with 2025-11-25, and refuses every request that then names that
# revision, as unsupported. Its transport is from SDK 1.15.1, which it brings with it, and the answer is from the SDK that the author
# of the server installed. It answers the same request without the header.
# Why it matters: a client that follows the specification cannot use this server, a careless one can. The refusal lists what the
# transport speaks: a client can connect anew with the newest revision of that list.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  mcp-http-server@1.2.4 @modelcontextprotocol/sdk@1.32.2

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { startSseAndStreamableHttpMcpServer } from 'mcp-http-server';

// The server wants a fixed port: give it a free one.
const { listen } = net.Server.prototype;
let listening;
net.Server.prototype.listen = function (...given) {
  listening = this;
  return listen.call(this, 0, '127.0.0.1', given.find((argument) => typeof argument === 'function'));
};
const createMcpServer = async () => {
  const server = new McpServer({ name: 'finding', version: '1.0.0' });
  server.registerTool('echo', { description: 'Echo' }, () => ({ content: [] }));
  return server;
};
startSseAndStreamableHttpMcpServer({ port: 1, createMcpServer, logger: { log() {}, info() {}, error() {} } });
while (!listening?.listening) {
  await (listening ? once(listening, 'listening') : new Promise(setImmediate));
}
const url = `http://127.0.0.1:${listening.address().port}/mcp`;

async function post(message, headers = {}) {
  const accept = 'application/json, text/event-stream';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    signal: AbortSignal.timeout(10_000),
  });
  return [response.status, JSON.parse((await response.text()).replace(/^(event|id):.*\n|^data: /gm, ''))];
}

const clientInfo = { name: 'finding', version: '1.0.0' };
const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
const [, { result }] = await post({ method: 'initialize', params: initialize });
const [refused, { error }] = await post({ method: 'tools/list' }, { 'mcp-protocol-version': result.protocolVersion });
const [answered] = await post({ method: 'tools/list' });

const versionOf = (path) => JSON.parse(readFileSync(`node_modules/${path}/package.json`, 'utf8')).version;
console.log(`mcp-http-server ${versionOf('mcp-http-server')}`);
console.log(`negotiated: ${result.protocolVersion}`);
console.log(`with that revision: HTTP ${refused}, ${error.message}`);
console.log(`without a revision: HTTP ${answered}`);
assert.deepEqual([result.protocolVersion, refused, answered], ['2025-11-25', 400, 200]);
assert.match(error.message, /Unsupported protocol version/);
process.exit();
JS
timeout -k 5 30 node finding.mjs
