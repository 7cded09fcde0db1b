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

/**
 * Whether a value of a schema holds, at any depth, a number that JavaScript has read as another one, as it may have: then it is
 * none to offer, to send or to show. Of a fraction 17 digits are all that is ever written of what was read.
 */
export function mayBeRounded(value: unknown): boolean {
  const pending = [value];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part === 'number') {
      if (Number.isInteger(part) ? !Number.isSafeInteger(part) : !hasFewDigits(part)) return true;
    } else if (typeof part === 'object' && part !== null) {
      for (const one of Object.values(part)) pending.push(one);
    }
  }
  return false;
}

function hasFewDigits(value: number): boolean {
  const [digits = ''] = String(Math.abs(value)).split('e');
  return Number.isFinite(value) && digits.replace('.', '').replace(/^0+/, '').length < 17;
}
