#!/usr/bin/env bash
# Guess: a library that resolves `$ref` reads `#/$defs/acme~1Pet` as a JSON pointer, to the definition "acme/Pet", or reports that it
# cannot resolve it.
# Seen: dereference-json-schema 0.2.3 puts null in the place of that member's schema. json-schema-deref-sync 0.14.0 leaves the `$ref` as
# it was. Neither reports anything, and both resolve the reference to a name without a slash.
# Why it matters: definitions with a slash in their name come from namespaces and from paths of OpenAPI. A tool whose list has null
# for the schema of an argument is not valid; a client should leave out that one tool, and name it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  dereference-json-schema@0.2.3 json-schema-deref-sync@0.14.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import dereference from 'dereference-json-schema';
import derefSync from 'json-schema-deref-sync';

const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const pet = { type: 'string' };
const schema = {
  type: 'object',
  properties: { plain: { $ref: '#/$defs/Pet' }, slash: { $ref: '#/$defs/acme~1Pet' } },
  $defs: { Pet: pet, 'acme/Pet': pet },
};
const resolvers = { 'dereference-json-schema': dereference.dereferenceSync, 'json-schema-deref-sync': derefSync };

const seen = {};
for (const [name, resolve] of Object.entries(resolvers)) {
  seen[name] = resolve(structuredClone(schema)).properties;
  console.log(`${name} ${versionOf(name)}: ${JSON.stringify(seen[name])}`);
}
assert.deepEqual(seen, {
  'dereference-json-schema': { plain: pet, slash: null },
  'json-schema-deref-sync': { plain: pet, slash: { $ref: '#/$defs/acme~1Pet' } },
});
JS
timeout -k 5 20 node finding.mjs
