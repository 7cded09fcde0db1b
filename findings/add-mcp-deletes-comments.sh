#!/usr/bin/env bash
# Guess: a tool that adds a server to `.vscode/mcp.json` either keeps the comments of the file or loses them all.
# Seen: add-mcp 2.4.0 keeps the comments outside `servers` and deletes those inside, because it writes that member anew. A server
# that was commented out is gone, and so is the note beside a server that the tool did not touch.
# Why it matters: people edit this file by hand, and switch a server off by commenting it out. A client that writes the file should
# insert one property and leave the rest as it was.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 add-mcp@2.4.0

mkdir -p workspace/.vscode home
cat > workspace/.vscode/mcp.json <<'JSON'
{
  // kept: outside the servers
  "servers": {
    "first": { "type": "http", "url": "http://127.0.0.1:1/mcp" }, // lost: beside another server
    // "off": { "type": "http", "url": "http://127.0.0.1:2/mcp" }
  },
  "inputs": [], // kept: behind the servers
}
JSON
export HOME="$work/home"
cd workspace
timeout -k 5 30 ../node_modules/.bin/add-mcp http://127.0.0.1:3/mcp --agent vscode --name second --yes > ../log 2>&1 < /dev/null
cd ..

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('node_modules/add-mcp/package.json', 'utf8'));
const text = readFileSync('workspace/.vscode/mcp.json', 'utf8');
console.log(`add-mcp ${version} wrote:\n${text}`);
const seen = ['second', 'kept: outside', 'kept: behind', 'lost: beside', '"off"'].filter((part) => text.includes(part));
assert.deepEqual(seen, ['second', 'kept: outside', 'kept: behind']);
JS
timeout -k 5 10 node finding.mjs
