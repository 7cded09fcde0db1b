import { resolve } from 'node:path';
import { MASK } from '../errors.ts';
import { checkFilled, checkVariables } from './checkVariables.ts';
import { type ConfigProblem, ProblemList } from './configProblem.ts';
import { type Place, variablesOf } from './disclosure.ts';
import type { ServerConfig, ServerSettings, TlsConfig } from './serverConfig.ts';
import { type ServerString, serverStrings } from './serverStrings.ts';
import { fill, folderNamed, type InputValue, replacement, type Surroundings } from './surroundings.ts';
import { parseTemplate } from './template.ts';
import { readTemplateUrl } from './templateUrl.ts';

export interface InputQuestion {
  /** Key in `sluice.servers`. */
  readonly server: string;
  /** NAME of `${input:NAME}`. */
  readonly input: string;
  /** Scheme, host and port that the answer will be sent to. */
  readonly origin: string;
  /** Path and query of the URL, with variables as they are written. */
  readonly path: string;
  /** Where in the entry the answer goes, each place once. */
  readonly places: readonly Place[];
  /** How the server has to prove who it is. */
  readonly certificate: Pick<TlsConfig, 'ca' | 'servername' | 'rejectUnauthorized'>;
}

/** Answers a question, from memory or by asking the user. Rejects where there is no answer. */
export type AskInput = (question: InputQuestion) => Promise<string>;

/**
 * Shorter values are not masked: hiding every "1" or "dev" would garble the trace
 * and would hide nothing that a guess does not find.
 */
export const SHORTEST_SECRET = 4;

/** From so many characters on a value is taken for a key where nothing else tells: words and names are shorter. */
export const SHORTEST_KEY = 16;

/** Replaces the variables of one entry. What is wrong is told before the user is asked anything. */
export async function resolveVariables(
  settings: ServerSettings,
  surroundings: Surroundings,
  ask: AskInput,
): Promise<{ config: ServerConfig } | { problems: readonly ConfigProblem[] }> {
  const known = checkVariables(settings, surroundings).filter(({ severity }) => severity === 'error');
  if (known.length > 0) return { problems: known };

  const strings = serverStrings(settings);
  const answers = new Map<string, string>();
  const origin = URL.parse(fill(settings.url, surroundings, () => '1'))?.origin ?? '';
  const path = readTemplateUrl(settings.url)?.path ?? settings.url;
  const { ca, servername, rejectUnauthorized } = settings.tls;
  for (const { variable, places } of variablesOf(settings)) {
    if (variable.kind !== 'input') continue;
    const question = {
      server: settings.name,
      input: variable.name,
      origin,
      path,
      places,
      certificate: {
        // A relative path means another file in another folder.
        ...(ca === undefined
          ? {}
          : {
              ca: fromFolder(
                fill(ca, surroundings, () => ''),
                surroundings,
              ),
            }),
        ...(servername === undefined ? {} : { servername }),
        ...(rejectUnauthorized === false ? { rejectUnauthorized } : {}),
      },
    };
    // One after the other: there is one input box.
    answers.set(variable.name, await ask(question));
  }
  const input: InputValue = (name) => answers.get(name) ?? '';

  const problems = new ProblemList(settings.name);
  const filled = { url: '', headers: {} as Record<string, string>, tls: {} as Record<string, string> };
  for (const string of strings) {
    const text = fill(string.text, surroundings, input);
    checkFilled(settings.name, string, text, problems);
    const [member, key] = string.path;
    if (member === 'url') filled.url = text;
    else filled[member][key] = string.use === 'file' ? fromFolder(text, surroundings) : text;
  }
  if (problems.hasErrors) return { problems: problems.all };

  const { enabled: _, ...rest } = settings;
  const secrets = new Set(strings.flatMap((string) => secretsIn(string, surroundings, input)));
  return {
    config: {
      ...rest,
      ...filled,
      ...shownUrl(settings.url, surroundings, input),
      tls: { ...settings.tls, ...filled.tls },
      secrets: [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET),
    },
  };
}

/** A relative path starts at the workspace folder; an absolute one stays as it is. */
function fromFolder(path: string, surroundings: Surroundings): string {
  return resolve(folderNamed(undefined, surroundings)?.path ?? '', path);
}

/**
 * What no sink may show. Every answer of the user is secret. A value of the environment is, where it goes into
 * a header, a passphrase or a query: in the rest of a URL it is a host, a port or a path, and a trace with those
 * hidden could not be read. A part of a path as long as a key is one all the same: some servers have theirs there.
 */
function secretsIn({ text, use }: ServerString, surroundings: Surroundings, input: InputValue): string[] {
  if (use === 'url') return secretsInUrl(text, surroundings, input);
  const hasSecrets = use === 'header' || use === 'passphrase';
  return parseTemplate(text).parts.flatMap((part) =>
    part.kind === 'input' || (part.kind === 'env' && hasSecrets)
      ? [replacement(part, surroundings, input)]
      : [],
  );
}

function secretsInUrl(text: string, surroundings: Surroundings, input: InputValue): string[] {
  const { url, values } = placed(text, surroundings, input);
  const path = endOfOrigin(url);
  const query = url.includes('?') ? url.indexOf('?') : url.length;
  return values.flatMap(({ kind, start, end }) => {
    const value = url.slice(start, end);
    if (kind === 'input' || start > query) return [value, asSent(value, start > query)];
    const inPath = url.slice(Math.max(start, path), Math.min(end, query)).split('/');
    const inQuery = url.slice(Math.max(start, query), Math.max(end, query)).split(/[?&=]/);
    return [...inPath.filter(({ length }) => length >= SHORTEST_KEY), ...inQuery];
  });
}

/** The URL with what variables gave masked, by its place and whatever its length; where it has none, nothing. */
function shownUrl(
  text: string,
  surroundings: Surroundings,
  input: InputValue,
): Pick<ServerConfig, 'shownUrl'> {
  const { url, values } = placed(text, surroundings, input);
  const path = endOfOrigin(url) + 1;
  let shown = '';
  let from = 0;
  for (const { start, end } of values) {
    if (end <= path || start === end) continue;
    shown += url.slice(from, Math.max(start, path)) + MASK;
    from = end;
  }
  return from === 0 ? {} : { shownUrl: shown + url.slice(from) };
}

interface PlacedValue {
  readonly kind: 'env' | 'input';
  readonly start: number;
  readonly end: number;
}

/** A URL with its variables replaced, and where what they gave stands in it. */
function placed(
  text: string,
  surroundings: Surroundings,
  input: InputValue,
): { readonly url: string; readonly values: readonly PlacedValue[] } {
  const values: PlacedValue[] = [];
  let url = '';
  for (const part of parseTemplate(text).parts) {
    const start = url.length;
    url += replacement(part, surroundings, input);
    if (part.kind === 'env' || part.kind === 'input')
      values.push({ kind: part.kind, start, end: url.length });
  }
  return { url, values };
}

/** Who is called: scheme, host and port are always shown. */
function endOfOrigin(url: string): number {
  return /^[^/?#]*:\/\/[^/?#]*/.exec(url)?.[0].length ?? 0;
}

/** A value as it stands on the wire: a URL's path and its query each percent-encode some characters. */
function asSent(value: string, inQuery: boolean): string {
  return inQuery
    ? new URL(`http://host/?${value}`).search.slice(1)
    : new URL(`http://host/${value}`).pathname.slice(1);
}
