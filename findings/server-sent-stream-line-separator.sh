#!/usr/bin/env bash
# Guess: a parser of event streams ends a line at a line feed, a carriage return or both, and nowhere else.
# Seen: @server-sent-stream/parser 1.0.4, and @server-sent-stream/web 1.0.3 on it, lose the rest of a line from a U+2028 on. The event
# arrives, with half of its data.
# Why it matters: JSON allows U+2028 in a text and JSON.stringify leaves it as it is. It comes with text that was copied from PDF
# files and web pages. One such letter in a result, and the client reports broken JSON of a server that sent a good message. A server
# that writes it as \u2028 is read by this parser too.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @server-sent-stream/parser@1.0.4 @server-sent-stream/web@1.0.3

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import EventStreamParser from '@server-sent-stream/parser';
import EventSourceStream from '@server-sent-stream/web';

const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const message = JSON.stringify({ text: 'one\u2028two' });
const read = {
  parser: (stream) => {
    const events = [];
    const parser = new EventStreamParser((data) => events.push(data));
    parser.push(stream);
    parser.end();
    return events;
  },
  web: async (stream) => {
    const events = [];
    for await (const { data } of new Response(stream).body.pipeThrough(new EventSourceStream())) {
      events.push(data);
    }
    return events;
  },
};

for (const [name, run] of Object.entries(read)) {
  const raw = await run(`data: ${message}\n\n`);
  const escaped = await run(`data: ${message.replace('\u2028', '\\u2028')}\n\n`);
  console.log(`@server-sent-stream/${name} ${versionOf(`@server-sent-stream/${name}`)}`);
  console.log(`as it is: ${JSON.stringify(raw)}, escaped: ${JSON.stringify(escaped)}`);
  assert.deepEqual(raw, ['{"text":"one']);
  assert.deepEqual(escaped.map(JSON.parse), [JSON.parse(message)]);
}
JS
timeout -k 5 20 node finding.mjs
