#!/usr/bin/env bash
# Guess: `npm install mcp-framework` and its README's `import { z } from "zod"` give a tool whose arguments are the members of the
# Zod object.
# Seen: mcp-framework 0.2.22 wants Zod 3. npm also installs Zod 4, for the MCP SDK, and the tool's own import finds Zod 4. The
# framework then lists Zod's inner members as the arguments: `echo` asks for the texts "def" and "type". Each call ends in an error.
# Why it matters: the list is valid and a client asks for both arguments in good order, but no value can work. Where "def" and "type"
# are the only arguments of a tool, its author has two copies of Zod, and its user has done nothing wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 90 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 mcp-framework@0.2.22

mkdir -p dist/tools
cat > dist/tools/EchoTool.js <<'JS'
import { MCPTool } from 'mcp-framework';
import { z } from 'zod';

export default class EchoTool extends MCPTool {
  name = 'echo';
  description = 'Gives the text back';
  schema = z.object({ text: z.string().describe('Any text') });
  execute = async ({ text }) => text;
}
JS
cat > dist/index.js <<'JS'
import { MCPServer } from 'mcp-framework';
await new MCPServer({ name: 'finding', version: '1.0.0', transport: { type: 'stdio' } }).start();
JS
cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const server = spawn(process.execPath, ['dist/index.js'], { stdio: ['pipe', 'pipe', 'ignore'] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
let id = 0;

async function ask(method, params) {
  send({ id: ++id, method, params });
  for (;;) {
    const { value, done } = await lines.next();
    assert.ok(!done, 'the server ended');
    const message = JSON.parse(value);
    if (message.id === id) {
      return message.result;
    }
  }
}

const clientInfo = { name: 'finding', version: '1.0.0' };
await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
send({ method: 'notifications/initialized' });
const [tool] = (await ask('tools/list', {})).tools;
const { isError, content } = await ask('tools/call', { name: 'echo', arguments: { text: 'a' } });
server.kill();

const { properties, required } = tool.inputSchema;
console.log(`mcp-framework ${versionOf('mcp-framework')}, zod ${versionOf('zod')} beside it`);
console.log(`seen: ${JSON.stringify({ properties, required, isError, text: content[0].text })}`);
assert.deepEqual([Object.keys(properties), required, isError], [['def', 'type'], ['def', 'type'], true]);
process.exit();
JS
timeout -k 5 24 node finding.mjs
