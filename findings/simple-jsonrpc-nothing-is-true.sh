#!/usr/bin/env bash
# Guess: a method that returns nothing is answered with `"result": null`, as jayson, json-rpc-2.0 and json-rpc-peer do it.
# Seen: simple-jsonrpc-js 1.2.0 answers `"result": true`. It answers a method that returns null with null.
# Why it matters: "nothing" and "yes" look alike to the other side. MCP's empty results are objects: a client should name the method
# and the wrong shape, rather than take `true` for a success.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  simple-jsonrpc-js@1.2.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import JsonRpc from 'simple-jsonrpc-js';

const { version } = JSON.parse(readFileSync('node_modules/simple-jsonrpc-js/package.json', 'utf8'));
const rpc = new JsonRpc();
rpc.on('nothing', [], () => undefined);
rpc.on('null', [], () => null);
rpc.on('false', [], () => false);

async function ask(method) {
  const answered = new Promise((resolve) => {
    rpc.toStream = resolve;
  });
  rpc.messageHandler(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
  return JSON.parse(await answered).result;
}

const seen = { nothing: await ask('nothing'), null: await ask('null'), false: await ask('false') };
console.log(`simple-jsonrpc-js ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, { nothing: true, null: null, false: false });
JS
timeout -k 5 20 node finding.mjs
