#!/usr/bin/env bash
# Guess: JSON Schema turned into Zod accepts the same values and gives them back as they were.
# Seen: @n8n/json-schema-to-zod 1.16.0 turns a union of two object shapes into a Zod union whose first shape drops the members that
# it does not name. A filter of the second shape passes, as an empty filter. And it refuses each call with one of two members where
# `oneOf` beside `properties` asks for one of them.
# Why it matters: an agent that reads arguments through such a converter calls the tool without the filter that it was given, and
# reports no error. A client should send what it was given, and use the schema only to judge it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @n8n/json-schema-to-zod@1.16.0 zod@3.25.76

cat > finding.cjs <<'JS'
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { jsonSchemaToZod } = require('@n8n/json-schema-to-zod');

const { version } = JSON.parse(readFileSync('node_modules/@n8n/json-schema-to-zod/package.json', 'utf8'));
const text = { type: 'string' };
const byId = { type: 'object', properties: { id: text } };
const byAge = { type: 'object', properties: { olderThanDays: { type: 'number' } } };
const cases = {
  anyOf: [{ type: 'object', properties: { filter: { anyOf: [byId, byAge] } } }, { filter: { olderThanDays: 30 } }],
  oneOf: [
    { type: 'object', properties: { id: text, name: text }, oneOf: [{ required: ['id'] }, { required: ['name'] }] },
    { id: 'x' },
  ],
};

const seen = {};
console.log(`@n8n/json-schema-to-zod ${version}`);
for (const [name, [schema, given]] of Object.entries(cases)) {
  const read = jsonSchemaToZod(schema).safeParse(given);
  seen[name] = read.success ? read.data : 'refused';
  console.log(`${name}: given ${JSON.stringify(given)}, seen ${JSON.stringify(seen[name])}`);
}
assert.deepEqual(seen, { anyOf: { filter: {} }, oneOf: 'refused' });
JS
timeout -k 5 20 node finding.cjs
