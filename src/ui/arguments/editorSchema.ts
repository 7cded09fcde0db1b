import { isSchemaObject, type SchemaObject } from './schemaObject.ts';

// The editor's JSON support would follow these out of the document, to the network where they say so.
const LEADS_AWAY = new Set(['$id', '$schema', '$dynamicRef', '$recursiveRef', 'id']);
const DEEPEST = 64;

/**
 * A tool's input schema as the editor may have it: it describes the same arguments, allows the `$schema` member
 * that ties the document to it, and refers to nothing outside itself.
 */
export function editorSchema(inputSchema: SchemaObject): Record<string, unknown> {
  const schema = localOnly(inputSchema, 0, false) as SchemaObject;
  const properties = isSchemaObject(schema.properties) ? schema.properties : {};
  return {
    ...schema,
    properties: { ...properties, $schema: { type: 'string', doNotSuggest: true } },
  };
}

/** @param isMap the keys are names of the user's, not keywords: below `properties`, `$defs` and the like */
function localOnly(value: unknown, depth: number, isMap: boolean): unknown {
  if (depth > DEEPEST) return true;
  if (Array.isArray(value)) return value.map((item) => localOnly(item, depth + 1, false));
  if (!isSchemaObject(value)) return value;
  const kept: [string, unknown][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (!isMap) {
      if (LEADS_AWAY.has(key)) continue;
      if (key === '$ref' && !(typeof member === 'string' && member.startsWith('#'))) continue;
      if (IS_DATA.has(key)) {
        kept.push([key, member]);
        continue;
      }
    }
    kept.push([key, localOnly(member, depth + 1, !isMap && HOLDS_NAMES.has(key))]);
  }
  return Object.fromEntries(kept);
}

const HOLDS_NAMES = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const IS_DATA = new Set(['default', 'const', 'enum', 'examples']);
