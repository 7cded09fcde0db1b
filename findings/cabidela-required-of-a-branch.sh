#!/usr/bin/env bash
# Guess: `required` asks whether the object has the member, wherever the schema describes that member.
# Seen: @cloudflare/cabidela 0.2.4 does so at the root. In a branch of `anyOf`, `oneOf` or `allOf`, it counts only members that this
# branch describes itself. With `properties` at the root and `anyOf: [{ required: ["a"] }, { required: ["b"] }]`, it refuses every
# object, with a and with b. It takes them where each branch repeats `properties`.
# Why it matters: this is the usual way to say "one of the two" in the schema of a tool. In a Worker that checks arguments with this
# validator such a tool cannot be called, and the message says that a member is required that was sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 @cloudflare/cabidela@0.2.4

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Cabidela } from '@cloudflare/cabidela';

const { version } = JSON.parse(readFileSync('node_modules/@cloudflare/cabidela/package.json', 'utf8'));
const properties = { a: { type: 'string' }, b: { type: 'string' } };
const [a, b] = [{ required: ['a'] }, { required: ['b'] }];
const schemas = {
  root: { properties, ...a },
  allOf: { properties, allOf: [a] },
  anyOf: { properties, anyOf: [a, b] },
  oneOf: { properties, oneOf: [a, b] },
  'anyOf, repeated': { anyOf: [{ properties, ...a }, { properties, ...b }] },
};

const taken = {};
console.log(`@cloudflare/cabidela ${version}, with {"a":"x"}`);
for (const [name, schema] of Object.entries(schemas)) {
  try {
    new Cabidela({ type: 'object', ...schema }).validate({ a: 'x' });
    taken[name] = true;
  } catch (error) {
    taken[name] = false;
    assert.match(error.message, /required properties at '\/' are 'a'/);
  }
}
console.log(`taken: ${JSON.stringify(taken)}`);
assert.deepEqual(taken, { root: true, allOf: false, anyOf: false, oneOf: false, 'anyOf, repeated': true });
JS
timeout -k 5 20 node finding.mjs
