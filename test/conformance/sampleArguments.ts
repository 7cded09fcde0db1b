type Schema = Readonly<Record<string, unknown>>;

/** Arguments that a tool's `inputSchema` accepts, for schemas as the suite has them: what is required, by its type. */
export function sampleArguments(schema: Schema): Record<string, unknown> {
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  const required = (schema['required'] as readonly string[] | undefined) ?? [];
  return Object.fromEntries(required.map((name) => [name, sample(properties?.[name] ?? {})]));
}

function sample(schema: Schema): unknown {
  const { type, enum: choices, default: proposed } = schema;
  if (proposed !== undefined) return proposed;
  if (Array.isArray(choices)) return choices[0];
  switch (type) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return sampleArguments(schema);
    case 'null':
      return null;
    default:
      return 'text';
  }
}
