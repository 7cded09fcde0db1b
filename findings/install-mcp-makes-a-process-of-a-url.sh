#!/usr/bin/env bash
# Guess: `install-mcp URL --client vscode --local` writes an entry with `type: "http"` and the URL into `.vscode/mcp.json`, where VS
# Code looks for the servers of a workspace.
# Seen: install-mcp 1.10.2 leaves that file alone, although it exists. It writes `mcp.servers` into `.vscode/settings.json`, and
# turns the URL into a process, `npx -y mcp-remote@latest URL`, which talks stdio.
# Why it matters: VS Code speaks Streamable HTTP itself. With this entry, a client measures a second program, which npx fetches in
# its newest version at each start. A client that offers servers from settings can read the URL out of the arguments.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 install-mcp@1.10.2

mkdir -p workspace/.vscode home
echo '{ "servers": {} }' > workspace/.vscode/mcp.json
export HOME="$work/home"
cd workspace
timeout -k 5 30 ../node_modules/.bin/install-mcp http://127.0.0.1:3/mcp --client vscode --name second --local --yes --oauth no \
  > ../log 2>&1 < /dev/null
cd ..

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('node_modules/install-mcp/package.json', 'utf8'));
const seen = Object.fromEntries(
  ['mcp.json', 'settings.json'].map((name) => [name, JSON.parse(readFileSync(`workspace/.vscode/${name}`, 'utf8'))]),
);
console.log(`install-mcp ${version}`);
console.log(`seen: ${JSON.stringify(seen, null, 2)}`);
const entry = { command: 'npx', args: ['-y', 'mcp-remote@latest', 'http://127.0.0.1:3/mcp'] };
assert.deepEqual(seen, { 'mcp.json': { servers: {} }, 'settings.json': { mcp: { servers: { second: entry } } } });
JS
timeout -k 5 10 node finding.mjs
