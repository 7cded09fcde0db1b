import { isObject } from '../jsonrpc/message.ts';

/** Keywords whose value null means something. */
const MEANT: ReadonlySet<string> = new Set(['default', 'const']);
/** Keywords that hold schemas by names, in a list, or one. */
const BY_NAME: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
const IN_A_LIST: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const ONE: ReadonlySet<string> = new Set([
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
]);

/**
 * A schema without the keywords that are null: some libraries write each keyword that they know, and null for those that a schema
 * has not. The same object where there is none. It goes as deep as the schema, which its message bounds.
 */
export function withoutNullKeywords<T>(schema: T): T {
  if (!isObject(schema)) return schema;
  return changed(schema, (keyword, value) => {
    if (value === null) return MEANT.has(keyword) ? value : undefined;
    // A member of which nothing is said may be anything.
    if (BY_NAME.has(keyword) && isObject(value))
      return changed(value, (_, member) => (member === null ? {} : withoutNullKeywords(member)));
    if (IN_A_LIST.has(keyword) && Array.isArray(value)) return changedList(value);
    return ONE.has(keyword) ? withoutNullKeywords(value) : value;
  }) as T;
}

/** The same object where no member is another one; a member that becomes undefined is left out. */
function changed(
  object: Readonly<Record<string, unknown>>,
  change: (name: string, value: unknown) => unknown,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(object);
  const read = entries.map(([name, value]) => [name, change(name, value)] as const);
  if (read.every(([, value], n) => value === entries[n]?.[1])) return object;
  // Not as members of an object that is there: a name may be `__proto__`.
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

function changedList(list: readonly unknown[]): readonly unknown[] {
  const read = list.map((one) => withoutNullKeywords(one));
  return read.every((one, n) => one === list[n]) ? list : read;
}
