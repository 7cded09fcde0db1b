#!/usr/bin/env bash
# Guess: a parser that follows the specification dispatches an event whose `data` is empty, and drops an event whose closing blank
# line never came.
# Seen: parse-sse 0.1.0 does the reverse of both. It makes no event of `id: 1` with an empty `data`, and so does not tell this id
# before the next event. It hands on the half event at the end of a cut stream as a whole one.
# Why it matters: since 2025-11-25 an MCP server may open a stream with an empty event, so that the client has an id to resume from.
# And a client that gets half a JSON-RPC message reports a syntax error where it should resume a lost connection.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 parse-sse@0.1.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseServerSentEvents } from 'parse-sse';

const { version } = JSON.parse(readFileSync('node_modules/parse-sse/package.json', 'utf8'));

async function read(body) {
  const events = [];
  const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  for await (const event of parseServerSentEvents(response)) {
    events.push([event.lastEventId, event.data]);
  }
  return events;
}

const seen = {
  primed: await read('id: 1\ndata: \n\n'),
  cut: await read('id: 2\ndata: {"jsonrpc":"2.0","id":1,"res'),
};
console.log(`parse-sse ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, { primed: [], cut: [['2', '{"jsonrpc":"2.0","id":1,"res']] });
JS
timeout -k 5 20 node finding.mjs
