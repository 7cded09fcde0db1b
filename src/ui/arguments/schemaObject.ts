type Keyword =
  | 'additionalProperties'
  | 'allOf'
  | 'anyOf'
  | 'const'
  | 'default'
  | 'description'
  | 'enum'
  | 'enumNames'
  | 'exclusiveMaximum'
  | 'exclusiveMinimum'
  | 'format'
  | 'items'
  | 'maxItems'
  | 'maxLength'
  | 'maximum'
  | 'minItems'
  | 'minLength'
  | 'minimum'
  | 'multipleOf'
  | 'oneOf'
  | 'pattern'
  | 'prefixItems'
  | 'properties'
  | 'required'
  | 'title'
  | 'type'
  | 'writeOnly'
  | '$ref';

/** A JSON Schema as a server sent it: any keyword may be there, with any value. */
export type SchemaObject = Readonly<Record<string, unknown>> & { readonly [keyword in Keyword]?: unknown };

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a schema says that its value is one to hide: OpenAPI's `format: password`, and `writeOnly` (2020-12, 9.4). */
export function saysSecret(schema: SchemaObject): boolean {
  return schema.format === 'password' || schema.writeOnly === true;
}

/** A whole number of a schema that JavaScript has read as another one, as it may have: it is no value to offer or to send. */
export function mayBeRounded(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}
