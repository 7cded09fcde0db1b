#!/usr/bin/env bash
# Guess: a body of `application/merge-patch+json` becomes an argument with the schema of that body, as one of `application/json` does.
# Seen: openapi-mcp-generator 4.0.1 knows `application/json`, to the letter. A body of any other JSON type becomes one argument of
# type string, and its schema is dropped: "+json" types, and `application/json; charset=utf-8` too.
# Why it matters: a model sees no member of the body and has to write JSON into a text. A client that checks arguments refuses the
# object that the API wants. The author of such a server should look for arguments named requestBody of type string.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 80 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  openapi-mcp-generator@4.0.1

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { getToolsFromOpenApi } from 'openapi-mcp-generator';

const schema = { type: 'object', properties: { name: { type: 'string' } } };
const types = [
  'application/json',
  'application/json; charset=utf-8',
  'application/merge-patch+json',
  'application/vnd.api+json',
];
const paths = types.map((type, n) => [
  `/pets/${n}`,
  { patch: { operationId: `patch${n}`, requestBody: { content: { [type]: { schema } } }, responses: { 200: { description: 'Done' } } } },
]);
const document = { openapi: '3.1.0', info: { title: 'Pets', version: '1.0.0' }, paths: Object.fromEntries(paths) };
writeFileSync('openapi.json', JSON.stringify(document));

const tools = await getToolsFromOpenApi('openapi.json');
const seen = tools.map(({ inputSchema }) => inputSchema.properties.requestBody);
const { version } = JSON.parse(readFileSync('node_modules/openapi-mcp-generator/package.json', 'utf8'));
console.log(`openapi-mcp-generator ${version}`);
for (const [n, { type, properties }] of seen.entries()) {
  console.log(`${types[n]}: ${JSON.stringify({ type, properties })}`);
}
assert.deepEqual(seen.map(({ type }) => type), ['object', 'string', 'string', 'string']);
assert.deepEqual(seen.map(({ properties }) => properties), [schema.properties, undefined, undefined, undefined]);
process.exit();
JS
timeout -k 5 20 node finding.mjs
