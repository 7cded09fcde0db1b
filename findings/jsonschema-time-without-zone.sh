#!/usr/bin/env bash
# Guess: `format: time` is RFC 3339's full-time, which has a zone: "10:00:00Z" fits.
# Seen: jsonschema 1.5.0 and is-my-json-valid 2.20.6 refuse "10:00:00Z" and accept "10:00:00". @cfworker/json-schema 4.1.6 and
# json-schema-library 11.6.2 do the reverse. No time of day pleases all four.
# Why it matters: a client that sends only what its checker accepts keeps a user from a call that the server would have taken. A
# failed `format` is worth a warning and no more.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  jsonschema@1.5.0 is-my-json-valid@2.20.6 @cfworker/json-schema@4.1.6 json-schema-library@11.6.2

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import isMyJsonValid from 'is-my-json-valid';
import { compileSchema } from 'json-schema-library';
import jsonschema from 'jsonschema';

const schema = { type: 'string', format: 'time' };
const checkers = {
  jsonschema: (value) => jsonschema.validate(value, schema).valid,
  'is-my-json-valid': isMyJsonValid(schema),
  '@cfworker/json-schema': (value) => new Validator(schema, '2020-12').validate(value).valid,
  'json-schema-library': (value) => compileSchema(schema).validate(value).valid,
};
const seen = {};
for (const [name, accepts] of Object.entries(checkers)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  seen[name] = { '10:00:00Z': accepts('10:00:00Z'), '10:00:00': accepts('10:00:00') };
  console.log(`${name} ${version}: ${JSON.stringify(seen[name])}`);
}
assert.deepEqual(seen, {
  jsonschema: { '10:00:00Z': false, '10:00:00': true },
  'is-my-json-valid': { '10:00:00Z': false, '10:00:00': true },
  '@cfworker/json-schema': { '10:00:00Z': true, '10:00:00': false },
  'json-schema-library': { '10:00:00Z': true, '10:00:00': false },
});
JS
timeout -k 5 20 node finding.mjs
