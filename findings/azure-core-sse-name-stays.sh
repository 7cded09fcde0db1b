#!/usr/bin/env bash
# Guess: the name of an event belongs to that event alone: where an event has no data, its name is dropped with it.
# Seen: @azure/core-sse 2.4.0 drops the event and keeps the name for the next event that has none.
# Why it matters: `event: ping` and a blank line is a common heartbeat. The answer behind it arrives as a "ping". A client that reads
# only events named "message", as MCP's are, then ignores its own answer and waits for the time-out.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 @azure/core-sse@2.4.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createSseStream } from '@azure/core-sse';

const { version } = JSON.parse(readFileSync('node_modules/@azure/core-sse/package.json', 'utf8'));
const body = 'event: ping\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\ndata: {}\n\n';
const seen = [];
for await (const event of createSseStream(new Response(body).body)) {
  seen.push([event.event, event.data]);
}

console.log(`@azure/core-sse ${version}`);
console.log(`sent: ${JSON.stringify(body)}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, [
  ['ping', '{"jsonrpc":"2.0","id":1,"result":{}}'],
  ['', '{}'],
]);
JS
timeout -k 5 20 node finding.mjs
