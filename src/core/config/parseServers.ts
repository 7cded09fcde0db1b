import { type ConfigProblem, describeValue, ProblemList, type SettingsPath } from './configProblem.ts';
import { foreignKey } from './foreignKeys.ts';
import { checkHeaderName, checkHeaderValue } from './headerRules.ts';
import type { Limits, UncheckedLimits } from './limits.ts';
import { parseDefaultLimits, parseServerLimits } from './parseLimits.ts';
import { parseTls } from './parseTls.ts';
import {
  checkUnknownKey,
  isObject,
  type JsonObject,
  readBoolean,
  readChoice,
  readObject,
  type Unchecked,
} from './readValue.ts';
import { HTTP2_CHOICES, PROTOCOL_CHOICES, type ServerSettings } from './serverConfig.ts';
import { checkServerUrl, describeUrl, EXAMPLE_URL } from './serverUrl.ts';

export interface ParsedServers {
  /** Entries without an error, in the order of the settings. */
  readonly servers: readonly ServerSettings[];
  readonly problems: readonly ConfigProblem[];
}

const EXAMPLE_ENTRY = `{ "url": "${EXAMPLE_URL}" }`;
const KEYS = [
  'url',
  'headers',
  'protocol',
  'requestTimeout',
  'pool',
  'drain',
  'message',
  'http2',
  'tls',
  'enabled',
] as const;

/**
 * Reads the entries of `sluice.servers`. Only an entry with an error is left out;
 * an earlier, better version of it is never used in its place.
 */
export function parseServers(raw: unknown, defaults: UncheckedLimits): ParsedServers {
  const shared = new ProblemList();
  const limits = parseDefaultLimits(defaults, shared);
  const entries = readObject(raw, ['sluice.servers'], `{ "my-server": ${EXAMPLE_ENTRY} }`, shared);
  const servers: ServerSettings[] = [];
  const problems: ConfigProblem[] = [...shared.all];
  for (const [name, entry] of Object.entries(entries)) {
    const own = new ProblemList(name);
    const settings = parseEntry(name, entry, limits, own);
    if (settings !== undefined && !own.hasErrors) servers.push(settings);
    problems.push(...own.all);
  }
  return { servers, problems };
}

function parseEntry(
  name: string,
  value: unknown,
  defaults: Limits,
  problems: ProblemList,
): ServerSettings | undefined {
  const at = ['sluice.servers', name];
  checkName(name, at, problems);
  if (!isObject(value)) {
    const isUrl = typeof value === 'string' && checkServerUrl(value) === undefined;
    const found = isUrl ? describeUrl(value) : describeValue(value);
    problems.error(at, {
      found: `found ${found}`,
      hint: `write ${isUrl ? `{ "url": ${found} }` : EXAMPLE_ENTRY}`,
    });
    return undefined;
  }
  if (isWholeConfiguration(name, value)) {
    problems.error(at, {
      found: 'found a whole configuration of another tool',
      hint: `move the entries inside "${name}" one level up`,
    });
    return undefined;
  }
  const entry: Unchecked<(typeof KEYS)[number]> = value;
  const enabled = readBoolean(entry.enabled, [...at, 'enabled'], true, problems);
  const urlIsTold = checkEntryKeys(value, at, problems);
  const url = parseUrl(entry.url, urlIsTold || !enabled, [...at, 'url'], problems);
  if (HTTP2_CHOICES.some((choice) => choice === entry.http2) && /^http:/i.test(url)) {
    problems.warning([...at, 'http2'], {
      found: 'has no effect on an http:// URL, where HTTP/2 is never spoken',
      hint: 'write the URL with https://, or remove it',
    });
  }
  return {
    name,
    enabled,
    url,
    headers: parseHeaders(entry.headers, [...at, 'headers'], problems),
    protocol: readChoice(entry.protocol, [...at, 'protocol'], PROTOCOL_CHOICES, 'auto', problems),
    ...parseServerLimits(entry, at, defaults, problems),
    tls: parseTls(entry.tls, url, [...at, 'tls'], problems),
  };
}

function checkName(name: string, at: SettingsPath, problems: ProblemList): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name.trim() === name && name !== '' && name.length <= 100 && !/[\0-\x1f\x7f]/.test(name)) return;
  problems.error(at, {
    found: `found the name ${describeValue(name)}`,
    hint: 'write a name of 1 to 100 characters, on one line, without white space around it',
  });
}

/** `"mcpServers": { "a": { … } }`, pasted from another tool under `sluice.servers`. */
function isWholeConfiguration(name: string, entry: JsonObject): boolean {
  return (
    ['mcpServers', 'servers', 'mcp'].includes(name) &&
    !('url' in entry) &&
    Object.values(entry).some(isObject)
  );
}

/** True where a problem that was told stands for a missing URL too. */
function checkEntryKeys(entry: JsonObject, at: SettingsPath, problems: ProblemList): boolean {
  let urlIsTold = false;
  for (const [key, value] of Object.entries(entry)) {
    if (KEYS.some((known) => known === key)) continue;
    const foreign = foreignKey(key, value, 'url' in entry);
    if (foreign === undefined) {
      urlIsTold = checkUnknownKey(key, KEYS, at, problems) === 'url' || urlIsTold;
    } else if (!(foreign.insteadOfUrl && urlIsTold)) {
      problems[foreign.severity]([...at, key], foreign);
      urlIsTold ||= foreign.insteadOfUrl;
    }
  }
  return urlIsTold;
}

function parseUrl(value: unknown, mayBeAbsent: boolean, at: SettingsPath, problems: ProblemList): string {
  if (value === undefined && mayBeAbsent) return '';
  if (typeof value !== 'string') {
    problems.error(at, {
      found: `found ${describeValue(value)}`,
      hint: `write the server's URL, such as "${EXAMPLE_URL}"`,
    });
    return '';
  }
  const finding = checkServerUrl(value);
  if (finding !== undefined) problems.error(at, finding);
  return value;
}

function parseHeaders(
  value: unknown,
  at: SettingsPath,
  problems: ProblemList,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const seen = new Map<string, string>();
  for (const [name, text] of Object.entries(readObject(value, at, '{ "X-Team": "docs" }', problems))) {
    const path = [...at, name];
    const twin = seen.get(name.toLowerCase());
    const badName = checkHeaderName(name);
    if (badName !== undefined) problems.error(path, badName);
    else if (twin !== undefined)
      problems.error(path, { found: `is the same header as "${twin}"`, hint: 'remove one' });
    seen.set(name.toLowerCase(), name);
    if (typeof text !== 'string') {
      const found = `found ${text === null ? 'null' : Array.isArray(text) ? 'a list' : `a value of type ${typeof text}`}`;
      problems.error(path, { found, hint: 'write the value as a text in quotes' });
      continue;
    }
    const badValue = checkHeaderValue(text);
    if (badValue !== undefined) problems.error(path, badValue);
    headers[name] = text;
  }
  return headers;
}
