import { isSchemaObject, type SchemaObject } from './schemaObject.ts';

// A schema may refer to itself; nobody fills in more levels than this by hand.
const DEEPEST = 6;

/** Arguments to start from: the members that `schema` requires, and those that have a default. */
export function skeleton(schema: SchemaObject): Record<string, unknown> {
  const value = exampleOf(schema, schema, 0);
  return isSchemaObject(value) ? { ...value } : {};
}

function exampleOf(schema: unknown, root: SchemaObject, depth: number): unknown {
  if (!isSchemaObject(schema) || depth > DEEPEST) return null;
  const merged = merge(schema, root, depth);
  if ('default' in merged) return merged.default;
  if ('const' in merged) return merged.const;
  if (Array.isArray(merged.enum) && merged.enum.length > 0) return merged.enum[0];
  switch (firstType(merged)) {
    case 'string':
      return '';
    case 'integer':
    case 'number':
      return typeof merged.minimum === 'number' ? merged.minimum : 0;
    case 'boolean':
      return false;
    case 'array': {
      const least = typeof merged.minItems === 'number' ? merged.minItems : 0;
      return least > 0 ? [exampleOf(merged.items, root, depth + 1)] : [];
    }
    case 'object':
      return objectExample(merged, root, depth);
    default:
      return null;
  }
}

function objectExample(schema: SchemaObject, root: SchemaObject, depth: number): Record<string, unknown> {
  const properties = isSchemaObject(schema.properties) ? schema.properties : {};
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const example: [string, unknown][] = [];
  for (const [name, member] of Object.entries(properties)) {
    if (required.includes(name) || (isSchemaObject(member) && 'default' in member)) {
      example.push([name, exampleOf(member, root, depth + 1)]);
    }
  }
  return Object.fromEntries(example);
}

/** `schema` with a local `$ref`, all of `allOf` and the first branch of `anyOf` or `oneOf` laid into it. */
function merge(schema: SchemaObject, root: SchemaObject, depth: number): SchemaObject {
  if (depth > DEEPEST) return schema;
  const parts: unknown[] = [];
  if (typeof schema.$ref === 'string') parts.push(resolveLocal(schema.$ref, root));
  if (Array.isArray(schema.allOf)) parts.push(...schema.allOf);
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) parts.push(branches[0]);
  let merged: SchemaObject = schema;
  for (const part of parts) {
    if (!isSchemaObject(part)) continue;
    const other = merge(part, root, depth + 1);
    merged = {
      ...other,
      ...merged,
      properties: { ...asObject(other.properties), ...asObject(merged.properties) },
      required: [...asArray(other.required), ...asArray(merged.required)],
    };
  }
  return merged;
}

function resolveLocal(reference: string, root: SchemaObject): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const step of reference.split('/').slice(1)) {
    if (!isSchemaObject(found)) return undefined;
    found = found[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return found;
}

function firstType(schema: SchemaObject): unknown {
  const type = schema.type;
  if (Array.isArray(type)) return type[0];
  return type ?? (Object.keys(asObject(schema.properties)).length > 0 ? 'object' : undefined);
}

function asObject(value: unknown): SchemaObject {
  return isSchemaObject(value) ? value : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
