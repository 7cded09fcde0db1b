import { describeValue, type ProblemList, type SettingsPath } from './configProblem.ts';
import { checkKeys, readBoolean, readObject, type Unchecked } from './readValue.ts';
import type { TlsConfig } from './serverConfig.ts';

const FILES = ['ca', 'cert', 'key'] as const;
const KEYS = [...FILES, 'passphrase', 'servername', 'rejectUnauthorized'] as const;
type Key = (typeof KEYS)[number];

export function parseTls(value: unknown, url: string, at: SettingsPath, problems: ProblemList): TlsConfig {
  if (value === undefined) return {};
  const tls: Unchecked<Key> = readObject(value, at, '{ "ca": "certs/ca.pem" }', problems);
  checkKeys(tls, KEYS, at, problems);
  const parsed: { -readonly [Key in keyof TlsConfig]: TlsConfig[Key] } = {};
  for (const key of FILES) {
    const path = readText(tls, key, at, problems);
    if (path === undefined) continue;
    checkFilePath(path, [...at, key], problems);
    parsed[key] = path;
  }
  for (const key of ['passphrase', 'servername'] as const) {
    const text = readText(tls, key, at, problems);
    if (text !== undefined) parsed[key] = text;
  }
  if (tls.rejectUnauthorized !== undefined) {
    parsed.rejectUnauthorized = readBoolean(
      tls.rejectUnauthorized,
      [...at, 'rejectUnauthorized'],
      true,
      problems,
    );
  }
  checkTogether(parsed, url, at, problems);
  return parsed;
}

function readText(
  tls: Unchecked<Key>,
  key: Key,
  at: SettingsPath,
  problems: ProblemList,
): string | undefined {
  const value = tls[key];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  // A passphrase is not shown, not even a wrong one.
  const found = key === 'passphrase' && value !== '' ? `a ${typeof value}` : describeValue(value);
  problems.error([...at, key], {
    found: `found ${found}`,
    hint: 'write a text in quotes, or remove the key',
  });
  return undefined;
}

function checkFilePath(path: string, at: SettingsPath, problems: ProblemList): void {
  if (path.includes('-----BEGIN')) {
    problems.error(at, {
      found: 'found the contents of a PEM file',
      hint: 'save them to a file and write its path',
    });
  } else if (/^~[/\\]/.test(path)) {
    problems.error(at, {
      found: `found ${describeValue(path)}, and "~" has no meaning here`,
      hint: `write ${JSON.stringify(`\${env:HOME}${path.slice(1)}`)}, on Windows with "\${env:USERPROFILE}"`,
    });
  }
}

function checkTogether(tls: TlsConfig, url: string, at: SettingsPath, problems: ProblemList): void {
  for (const [has, lacks] of [['cert', 'key'] as const, ['key', 'cert'] as const]) {
    if (tls[has] === undefined || tls[lacks] !== undefined) continue;
    problems.error([...at, has], {
      found: `found without "${lacks}"`,
      hint: `add "${lacks}": a client's certificate and its key are used together`,
    });
  }
  if (tls.passphrase !== undefined && tls.key === undefined) {
    problems.warning([...at, 'passphrase'], {
      found: 'found without "key"',
      hint: 'add "key", or remove it',
    });
  }
  if (/^http:/i.test(url) && Object.keys(tls).length > 0) {
    problems.warning(at, {
      found: 'has no effect on an http:// URL',
      hint: 'write the URL with https://, or remove it',
    });
  }
}
