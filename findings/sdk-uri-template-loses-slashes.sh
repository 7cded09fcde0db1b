#!/usr/bin/env bash
# Guess: the official SDK expands the URI templates of resources by RFC 6570, as MCP says that they are written, and what it reads out
# of a URI is what was put in.
# Seen: @modelcontextprotocol/sdk 1.32.2 does so for one plain variable. Of `{/owner,name}` it joins the values with a comma and
# leaves the slashes out; `{id:3}` (the first three characters) becomes nothing; `{?tag*}` joins a list in one parameter, where each
# item is to have its own. Back from a URI, a space is still `%20`, and the value of `{#part}` begins with `#`.
# Why it matters: a server that lists such a template gets other URIs from clients and servers on this SDK than from those whose
# library follows the RFC, and a resource that was found under a name with a space is looked for under another one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true, "type": "module" }' > package.json
timeout -k 5 100 npm install --silent --prefer-offline --no-audit --no-fund --ignore-scripts --before 2026-11-28 \
  @modelcontextprotocol/sdk@1.32.2 url-template@3.1.1

cat > finding.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import { parseTemplate } from 'url-template';

const { version } = JSON.parse(readFileSync('node_modules/@modelcontextprotocol/sdk/package.json', 'utf8'));

const both = (template, values) => [
  new UriTemplate(template).expand(values),
  parseTemplate(template).expand(values),
];
const seen = {
  plain: both('note://{name}', { name: 'a b' }),
  segments: both('repo://host{/owner,name}', { owner: 'acme', name: 'site' }),
  prefix: both('note://{id:3}', { id: '12345' }),
  list: both('note://all{?tag*}', { tag: ['red', 'blue'] }),
  space: new UriTemplate('note://{name}').match('note://a%20b'),
  fragment: new UriTemplate('note://all{#part}').match('note://all#two'),
};
console.log(`@modelcontextprotocol/sdk ${version}; by its side url-template, which follows RFC 6570`);
console.log(`seen: ${JSON.stringify(seen, null, 2)}`);
assert.deepEqual(JSON.parse(JSON.stringify(seen)), {
  plain: ['note://a%20b', 'note://a%20b'],
  segments: ['repo://hostacme,site', 'repo://host/acme/site'],
  prefix: ['note://', 'note://123'],
  list: ['note://all?tag=red,blue', 'note://all?tag=red&tag=blue'],
  space: { name: 'a%20b' },
  fragment: { part: '#two' },
});
JS
timeout -k 5 20 node finding.mjs
