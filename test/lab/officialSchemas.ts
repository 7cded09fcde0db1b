import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

const SUITE = '@modelcontextprotocol/conformance/dist/index.js';

/** A JSON Schema document: draft 7 up to 2025-06-18, 2020-12 since. */
export interface SchemaDocument {
  readonly $schema: string;
  readonly definitions?: Readonly<Record<string, object>>;
  readonly $defs?: Readonly<Record<string, object>>;
}

export const SCHEMA_REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
export type SchemaRevision = (typeof SCHEMA_REVISIONS)[number];

/**
 * The specification's own `schema.json` of each revision, as the official suite carries them. No package publishes them as
 * files; the suite's bundle has all four as literals, in a table by revision. It is pinned exactly, and a test reads all.
 */
export function officialSchemas(): Readonly<Record<SchemaRevision, SchemaDocument>> {
  const bundle = readFileSync(createRequire(import.meta.url).resolve(SUITE), 'utf8');
  const table =
    /\{"2025-03-26":([\w$]+),"2025-06-18":([\w$]+),"2025-11-25":([\w$]+),\[[\w$]+\]:([\w$]+)\}/.exec(bundle);
  if (table === null) throw new Error('the official suite has no table of schemas where it used to have one');
  const documents = SCHEMA_REVISIONS.map((revision, index) => {
    const start = `${table[index + 1]}={$schema:`;
    const at = bundle.indexOf(start);
    if (at === -1)
      throw new Error(`the official suite has no schema of ${revision} where it used to have one`);
    return [revision, valueAt(bundle, at + start.indexOf('{'))];
  });
  return Object.fromEntries(documents);
}

/** The object literal that begins at `start`. */
function valueAt(text: string, start: number): SchemaDocument {
  let depth = 0;
  let quote: string | undefined;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'" || character === '`') quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return runInNewContext(`(${text.slice(start, at + 1)})`) as SchemaDocument;
  }
  throw new Error('a schema of the official suite never ends');
}
