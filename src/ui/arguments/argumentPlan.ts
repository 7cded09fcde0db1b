import { type ArgumentField, fieldOf } from './argumentField.ts';
import { isSchemaObject, type SchemaObject } from './schemaObject.ts';
import { SecretMembers } from './secretArguments.ts';

/** One argument that a tool's schema describes. */
export interface ArgumentMember {
  readonly name: string;
  readonly schema: unknown;
  readonly required: boolean;
  /** How it is asked for; undefined where only JSON can say it. */
  readonly field: ArgumentField | undefined;
}

/** How the arguments of a tool are asked for. */
export type ArgumentPlan =
  /** There is nothing to ask: call at once. */
  | { readonly kind: 'none' }
  /** A few questions, one by one; then what else there is, in a list. */
  | {
      readonly kind: 'fields';
      readonly fields: readonly ArgumentField[];
      /** All arguments, those that `fields` ask for among them, in the order of the schema. */
      readonly members: readonly ArgumentMember[];
    }
  /** A JSON document. */
  | { readonly kind: 'document' };

/** More questions than this in a row are too many: of more arguments only the required ones are asked for. */
const MOST_FIELDS = 5;
/** Rows of a list: in a longer one a person finds nothing. */
const MOST_MEMBERS = 1_000;

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
  const others = [schema.additionalProperties, schema['unevaluatedProperties']];
  if (others.some((rest) => isSchemaObject(rest) && Object.keys(rest).length > 0)) return document;

  if (hasMore(schema.properties, MOST_MEMBERS)) return document;
  const members = membersOf(schema);
  const required = requiredNames(schema);
  if (required.some((name) => !members.some((member) => member.name === name))) return document;
  if (members.some((member) => member.required && member.field === undefined)) return document;
  // The schema says that the caller chooses the names: they are all that there is to send.
  const isOpen = others.some((rest) => rest === true || isSchemaObject(rest));
  if (members.length === 0) return isOpen ? document : { kind: 'none' };

  const isShort = members.length <= MOST_FIELDS;
  const fields = members.flatMap(({ field }) =>
    field !== undefined && (isShort || field.required) ? [field] : [],
  );
  // Most tools with so many arguments need one or two of them. One that needs all is quicker to fill in as a document.
  if (fields.length > MOST_FIELDS) return document;
  // No argument is simple: only a document can show them.
  if (members.every(({ field }) => field === undefined)) return document;
  return { kind: 'fields', fields, members };
}

/** Whether an object has more members than `most`, without reading them all. */
function hasMore(value: unknown, most: number): boolean {
  let count = 0;
  for (const _ in isSchemaObject(value) ? value : {}) if (++count > most) return true;
  return false;
}

function membersOf(schema: SchemaObject): ArgumentMember[] {
  const properties = isSchemaObject(schema.properties) ? Object.entries(schema.properties) : [];
  const required = new Set(requiredNames(schema));
  const secrets = new SecretMembers(schema);
  return properties.map(([name, member]) => ({
    name,
    schema: member,
    required: required.has(name),
    field: fieldOf(name, member, required.has(name), schema, secrets),
  }));
}

/** What a server asks for. */
export interface FormPlan {
  readonly fields: readonly ArgumentField[];
  /** Names of optional members that no question can hold: they are left out, and the user is told. */
  readonly unasked: readonly string[];
}

/** The questions of an elicitation: its schema is flat by the rules of the protocol. Undefined where what it requires is not. */
export function planForm(schema: SchemaObject | undefined): FormPlan | undefined {
  const properties = schema?.properties;
  if (schema === undefined || properties === undefined) return { fields: [], unasked: [] };
  if (!isSchemaObject(properties)) return undefined;
  const members = membersOf(schema);
  const askable = new Set(members.flatMap(({ name, field }) => (field === undefined ? [] : [name])));
  if (requiredNames(schema).some((name) => !askable.has(name))) return undefined;
  return {
    fields: members.flatMap(({ field }) => (field === undefined ? [] : [field])),
    unasked: members.flatMap(({ name, field }) => (field === undefined ? [name] : [])),
  };
}

function requiredNames(schema: SchemaObject): string[] {
  const required = schema.required;
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}
