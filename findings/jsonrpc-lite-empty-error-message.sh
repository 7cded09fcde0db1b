#!/usr/bin/env bash
# Guess: an error whose message is the empty text is an error like any other.
# Seen: jsonrpc-lite 2.2.0 calls the whole response invalid and reports an "Internal error" of its own. The response's id and its
# code are gone.
# Why it matters: `throw new Error()` in a tool becomes an error with an empty message. Without the id, a client cannot tell which
# call has failed, and the call waits for its time-out. A server should always write a message.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 jsonrpc-lite@2.2.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import jsonrpc from 'jsonrpc-lite';

const { version } = JSON.parse(readFileSync('node_modules/jsonrpc-lite/package.json', 'utf8'));
const read = (message) => {
  const { type, payload } = jsonrpc.parse(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message } }));
  return [type, payload.id, payload.error?.code ?? payload.code];
};

const seen = { text: read('no such file'), empty: read('') };
console.log(`jsonrpc-lite ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, { text: ['error', 1, -32000], empty: ['invalid', undefined, -32603] });
JS
timeout -k 5 20 node finding.mjs
