#!/usr/bin/env bash
# Guess: an MCP server answers a notification with 202 and no body, and a revision that it does not speak with 400.
# Seen: @hono/mcp 0.3.2 sends 202 with `Content-Type: application/json` and the body `null`. It answers the unknown revision with
# 404, the status that stands for a lost session in the specification.
# Why it matters: a client that parses each JSON body takes `null` for a message. And a client that opens a new session at each 404
# never gets out of that loop here: it should read the words of the error before it judges by the status.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @hono/mcp@0.3.2 hono@4.13.19 @modelcontextprotocol/sdk@1.32.2

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { StreamableHTTPTransport } from '@hono/mcp';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Hono } from 'hono';

const app = new Hono();
app.all('/mcp', async (context) => {
  const server = new McpServer({ name: 'finding', version: '1.0.0' });
  const transport = new StreamableHTTPTransport();
  await server.connect(transport);
  return transport.handleRequest(context);
});

async function post(message, revision) {
  const response = await app.request('/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  return [response.status, response.headers.get('content-type'), await response.text()];
}

const notification = await post({ method: 'notifications/initialized' }, '2025-11-25');
const unknown = await post({ id: 1, method: 'ping' }, '2030-01-01');
const { version } = JSON.parse(readFileSync('node_modules/@hono/mcp/package.json', 'utf8'));
console.log(`@hono/mcp ${version}`);
console.log(`notification: ${notification.join(' | ')}`);
console.log(`unknown revision: ${unknown.join(' | ')}`);
assert.deepEqual(notification, [202, 'application/json', 'null']);
assert.equal(unknown[0], 404);
assert.match(unknown[2], /Unsupported protocol version/);
process.exit();
JS
timeout -k 5 30 node finding.mjs
