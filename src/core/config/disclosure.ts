import type { ServerSettings } from './serverConfig.ts';
import { serverStrings } from './serverStrings.ts';
import { parseTemplate } from './template.ts';
import { formatVariable, readTemplateUrl, type UrlPlace, type Variable } from './templateUrl.ts';

/** Where the value of a variable goes. */
export type Place =
  | UrlPlace
  | { readonly in: 'header'; readonly name: string }
  | { readonly in: 'tls'; readonly member: string };

/** What one entry sends, reads and trusts, told from its text alone: no variable was replaced. */
export interface Disclosure {
  /** Scheme, host in ASCII and port, with variables as they are written. */
  readonly origin: string;
  readonly host: string;
  /** Path and query, with variables as they are written. */
  readonly path: string;
  /** Each variable once, with all its places, in the order of the entry. */
  readonly variables: readonly { readonly variable: Variable; readonly places: readonly Place[] }[];
  /** Headers that hold no variable; their values are in the settings. */
  readonly plainHeaders: readonly string[];
  /** Files that are read, as they are written. */
  readonly files: readonly { readonly member: 'ca' | 'cert' | 'key'; readonly path: string }[];
  /** The name that the certificate has to have, where it is not the host's. */
  readonly servername: string | undefined;
  /** False: any certificate is accepted. */
  readonly checksCertificate: boolean;
}

export function disclose(settings: ServerSettings): Disclosure {
  const { url, headers, tls } = settings;
  const read = readTemplateUrl(url);
  return {
    origin: read?.origin ?? url,
    host: read?.host ?? url,
    path: read?.path ?? '',
    variables: variablesOf(settings),
    plainHeaders: Object.keys(headers).filter((name) => variablesIn(headers[name] ?? '').length === 0),
    files: (['ca', 'cert', 'key'] as const).flatMap((member) => {
      const path = tls[member];
      return path === undefined ? [] : [{ member, path }];
    }),
    servername: tls.servername,
    checksCertificate: tls.rejectUnauthorized !== false,
  };
}

/** Each variable of an entry once, with all its places. */
export function variablesOf(settings: ServerSettings): Disclosure['variables'] {
  const found = new Map<string, { variable: Variable; places: Place[] }>();
  const add = (variable: Variable, place: Place): void => {
    const key = formatVariable(variable);
    const known = found.get(key) ?? { variable, places: [] };
    if (!known.places.some((other) => JSON.stringify(other) === JSON.stringify(place)))
      known.places.push(place);
    found.set(key, known);
  };
  for (const { text, path } of serverStrings(settings)) {
    const [member, name] = path;
    if (member === 'url') {
      const read = readTemplateUrl(text);
      for (const { variable, place } of read?.variables ?? []) add(variable, place);
      if (read === undefined) for (const variable of variablesIn(text)) add(variable, { in: 'origin' });
    } else {
      const place: Place = member === 'headers' ? { in: 'header', name } : { in: 'tls', member: name };
      for (const variable of variablesIn(text)) add(variable, place);
    }
  }
  return [...found.values()];
}

function variablesIn(text: string): readonly Variable[] {
  return parseTemplate(text).parts.filter((part) => part.kind !== 'text');
}
