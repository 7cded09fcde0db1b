import type { ServerConfig } from '../config/serverConfig.ts';
import { SHORTEST_KEY, SHORTEST_SECRET } from '../config/variables.ts';
import { isOpenHeader, namesCredential } from '../trace/credentialNames.ts';
import { isCredentialValue } from '../trace/mask.ts';
import { withoutScheme } from '../trace/redact.ts';

/**
 * What a server may repeat wherever it likes, and no sink may show: what variables gave, and what the settings have
 * written out. A header that is masked in its own place is looked for elsewhere only where its name or its length
 * tells that it is a key: `X-Tenant: acme` would take "acme" out of every result.
 */
export function secretsOf(config: ServerConfig): readonly string[] {
  const { secrets, tls, headers, url } = config;
  const all = [
    ...secrets,
    ...(tls.passphrase === undefined ? [] : [tls.passphrase]),
    ...Object.entries(headers).flatMap(([name, value]) => inHeader(name, value)),
    ...[...new URL(url).searchParams].flatMap(([name, value]) =>
      namesCredential(name, 'parameter') && isCredentialValue(value) ? [value] : [],
    ),
  ];
  return [...new Set(all)].filter(({ length }) => length >= SHORTEST_SECRET);
}

function inHeader(name: string, value: string): readonly string[] {
  const bare = withoutScheme(value);
  if (isOpenHeader(name) || (!namesCredential(name, 'header') && bare.length < SHORTEST_KEY)) return [];
  if (/^basic /i.test(value)) return [bare, ...inBasic(bare)];
  if (/^cookie$/i.test(name))
    return [bare, ...bare.split(/; */).map((cookie) => cookie.replace(/^[^=]*=/, ''))];
  return [bare];
}

/** RFC 7617: a user's name is no secret, and the password is one without it too. */
function inBasic(credentials: string): readonly string[] {
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? [] : [text, text.slice(colon + 1)];
}
