import { isSchemaObject, mayBeRounded, type SchemaObject, saysSecret } from './schemaObject.ts';
import { SecretMembers } from './secretArguments.ts';

/** One question of a form: a member of an object whose value is a primitive, a choice of some, or a list of primitives. */
export type ArgumentField = TextField | NumberField | ListField | ChoiceField | ChoicesField;

interface FieldBase {
  /** Name of the member. */
  readonly name: string;
  /** The schema of the object that this is a member of: an answer is judged by it. */
  readonly of: SchemaObject;
  /** The schema's title, or the name. */
  readonly label: string;
  readonly description: string | undefined;
  readonly required: boolean;
  /** `null` is a value of its own. */
  readonly nullable: boolean;
  /** The schema's `default`; undefined where it has none, or a number that JavaScript rounds. */
  readonly fallback: unknown;
  /** The schema says `format: password` or `writeOnly` of it, or of what is in it: it is not shown, and not kept. */
  readonly isSecret: boolean;
}

export interface TextField extends FieldBase {
  readonly kind: 'text';
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
  readonly format: string | undefined;
}

export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly exclusiveMaximum: number | undefined;
  readonly multipleOf: number | undefined;
}

/** Any number of texts or numbers, sent as an array. */
export interface ListField extends FieldBase {
  readonly kind: 'list';
  readonly items: 'text' | 'number' | 'integer';
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
}

export interface Choice {
  readonly value: string | number | boolean | null;
  readonly label: string;
  readonly description: string | undefined;
}

/** Exactly one of `choices`. */
export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
}

/** Any number of `choices`, sent as an array. */
export interface ChoicesField extends FieldBase {
  readonly kind: 'choices';
  readonly choices: readonly Choice[];
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
}

// Keywords that combine schemas. A form of single questions cannot show what they mean together.
const COMBINING = ['allOf', 'not', 'if', '$ref', '$dynamicRef'] as const;

/**
 * The question for one member, or undefined where its schema is no primitive, no choice and no list of such.
 * @param of the schema of the object that it is a member of
 * @param secrets of that schema
 */
export function fieldOf(
  name: string,
  schema: unknown,
  required: boolean,
  of: SchemaObject = { properties: { [name]: schema } },
  secrets = new SecretMembers(of),
): ArgumentField | undefined {
  if (!isSchemaObject(schema) || COMBINING.some((keyword) => keyword in schema)) return undefined;
  const base = {
    name,
    of,
    label: textOf(schema.title) ?? name,
    description: textOf(schema.description),
    required,
    nullable: false,
    fallback: mayBeRounded(schema.default) ? undefined : schema.default,
    isSecret: secrets.has(name),
  };
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    return { ...base, kind: 'choice', choices, nullable: choices.some(({ value }) => value === null) };
  }
  const single = withoutNull(schema);
  if (single === undefined) return undefined;
  const known = { ...base, nullable: single.nullable };
  switch (single.schema.type) {
    case 'string':
      return {
        ...known,
        kind: 'text',
        minLength: numberOf(single.schema.minLength),
        maxLength: numberOf(single.schema.maxLength),
        pattern: textOf(single.schema.pattern),
        format: textOf(single.schema.format),
      };
    case 'number':
    case 'integer':
      return {
        ...known,
        kind: 'number',
        integer: single.schema.type === 'integer',
        minimum: numberOf(single.schema.minimum),
        maximum: numberOf(single.schema.maximum),
        exclusiveMinimum: numberOf(single.schema.exclusiveMinimum),
        exclusiveMaximum: numberOf(single.schema.exclusiveMaximum),
        multipleOf: numberOf(single.schema.multipleOf),
      };
    case 'boolean':
      return { ...known, kind: 'choice', choices: withNull([choice(true), choice(false)], single.nullable) };
    case 'array': {
      const { items, minItems, maxItems, prefixItems } = single.schema;
      if (!isSchemaObject(items) || prefixItems !== undefined) return undefined;
      const many = { minItems: numberOf(minItems), maxItems: numberOf(maxItems) };
      const choices = choicesOf(items);
      if (choices !== undefined) {
        return single.nullable || choices.some(({ value }) => value === null)
          ? undefined
          : { ...known, ...many, kind: 'choices', choices };
      }
      const kind = listKind(items);
      return kind && { ...known, ...many, kind: 'list', items: kind };
    }
    default:
      return undefined;
  }
}

/** Of what a list is, where that is simple enough to be typed in one line. */
function listKind(items: SchemaObject): ListField['items'] | undefined {
  if ([...COMBINING, 'anyOf', 'oneOf'].some((keyword) => keyword in items) || saysSecret(items))
    return undefined;
  if (items.type === 'string') return 'text';
  return items.type === 'number' || items.type === 'integer' ? items.type : undefined;
}

/** The values of `enum`, `const`, or of a `oneOf`/`anyOf` whose branches are titled constants. */
function choicesOf(schema: SchemaObject): Choice[] | undefined {
  if ('const' in schema) return isPrimitive(schema.const) ? [choice(schema.const)] : undefined;
  const values = schema.enum;
  if (Array.isArray(values)) {
    if (values.length === 0 || !values.every(isPrimitive)) return undefined;
    // 2025-06-18 elicitation gives the titles of an enum in `enumNames`.
    const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
    return values.map((value, index) => choice(value, textOf(names[index])));
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(branches) || branches.length === 0) return undefined;
  const choices: Choice[] = [];
  for (const branch of branches) {
    if (!isSchemaObject(branch)) return undefined;
    if (branch.type === 'null') choices.push(choice(null));
    else if ('const' in branch && isPrimitive(branch.const)) {
      choices.push(choice(branch.const, textOf(branch.title), textOf(branch.description)));
    } else return undefined;
  }
  return choices;
}

/** Takes `null` out of `type: [T, "null"]` and of `anyOf: [T, {type: "null"}]`, the two ways to say optional T. */
function withoutNull(schema: SchemaObject): { schema: SchemaObject; nullable: boolean } | undefined {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    if (!Array.isArray(branches)) return undefined;
    const others = branches.filter((branch) => !isSchemaObject(branch) || branch.type !== 'null');
    const [only] = others;
    if (others.length !== 1 || branches.length !== 2 || !isSchemaObject(only)) return undefined;
    if (COMBINING.some((keyword) => keyword in only) || 'anyOf' in only || 'oneOf' in only) return undefined;
    return 'enum' in only || 'const' in only ? undefined : { schema: only, nullable: true };
  }
  const type = schema.type;
  if (!Array.isArray(type)) return { schema, nullable: false };
  const others = type.filter((name) => name !== 'null');
  return others.length === 1 ? { schema: { ...schema, type: others[0] }, nullable: true } : undefined;
}

function withNull(choices: Choice[], nullable: boolean): Choice[] {
  return nullable ? [...choices, choice(null)] : choices;
}

function choice(value: Choice['value'], label?: string, description?: string): Choice {
  const shown = typeof value === 'string' ? value : String(value);
  return {
    value,
    label: label ?? shown,
    description: description ?? (label === undefined ? undefined : shown),
  };
}

function isPrimitive(value: unknown): value is Choice['value'] {
  return value === null || (['string', 'number', 'boolean'].includes(typeof value) && !mayBeRounded(value));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
