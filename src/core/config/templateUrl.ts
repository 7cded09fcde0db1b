import { parseTemplate, type TemplatePart } from './template.ts';

export type Variable = Exclude<TemplatePart, { readonly kind: 'text' }>;

/** Where in a URL a variable stands. */
export type UrlPlace =
  /** It is the whole start of the URL: scheme, host and port. */
  | { readonly in: 'origin' }
  | { readonly in: 'user' | 'host' | 'port' | 'path' }
  /** `name` is absent where the variable is in the parameter's name itself. */
  | { readonly in: 'query'; readonly name?: string };

/** A URL with variables, taken apart as it will be once they are replaced. Variables stand in it as they were written. */
export interface TemplateUrl {
  /** Scheme, host and port; the host as it goes over the wire, in ASCII. */
  readonly origin: string;
  /** Host and port, the port also where it is the scheme's own. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  readonly variables: readonly { readonly variable: Variable; readonly place: UrlPlace }[];
}

/** After a variable that is the whole start of a URL: a port or nothing, then the path. */
const AFTER_START = /^(:\d+)?(?=[?#]|\/(?![/\\])|$)/;
/** A URL up to the middle of its port. */
const BEFORE_PORT = /^[a-z]+:[\\/]*(?:[^\\/?#[\]@]*|\[[^\]]*\]):\d*$/i;

/** @returns undefined where it cannot be told which part of the URL each variable is */
export function readTemplateUrl(text: string): TemplateUrl | undefined {
  const { parts } = parseTemplate(text);
  // Only the URL parser knows how it splits a text. So each variable is replaced by a mark, which is found again in the result.
  const tag = unusedTag(text);
  const marks: { readonly mark: string; readonly variable: Variable; readonly isPort: boolean }[] = [];
  const startsOpen = parts[0]?.kind !== 'text';
  let marked = startsOpen ? 'http://' : '';
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (startsOpen && index === 1 && !AFTER_START.test(part.text)) return undefined;
      marked += part.text;
      continue;
    }
    if (startsOpen && index === 1) return undefined;
    const isPort = BEFORE_PORT.test(marked);
    if (isPort && !isEndOfOrigin(parts[index + 1])) return undefined;
    // Digits only may stand for a port, and it may be left out.
    const mark = isPort ? '' : `${tag}${marks.length}z`;
    marks.push({ mark, variable: part, isPort });
    marked += mark;
  }
  const url = URL.parse(marked);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  for (const { mark } of marks) if (mark !== '' && url.href.split(mark).length !== 2) return undefined;

  const unmarked = (piece: string): string =>
    marks.reduce(
      (shown, { mark, variable }) =>
        mark === '' ? shown : shown.replace(mark, () => formatVariable(variable)),
      piece,
    );
  const ports = marks.filter(({ isPort }) => isPort).map(({ variable }) => formatVariable(variable));
  const port = url.port + ports.join('');
  const hostname = unmarked(url.hostname);
  const host = port === '' ? hostname : `${hostname}:${port}`;
  const usual = url.protocol === 'https:' ? '443' : '80';
  return {
    origin: startsOpen ? host : `${url.protocol}//${host}`,
    host: port === '' && !startsOpen ? `${hostname}:${usual}` : host,
    path: unmarked(url.pathname + url.search),
    variables: marks.map(({ mark, variable, isPort }, index) => ({
      variable,
      place: isPort ? { in: 'port' } : startsOpen && index === 0 ? { in: 'origin' } : placeIn(url, mark),
    })),
  };
}

/** A variable as it is written in settings. */
export function formatVariable(variable: Variable): string {
  if (variable.kind !== 'workspaceFolder') return `\${${variable.kind}:${variable.name}}`;
  return variable.folder === undefined ? `\${workspaceFolder}` : `\${workspaceFolder:${variable.folder}}`;
}

function isEndOfOrigin(part: TemplatePart | undefined): boolean {
  return part === undefined || (part.kind === 'text' && /^[/?#\\]/.test(part.text));
}

function placeIn(url: URL, mark: string): UrlPlace {
  if (url.hostname.includes(mark)) return { in: 'host' };
  if (url.username.includes(mark) || url.password.includes(mark)) return { in: 'user' };
  if (!url.search.includes(mark)) return { in: 'path' };
  const name = [...url.searchParams].find(([, value]) => value.includes(mark))?.[0];
  return name === undefined ? { in: 'query' } : { in: 'query', name };
}

function unusedTag(text: string): string {
  let tag = 'v';
  while (text.toLowerCase().includes(tag)) tag += 'v';
  return tag;
}
