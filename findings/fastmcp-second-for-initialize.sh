#!/usr/bin/env bash
# Guess: `initialize` is one of the quickest requests: the server names itself and its revision.
# Seen: fastmcp 4.20.16 takes one second for it, each time, on an idle machine too. Other requests of the session take milliseconds.
# The server waits, in ten steps, for the client's capabilities. They are in the request that it has not read yet.
# Why it matters: each new session costs its user a second before anything happens. A client that measures calls only does not show
# it, and a client that connects anew for each call pays it each time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 90 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 fastmcp@4.20.16

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { FastMCP } from 'fastmcp';

// The server wants a fixed port: give it a free one.
const { listen } = net.Server.prototype;
let listening;
net.Server.prototype.listen = function (...given) {
  listening = this;
  return listen.call(this, 0, '127.0.0.1', given.find((argument) => typeof argument === 'function'));
};
const logger = Object.fromEntries(['debug', 'error', 'info', 'log', 'warn'].map((level) => [level, () => undefined]));
const server = new FastMCP({ name: 'finding', version: '1.0.0', logger });
server.addTool({ name: 'echo', description: 'Echo', execute: async () => 'a' });
await server.start({ transportType: 'httpStream', httpStream: { port: 1 } });
const url = `http://127.0.0.1:${listening.address().port}/mcp`;

async function post(message, session = {}) {
  const sent = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...session },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.text();
  return { ms: Math.round(performance.now() - sent), session: { 'mcp-session-id': response.headers.get('mcp-session-id') } };
}

const clientInfo = { name: 'finding', version: '1.0.0' };
const initialize = { method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } };
const times = [];
for (let round = 0; round < 4; round += 1) {
  const { ms, session } = await post(initialize);
  const list = await post({ method: 'tools/list' }, session);
  times.push({ initialize: ms, list: list.ms });
}

const { version } = JSON.parse(readFileSync('node_modules/fastmcp/package.json', 'utf8'));
console.log(`fastmcp ${version}`);
console.log(`milliseconds: ${JSON.stringify(times)}`);
assert.ok(times.every(({ initialize }) => initialize >= 950), 'each initialize takes a second');
assert.ok(Math.min(...times.map(({ list }) => list)) < 300, 'a list does not');
process.exit();
JS
timeout -k 5 24 node finding.mjs
