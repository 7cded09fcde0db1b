#!/usr/bin/env bash
# Guess: an object schema without `additionalProperties` takes members that it does not name, in a converter to Zod too. At worst the
# converter drops them.
# Seen: three converters give three answers. zod-from-json-schema 0.5.6 keeps the member. @composio/json-schema-to-zod 0.3.3 refuses
# the call, unless the schema names no member at all. @dmitryrechkin/json-schema-to-zod 1.0.1 refuses even then: an argument of
# `type: object`, which many tools have for a filter or a record, takes nothing but {}.
# Why it matters: the converter in an agent decides which arguments a tool can get. A call that works from one client and fails from
# another need not be the server's fault, and a client does well to validate by JSON Schema itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  zod-from-json-schema@0.5.6 @composio/json-schema-to-zod@0.3.3 @dmitryrechkin/json-schema-to-zod@1.0.1 zod@4.1.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { jsonSchemaToZod } from '@composio/json-schema-to-zod';
import { JSONSchemaToZod } from '@dmitryrechkin/json-schema-to-zod';
import { convertJsonSchemaToZod } from 'zod-from-json-schema';

const converters = {
  'zod-from-json-schema': convertJsonSchemaToZod,
  '@composio/json-schema-to-zod': jsonSchemaToZod,
  '@dmitryrechkin/json-schema-to-zod': (schema) => JSONSchemaToZod.convert(schema),
};
const schemas = {
  named: { type: 'object', properties: { name: { type: 'string' } } },
  bare: { type: 'object', properties: { name: { type: 'string' }, filter: { type: 'object' } } },
};
const values = { named: { name: 'a', note: 'b' }, bare: { name: 'a', filter: { id: 1 } } };

const seen = {};
for (const [name, convert] of Object.entries(converters)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  seen[name] = {};
  for (const [kind, schema] of Object.entries(schemas)) {
    const read = convert(schema).safeParse(values[kind]);
    seen[name][kind] = read.success ? read.data : read.error.issues[0].message;
  }
  console.log(`${name} ${version}: ${JSON.stringify(seen[name])}`);
}
assert.deepEqual(seen, {
  'zod-from-json-schema': values,
  '@composio/json-schema-to-zod': { named: "Unrecognized key(s) in object: 'note'", bare: values.bare },
  '@dmitryrechkin/json-schema-to-zod': {
    named: "Unrecognized key(s) in object: 'note'",
    bare: "Unrecognized key(s) in object: 'id'",
  },
});
JS
timeout -k 5 20 node finding.mjs
