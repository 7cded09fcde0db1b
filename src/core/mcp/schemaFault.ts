import { reasonOf } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';

/** Keywords whose value has to be an array, or an object: the checker reads them so, and throws. */
const ARRAYS = ['allOf', 'anyOf', 'oneOf', 'enum', 'required', 'prefixItems'];
const OBJECTS = [
  'properties',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  '$defs',
  'definitions',
];
const MOST_PARTS = 10_000;

/**
 * Why a schema could not be used, as the end of a sentence: the schema is at fault, and never the value.
 * @param error what the checker threw
 */
export function schemaFault(error: unknown, schema: unknown): string {
  const message = reasonOf(error);
  const [, pattern, why] = /^Invalid regular expression: \/(.*)\/\w*: (.*)$/s.exec(message) ?? [];
  if (pattern !== undefined)
    return `the schema's pattern ${cut(pattern)} is not a regular expression (${(why ?? '').toLowerCase()})`;
  const [, reference] = /^Unresolved \$ref "(.*?)"\./s.exec(message) ?? [];
  if (reference !== undefined)
    return reference.startsWith('#')
      ? `the schema refers to ${cut(reference)}, which is not in it`
      : `the schema refers to ${cut(reference)}, and Sluice fetches no schemas`;
  if (/^Duplicate schema URI/.test(message)) return 'the schema gives two of its parts one name';
  if (error instanceof RangeError) return 'the schema refers to itself without an end';
  const keyword = malformedKeyword(schema);
  return keyword === undefined ? `the schema is malformed (${cut(message)})` : `the schema's ${keyword}`;
}

/** `"anyOf" is no array: {}` of the first keyword that is not what it has to be. */
function malformedKeyword(schema: unknown): string | undefined {
  const pending = [schema];
  for (let count = 0; pending.length > 0 && count < MOST_PARTS; count++) {
    const part = pending.pop();
    if (typeof part !== 'object' || part === null) continue;
    if (isObject(part)) {
      for (const keyword of ARRAYS)
        if (keyword in part && !Array.isArray(part[keyword]))
          return `"${keyword}" is not an array: ${excerpt(part[keyword])}`;
      for (const keyword of OBJECTS)
        if (keyword in part && !isObject(part[keyword]))
          return `"${keyword}" is not an object: ${excerpt(part[keyword])}`;
      if ('pattern' in part && typeof part['pattern'] !== 'string')
        return `"pattern" is not a text: ${excerpt(part['pattern'])}`;
    }
    pending.push(...Object.values(part).slice(0, MOST_PARTS));
  }
  return undefined;
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
