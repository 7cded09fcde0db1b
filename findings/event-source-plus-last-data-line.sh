#!/usr/bin/env bash
# Guess: an SSE client joins the `data` lines of one event with a line feed, as the specification says.
# Seen: event-source-plus 0.1.15 keeps the last `data` line and drops the others.
# Why it matters: a server may send one JSON-RPC message as indented JSON, with one `data` line for each of its lines. This client
# hands on "}", reports no error, and the answer is lost. A server that sends its message in one line is read by every client.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  event-source-plus@0.1.15

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { EventSourcePlus } from 'event-source-plus';

const { version } = JSON.parse(readFileSync('node_modules/event-source-plus/package.json', 'utf8'));
const message = JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} }, null, 2);
const body = `${message.split('\n').map((line) => `data: ${line}\n`).join('')}\n`;
const headers = { 'content-type': 'text/event-stream' };

const source = new EventSourcePlus('http://127.0.0.1/', { fetch: async () => new Response(body, { headers }) });
const seen = await new Promise((resolve) => {
  const controller = source.listen({ onMessage: (event) => (controller.abort(), resolve(event.data)) });
});

console.log(`event-source-plus ${version}`);
console.log(`sent: ${JSON.stringify(message)}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.equal(seen, '}');
process.exit();
JS
timeout -k 5 20 node finding.mjs
