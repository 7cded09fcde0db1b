import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ClientCapabilities,
  type Diagnostic,
  getLanguageService,
  type JSONSchema,
  TextDocument,
} from 'vscode-json-languageservice';
import { DRAIN_KEYS, MESSAGE_KEYS, POOL_KEYS } from '../../../src/core/config/limits.ts';
import {
  DEFAULT_DRAIN,
  DEFAULT_HTTP2,
  DEFAULT_MESSAGE,
  DEFAULT_POOL,
  DEFAULT_REQUEST_TIMEOUT,
  DRAIN_RANGES,
  HTTP2_CHOICES,
  MESSAGE_RANGES,
  POOL_RANGES,
  PROTOCOL_CHOICES,
  type Range,
  REQUEST_TIMEOUT_RANGE,
  REUSE_CHOICES,
} from '../../../src/core/config/serverConfig.ts';
import { told, URL } from './parse.ts';

interface Setting extends JSONSchema {
  readonly scope: string;
}

const manifest = JSON.parse(
  readFileSync(new globalThis.URL('../../../package.json', import.meta.url), 'utf8'),
);
const settings: Readonly<Record<string, Setting>> = manifest.contributes.configuration.properties;
const entry = settings['sluice.servers']?.additionalProperties as JSONSchema;

/** The engine that VS Code itself runs on settings.json. */
const service = getLanguageService({ clientCapabilities: ClientCapabilities.LATEST });
service.configure({
  schemas: [{ uri: 'test://settings', fileMatch: ['*'], schema: { type: 'object', properties: settings } }],
});

/** The document without the bar in it, and the position where the bar was. */
function open(textWithBar: string) {
  const text = textWithBar.replace('|', '');
  const document = TextDocument.create('test://settings.json', 'jsonc', 1, text);
  return {
    document,
    json: service.parseJSONDocument(document),
    position: document.positionAt(textWithBar.indexOf('|')),
  };
}

/** Label and inserted text of each completion at the bar. */
async function completions(textWithBar: string): Promise<[string, string][]> {
  const { document, json, position } = open(textWithBar);
  const list = await service.doComplete(document, position, json);
  return (list?.items ?? []).map(({ label, textEdit, insertText }) => [
    label,
    textEdit?.newText ?? insertText ?? '',
  ]);
}

async function hover(textWithBar: string): Promise<string> {
  const { document, json, position } = open(textWithBar);
  return JSON.stringify((await service.doHover(document, position, json))?.contents);
}

/** The text under each squiggle, and its message. */
async function squiggles(text: string): Promise<[string, string][]> {
  const { document, json } = open(text);
  const found: Diagnostic[] = await service.doValidation(document, json);
  return found.map(({ range, message }) => [document.getText(range), String(message)]);
}

const inEntry = (json: string) => `{ "sluice.servers": { "docs": ${json} } }`;

describe('the contributed settings', () => {
  test('have a default, a scope, an order and a description each', () => {
    for (const [name, setting] of Object.entries(settings)) {
      expect(setting, name).toMatchObject({
        default: expect.anything(),
        scope: expect.stringMatching(/^(resource|window)$/),
        order: expect.any(Number),
      });
      expect(setting.markdownDescription ?? setting.description, name).toMatch(/\.$/);
    }
  });

  test('link to settings that there are', () => {
    const links = [...JSON.stringify(settings).matchAll(/#(sluice\.[\w.]+)#/g)].map(([, name]) => name);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((name) => name !== undefined && !(name in settings))).toEqual([]);
  });

  test('hold no $ref, which VS Code does not follow here', () => {
    expect(JSON.stringify(settings)).not.toContain('"$ref"');
  });

  test('that decide where and what is sent are left out of untrusted workspaces', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations).toEqual(
      Object.keys(settings).filter((name) => name !== 'sluice.statusBar.enabled'),
    );
  });

  test('have the ranges and the defaults that the code has', () => {
    const expected = (range: Range, value: number) => ({
      type: 'integer',
      minimum: range.min,
      maximum: range.max,
      default: value,
    });
    const numbers: Record<string, object> = {
      'sluice.requestTimeout': expected(REQUEST_TIMEOUT_RANGE, DEFAULT_REQUEST_TIMEOUT),
    };
    for (const key of ['maxConnections', 'idleTimeout', 'queueTimeout'] as const) {
      numbers[`sluice.pool.${key}`] = expected(POOL_RANGES[key], DEFAULT_POOL[key]);
    }
    numbers['sluice.pool.warmConnections'] = {
      ...expected(POOL_RANGES.warmConnections, 0),
      type: ['string', 'integer'],
      pattern: '^auto$',
      default: DEFAULT_POOL.warmConnections,
    };
    for (const key of ['timeout', 'maxBytes'] as const) {
      numbers[`sluice.drain.${key}`] = expected(DRAIN_RANGES[key], DEFAULT_DRAIN[key]);
    }
    for (const key of ['maxBytes', 'maxValues'] as const) {
      numbers[`sluice.message.${key}`] = expected(MESSAGE_RANGES[key], DEFAULT_MESSAGE[key]);
    }
    expect(settings).toMatchObject(numbers);
  });

  test('offer the choices and the defaults that the code has', () => {
    expect(settings['sluice.pool.reuse']).toMatchObject({ enum: REUSE_CHOICES, default: DEFAULT_POOL.reuse });
    expect(settings['sluice.http2']).toMatchObject({ enum: HTTP2_CHOICES, default: DEFAULT_HTTP2 });
  });

  test('are the keys that the code reads', () => {
    const named = (section: string, keys: readonly string[]) => keys.map((key) => `sluice.${section}.${key}`);
    expect(Object.keys(settings).filter((name) => /^sluice\.(pool|drain|message)\./.test(name))).toEqual([
      ...named('pool', POOL_KEYS),
      ...named('drain', DRAIN_KEYS),
      ...named('message', MESSAGE_KEYS),
    ]);
  });

  test('say of one server what they say of all, but for the default', () => {
    const overridden = Object.entries(settings).filter(([name]) => !/servers|statusBar/.test(name));
    for (const [name, shared] of overridden) {
      const [, section = '', key = ''] = name.split('.');
      const group = entry.properties?.[section] as JSONSchema | undefined;
      const own = key === '' ? group : (group?.properties?.[key] as JSONSchema | undefined);
      const rules = ({ type, minimum, maximum, enum: choices, pattern, errorMessage }: JSONSchema) => ({
        type,
        minimum,
        maximum,
        choices,
        pattern,
        errorMessage,
      });
      expect(rules(own ?? {}), name).toEqual(rules(shared));
      expect(own?.markdownDescription, name).toContain(`\`#${name}#\``);
    }
  });

  test('offer the revisions that the code knows', () => {
    expect(entry.properties?.['protocol']).toMatchObject({ enum: PROTOCOL_CHOICES });
  });
});

describe('settings.json', () => {
  test('completes a whole server', async () => {
    const snippet = '{\n\t"${1:my-server}": {\n\t\t"url": "${2:http://localhost:3000/mcp}"\n\t}\n}';
    expect(await completions('{ "sluice.servers": | }')).toContainEqual(['A server', snippet]);
  });

  test('completes a name among servers, and then the server', async () => {
    expect(await completions('{ "sluice.servers": { | } }')).toContainEqual(['my-server', '"my-server": $1']);
    expect(await completions(inEntry('|'))).toContainEqual([
      'Server with a token',
      '{\n\t"url": "${1:https://api.example.com/mcp}",\n\t"headers": {\n\t\t"Authorization": "Bearer \\${input:${2:token}}"\n\t}\n}',
    ]);
  });

  test('completes keys and values of a server', async () => {
    const keys = (await completions(inEntry('{ | }'))).map(([label]) => label);
    expect(keys.sort()).toEqual([
      'drain',
      'enabled',
      'headers',
      'http2',
      'message',
      'pool',
      'protocol',
      'requestTimeout',
      'tls',
      'url',
    ]);
    expect((await completions(inEntry('{ "protocol": | }'))).map(([label]) => label)).toEqual(
      PROTOCOL_CHOICES.map((choice) => `"${choice}"`),
    );
    expect((await completions(inEntry('{ "headers": { | } }'))).map(([label]) => label)).toEqual([
      'Authorization',
      'X-Api-Key',
    ]);
  });

  test('explains a key under the pointer', async () => {
    expect(await hover(inEntry('{ "u|rl": "" }'))).toContain('the machine that runs the extension');
    expect(await hover('{ "sluice.|servers": {} }')).toContain('merged by name');
  });

  test('has no squiggle under a good entry', async () => {
    expect(
      await squiggles(inEntry(`{ "url": "${URL}", "headers": { "X-A": "b" }, "tls": { "ca": "a" } }`)),
    ).toEqual([]);
    expect(await squiggles(inEntry('{ "url": "${env:URL}" }'))).toEqual([]);
    expect(await squiggles(inEntry('{ "enabled": false }'))).toEqual([]);
  });

  test.each([
    [
      '{ "url": "localhost:3000" }',
      '"localhost:3000"',
      'Write the server\'s URL with http:// or https://, such as "http://localhost:3000/mcp".',
    ],
    ['{ "url": 3000 }', '3000', 'Write the server\'s URL as a text, such as "http://localhost:3000/mcp".'],
    [
      `{ "url": "${URL}", "command": "npx" }`,
      '"command"',
      'A server is an object such as { "url": "http://localhost:3000/mcp" }; its keys are url, headers, protocol, requestTimeout, pool, drain, message, http2, tls and enabled.',
    ],
    [
      `{ "url": "${URL}", "headers": { "X A": "b" } }`,
      '"X A"',
      'A header name has letters, digits and hyphens, without spaces or a colon.',
    ],
    [`{ "url": "${URL}", "headers": { "X-A": 1 } }`, '1', "Write the header's value as a text in quotes."],
    [
      `{ "url": "${URL}", "pool": { "maxConnections": "4" } }`,
      '"4"',
      'Write a whole number of connections from 1 to 256.',
    ],
    [
      `{ "url": "${URL}", "pool": { "warmConnections": "two" } }`,
      '"two"',
      'Write "auto", or a whole number of connections from 0 to 256.',
    ],
    [`{ "url": "${URL}", "pool": { "reuse": true } }`, 'true', 'Write "auto", "always" or "never".'],
    [`{ "url": "${URL}", "http2": "always" }`, '"always"', 'Write "auto" or "never".'],
    [
      `{ "url": "${URL}", "pool": 4 }`,
      '4',
      'Write an object such as { "maxConnections": 4 }; its keys are maxConnections, warmConnections, reuse, idleTimeout and queueTimeout.',
    ],
  ])('underlines what is wrong in %s', async (json, text, message) => {
    expect(await squiggles(inEntry(json))).toEqual([[text, message]]);
  });

  test.each([
    '{}',
    '[]',
    '{ "url": "ftp://h" }',
    `{ "url": "${URL}", "enabled": "no" }`,
    `{ "url": "${URL}", "protocol": "2024-10-07" }`,
    `{ "url": "${URL}", "requestTimeout": 0 }`,
    `{ "url": "${URL}", "pool": { "warmConnections": -1 } }`,
    `{ "url": "${URL}", "pool": { "reuse": "sometimes" } }`,
    `{ "url": "${URL}", "http2": false }`,
    `{ "url": "${URL}", "drain": { "timeout": 1e9 } }`,
    `{ "url": "${URL}", "headers": { "X-A": "a\\nb" } }`,
    '{ "url": "https://h", "tls": { "cert": "c.pem" } }',
    '{ "url": "https://h", "tls": { "rejectUnauthorized": "no" } }',
  ])('underlines %s, which the code refuses too', async (json) => {
    expect((await squiggles(inEntry(json))).length).toBeGreaterThan(0);
    expect(told(JSON.parse(json)).some((line) => line.startsWith('E'))).toBe(true);
  });
});
