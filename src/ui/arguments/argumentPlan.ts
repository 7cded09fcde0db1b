import { type ArgumentField, fieldOf } from './argumentField.ts';
import { isSchemaObject, type SchemaObject } from './schemaObject.ts';

/** How the arguments of a tool are asked for. */
export type ArgumentPlan =
  /** There is nothing to ask: call at once. */
  | { readonly kind: 'none' }
  /** A few questions, one by one. */
  | { readonly kind: 'fields'; readonly fields: readonly ArgumentField[] }
  /** A JSON document. */
  | { readonly kind: 'document' };

// More questions than this are quicker to answer in a document.
const MOST_FIELDS = 5;

// At the root these make members depend on each other, or leave their names open.
const BEYOND_A_FORM = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  '$ref',
  '$dynamicRef',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
] as const;

/** Decides from a tool's `inputSchema` (JSON Schema 2020-12) how to ask for its arguments. */
export function planArguments(schema: SchemaObject): ArgumentPlan {
  const document: ArgumentPlan = { kind: 'document' };
  if (BEYOND_A_FORM.some((keyword) => keyword in schema)) return document;
  const rest = schema.additionalProperties;
  if (isSchemaObject(rest) && Object.keys(rest).length > 0) return document;

  const properties = isSchemaObject(schema.properties) ? Object.entries(schema.properties) : [];
  const required = requiredNames(schema);
  if (properties.length > MOST_FIELDS) return document;
  if (required.some((name) => !properties.some(([known]) => known === name))) return document;
  if (properties.length === 0) return { kind: 'none' };

  const fields: ArgumentField[] = [];
  for (const [name, member] of properties) {
    const isRequired = required.includes(name);
    const field = fieldOf(name, member, isRequired);
    if (field !== undefined && field.kind !== 'choices') fields.push(field);
    else if (isRequired) return document;
  }
  // All members are optional and none is simple: only a document can show what there is.
  return fields.length === 0 ? document : { kind: 'fields', fields };
}

/** The questions of an elicitation: its schema is flat by the rules of the protocol. Undefined where it is not. */
export function planForm(schema: SchemaObject | undefined): ArgumentField[] | undefined {
  const properties = schema?.properties;
  if (schema === undefined || properties === undefined) return [];
  if (!isSchemaObject(properties)) return undefined;
  const required = requiredNames(schema);
  const fields: ArgumentField[] = [];
  for (const [name, member] of Object.entries(properties)) {
    const field = fieldOf(name, member, required.includes(name));
    if (field !== undefined) fields.push(field);
    else if (required.includes(name)) return undefined;
  }
  return fields;
}

function requiredNames(schema: SchemaObject): string[] {
  const required = schema.required;
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}
