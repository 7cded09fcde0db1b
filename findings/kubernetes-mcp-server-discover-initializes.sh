#!/usr/bin/env bash
# Guess: `server/discover` changes nothing: a client may ask it, find 2025-11-25 among the revisions, and open a session with that.
# Seen: kubernetes-mcp-server 0.0.67 over stdio lists 2025-11-25 in its answer and then refuses the first `initialize`, as a
# "duplicate", with the error code 0. It answers the same `initialize` if nothing was asked before.
# Why it matters: a client of both eras asks `server/discover` first, and some users pin the older revision. After this refusal, a
# client has to start the process anew and to begin with `initialize`.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 85 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  kubernetes-mcp-server@0.0.67

cat > cluster.yaml <<'YAML'
apiVersion: v1
kind: Config
clusters: [{ name: none, cluster: { server: "http://127.0.0.1:1" } }]
contexts: [{ name: none, context: { cluster: none, user: nobody } }]
users: [{ name: nobody, user: {} }]
current-context: none
YAML
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const clientInfo = { name: 'finding', version: '1.0.0' };
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const discover = { method: 'server/discover', params: { _meta } };
const initialize = { method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } };

async function talk(...requests) {
  const args = ['node_modules/kubernetes-mcp-server/bin/index.js', '--kubeconfig', 'cluster.yaml'];
  const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const answers = [];
  for (const [id, request] of requests.entries()) {
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...request })}\n`);
    let message;
    do {
      const { value, done } = await lines.next();
      assert.ok(!done, 'the server ended');
      message = JSON.parse(value);
    } while (message.id !== id);
    answers.push(message);
  }
  server.stdin.end();
  server.kill();
  return answers;
}

const [alone] = await talk(initialize);
const [discovered, after] = await talk(discover, initialize);
const { version } = JSON.parse(readFileSync('node_modules/kubernetes-mcp-server/package.json', 'utf8'));
console.log(`kubernetes-mcp-server ${version}`);
console.log(`initialize alone: ${alone.result.protocolVersion}`);
console.log(`server/discover: ${discovered.result.supportedVersions}`);
console.log(`initialize after it: ${JSON.stringify(after.error)}`);
assert.equal(alone.result.protocolVersion, '2025-11-25');
assert.ok(discovered.result.supportedVersions.includes('2025-11-25'));
assert.equal(after.error.code, 0);
process.exit();
JS
timeout -k 5 30 node finding.mjs
