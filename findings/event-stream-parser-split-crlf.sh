#!/usr/bin/env bash
# Guess: the place where the network cuts a stream makes no difference to a parser, not even between a carriage return and its line
# feed.
# Seen: event-stream-parser 1.0.2 reads a carriage return at the end of one chunk and the line feed at the start of the next as two
# line ends. The second one makes a blank line, and one event becomes two. The same bytes in one chunk are one event.
# Why it matters: a server that ends its lines with both works for months, until a result is large enough to arrive in pieces. Half
# a JSON-RPC message can come from the client's own parser.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  event-stream-parser@1.0.2

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'event-stream-parser';

const { version } = JSON.parse(readFileSync('node_modules/event-stream-parser/package.json', 'utf8'));

async function read(...chunks) {
  const bytes = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
  const events = [];
  for await (const event of await parse(bytes)) {
    events.push(event.data);
  }
  return events;
}

const seen = {
  whole: await read('data: {"a":1,\r\ndata: "b":2}\r\n\r\n'),
  cut: await read('data: {"a":1,\r', '\ndata: "b":2}\r\n\r\n'),
};
console.log(`event-stream-parser ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, { whole: ['{"a":1,\n"b":2}'], cut: ['{"a":1,', '"b":2}'] });
JS
timeout -k 5 20 node finding.mjs
