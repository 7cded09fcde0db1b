#!/usr/bin/env bash
# Guess: a parser of `WWW-Authenticate` that knows one challenge gives the first one of two, or fails, so that nothing of the second
# shows in the first.
# Seen: auth-header 1.0.0 makes one of them. The scheme is the first one's, the parameters are both's, and the name of the second
# scheme stands as the first one's token. From a header in which DPoP comes first, `resource_metadata` of Bearer is read as DPoP's.
# It also takes no space around `=`, which RFC 9110 has parsers accept: of `Bearer error = "invalid_token"` it gives no parameter, and
# a list of its words as the token.
# Why it matters: an MCP server that binds tokens to keys offers DPoP and Bearer in one header, and a client that chooses by scheme
# answers a challenge that was never made.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 60 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 auth-header@1.0.0

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'auth-header';

const { version } = JSON.parse(readFileSync('node_modules/auth-header/package.json', 'utf8'));

const seen = {
  both: parse('DPoP algs="ES256", Bearer realm="mcp", resource_metadata="https://mcp.example.com/metadata"'),
  spaced: parse('Bearer error = "invalid_token"'),
};
console.log(`auth-header ${version}`);
console.log(`seen: ${JSON.stringify(seen)}`);
assert.deepEqual(JSON.parse(JSON.stringify(seen)), {
  both: {
    scheme: 'DPoP',
    params: { algs: 'ES256', realm: 'mcp', resource_metadata: 'https://mcp.example.com/metadata' },
    token: 'Bearer',
  },
  spaced: { scheme: 'Bearer', params: {}, token: ['error', 'invalid_token'] },
});
JS
timeout -k 5 20 node finding.mjs
