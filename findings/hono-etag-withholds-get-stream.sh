#!/usr/bin/env bash
# Guess: Hono's `etag()` middleware leaves an event stream alone.
# Seen: with Hono 4.13.19 it reads the body of each GET to its end, to hash it, before it sends the status line. The events of a GET
# stream arrive together, when the stream is over. A POST streams as before.
# Why it matters: behind this middleware an MCP server answers calls in time, and its GET stream comes as late as it is long. A client
# learns of `list_changed` too late to use it, and should not wait for the headers of its GET before it goes on.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  hono@4.13.19 @hono/node-server@2.1.9

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { streamSSE } from 'hono/streaming';

const { version } = JSON.parse(readFileSync('node_modules/hono/package.json', 'utf8'));
const app = new Hono();
let finish = () => undefined;
app.use(etag());
app.all('/mcp', (context) =>
  streamSSE(context, async (stream) => {
    await stream.writeSSE({ data: 'first' });
    await new Promise((resolve) => {
      finish = resolve;
    });
    await stream.writeSSE({ data: 'last' });
  }),
);
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/mcp`;

async function ask(method) {
  const response = fetch(url, { method, signal: AbortSignal.timeout(10_000) });
  const inTime = await Promise.race([
    response.then(() => true),
    new Promise((resolve) => setTimeout(resolve, 2000, false)),
  ]);
  finish();
  const answer = await response;
  await answer.text();
  return { headersBeforeTheEnd: inTime, etag: answer.headers.has('etag') };
}

const seen = { GET: await ask('GET'), POST: await ask('POST') };
console.log(`hono ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(seen, {
  GET: { headersBeforeTheEnd: false, etag: true },
  POST: { headersBeforeTheEnd: true, etag: false },
});
process.exit();
JS
timeout -k 5 30 node finding.mjs
