/** Documents of arguments live under this scheme: `sluice-arguments:/<server>/<tool>.json`. */
export const ARGUMENTS_SCHEME = 'sluice-arguments';

const SCHEMAS = 'schema';
const SUFFIX = '.json';

/** What a path of the scheme names. */
export interface ArgumentsPath {
  readonly kind: 'arguments' | 'schema';
  readonly server: string;
  readonly tool: string;
}

export function argumentsPath(server: string, tool: string): string {
  return `/${encode(server)}/${encode(tool)}${SUFFIX}`;
}

/** The schema of a document of arguments, from the document's own place. */
export function schemaReference(tool: string): string {
  return `./${SCHEMAS}/${encode(tool)}${SUFFIX}`;
}

/** Undefined where the path names no document of arguments, and no schema of one. */
export function readArgumentsPath(path: string): ArgumentsPath | undefined {
  const [root, server, ...rest] = path.split('/');
  const file = rest.at(-1);
  if (root !== '' || server === undefined || file?.endsWith(SUFFIX) !== true) return undefined;
  const isSchema = rest.length === 2 && rest[0] === SCHEMAS;
  if (!isSchema && rest.length !== 1) return undefined;
  try {
    return {
      kind: isSchema ? 'schema' : 'arguments',
      server: decodeURIComponent(server),
      tool: decodeURIComponent(file.slice(0, -SUFFIX.length)),
    };
  } catch {
    return undefined;
  }
}

/** Names may hold any character; a slash, or dots alone, would lead to another place. */
function encode(name: string): string {
  return encodeURIComponent(name).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
}
