#!/usr/bin/env bash
# Guess: a batch is answered with an array, even if it holds one response.
# Seen: json-rpc-2.0 1.8.1 answers a batch of one request with the bare response, and a batch of one request and one notification
# too. It sends an array for two responses and more.
# Why it matters: MCP 2025-03-26 has batches, and a request with a notification beside it is the likeliest one. A client that sent an
# array has to accept a bare response, and to match it by its id.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 json-rpc-2.0@1.8.1

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { JSONRPCServer } from 'json-rpc-2.0';

const { version } = JSON.parse(readFileSync('node_modules/json-rpc-2.0/package.json', 'utf8'));
const server = new JSONRPCServer();
server.addMethod('ping', () => ({}));
const request = (id) => ({ jsonrpc: '2.0', id, method: 'ping' });
const notification = { jsonrpc: '2.0', method: 'ping' };

const seen = {
  one: await server.receive([request(1)]),
  oneAndNotification: await server.receive([request(1), notification]),
  two: await server.receive([request(1), request(2)]),
};
console.log(`json-rpc-2.0 ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
const response = (id) => ({ jsonrpc: '2.0', id, result: {} });
assert.deepEqual(seen, {
  one: response(1),
  oneAndNotification: response(1),
  two: [response(1), response(2)],
});
JS
timeout -k 5 20 node finding.mjs
