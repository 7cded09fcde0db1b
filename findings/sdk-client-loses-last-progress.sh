#!/usr/bin/env bash
# Guess: a client hears the progress of a call before its result when the server sends them in this order.
# Seen: the official TypeScript clients (@modelcontextprotocol/sdk 1.32.2 and @modelcontextprotocol/client 2.4.0) do so where the
# messages arrive apart. Where one piece of a stdio stream holds both, they put the notifications off to a later turn, take the
# result at once, and drop the caller's handler with it. Of three notifications that come with their result, the caller hears none.
# Why it matters: quick tools lose their progress by chance, the last of it most often, and so does a proxy that is built on such a
# client, as mcp-proxy 6.7.19 is. Progress that stops at 2 of 3 of a call that ended well is no fault of the server.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0

cat > server.mjs <<'JS'
import { createInterface } from 'node:readline';

const json = (message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const progress = (progressToken, value) =>
  json({ method: 'notifications/progress', params: { progressToken, progress: value, total: 3 } });

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'finding', version: '1.0.0' };
    const { protocolVersion } = params;
    process.stdout.write(json({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } }));
  } else if (method === 'tools/call') {
    const pieces = [1, 2, 3].map((value) => progress(params._meta.progressToken, value));
    pieces.push(json({ id, result: { content: [] } }));
    if (params.name === 'together') {
      process.stdout.write(pieces.join(''));
    } else {
      for (const piece of pieces) {
        process.stdout.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } else if (id !== undefined) {
    process.stdout.write(json({ id, error: { code: -32601, message: 'Method not found' } }));
  }
}
JS
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as two from '@modelcontextprotocol/client';
import * as twoStdio from '@modelcontextprotocol/client/stdio';
import * as one from '@modelcontextprotocol/sdk/client/index.js';
import * as oneStdio from '@modelcontextprotocol/sdk/client/stdio.js';

async function hear({ Client }, { StdioClientTransport }, call) {
  const client = new Client({ name: 'finding', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ['server.mjs'] }));
  const heard = { apart: [], together: [] };
  for (const name of Object.keys(heard)) {
    await call(client, { name, arguments: {} }, { onprogress: ({ progress }) => heard[name].push(progress), timeout: 5000 });
  }
  await client.close();
  return heard;
}

const seen = {
  '@modelcontextprotocol/sdk': await hear(one, oneStdio, (client, params, options) => client.callTool(params, undefined, options)),
  '@modelcontextprotocol/client': await hear(two, twoStdio, (client, params, options) => client.callTool(params, options)),
};
for (const [name, heard] of Object.entries(seen)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  console.log(`${name} ${version}: ${JSON.stringify(heard)}`);
}
const heard = { apart: [1, 2, 3], together: [] };
assert.deepEqual(seen, { '@modelcontextprotocol/sdk': heard, '@modelcontextprotocol/client': heard });
JS
timeout -k 5 40 node finding.mjs
