import { Budget, exceeds, walk } from '../../core/budget.ts';
import { resolveLocal } from './localReference.ts';
import { isSchemaObject, mayBeRounded, type SchemaObject } from './schemaObject.ts';

// A schema of some hundred bytes can describe billions of values; a person fills in no more than this by hand.
const MOST = { values: 2_000, characters: 100_000, depth: 32 } as const;
/** Schemas that are looked at: laying parts together makes no values, and takes time all the same. */
const MOST_PARTS = { values: 20_000, characters: 200_000 } as const;
const DEEPEST_MERGE = 64;

/**
 * Arguments to start from: the members that `schema` requires, and those that have a default. What only the user can know is
 * left blank: `""`, or 0 where that is allowed. A type that refers to itself ends where it comes again.
 */
export function skeleton(schema: SchemaObject): Record<string, unknown> {
  const value = new Skeleton(schema).of(schema);
  return isSchemaObject(value) ? { ...value } : {};
}

/** A value to start from for one member of an object with this schema. */
export function memberSkeleton(schema: SchemaObject, member: unknown): unknown {
  return new Skeleton(schema).of(member);
}

class Skeleton {
  readonly #root: SchemaObject;
  readonly #values = new Budget(MOST);
  readonly #parts = new Budget(MOST_PARTS);
  /** Schemas that lie around the place that is written. */
  readonly #around = new Set<unknown>();

  constructor(root: SchemaObject) {
    this.#root = root;
  }

  of(schema: unknown, depth = 0): unknown {
    if (!isSchemaObject(schema) || !this.#values.take(depth)) return null;
    const passed = new Set<unknown>();
    const merged = this.#merge(schema, passed);
    if ('default' in merged && this.#affords(merged.default)) return merged.default;
    if ('const' in merged && this.#affords(merged.const)) return merged.const;
    if (Array.isArray(merged.enum) && merged.enum.length > 0 && this.#affords(merged.enum[0]))
      return merged.enum[0];
    switch (typeOf(merged)) {
      case 'string':
        return '';
      case 'integer':
      case 'number':
        return numberFor(merged);
      case 'boolean':
        return false;
      case 'array':
        return this.#within(passed, [], () => this.#array(merged, depth));
      case 'object':
        return this.#within(passed, {}, () => this.#object(merged, depth));
      default:
        return null;
    }
  }

  /** What `inside` makes, or what is `blank` where one of these schemas lies around this place already. */
  #within<T>(schemas: ReadonlySet<unknown>, blank: T, inside: () => T): T {
    for (const schema of schemas) if (this.#around.has(schema)) return blank;
    for (const schema of schemas) this.#around.add(schema);
    const made = inside();
    for (const schema of schemas) this.#around.delete(schema);
    return made;
  }

  #array(schema: SchemaObject, depth: number): unknown[] {
    const least = typeof schema.minItems === 'number' ? schema.minItems : 0;
    const first: unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    const made: unknown[] = [];
    while (made.length < least && this.#values.exceeded === undefined)
      made.push(this.of(first[made.length] ?? schema.items, depth + 1));
    return made;
  }

  #object(schema: SchemaObject, depth: number): Record<string, unknown> {
    const required = new Set(asArray(schema.required).filter((name) => typeof name === 'string'));
    const made: [string, unknown][] = [];
    const properties = asObject(schema.properties);
    for (const name in properties) {
      const member = properties[name];
      const hasDefault = isSchemaObject(member) && 'default' in member && !mayBeRounded(member.default);
      if (!required.delete(name) && !hasDefault) continue;
      if (!this.#values.write(name.length)) break;
      made.push([name, this.of(member, depth + 1)]);
    }
    for (const name of required) {
      if (!this.#values.write(name.length)) break;
      made.push([name, this.of(schema.additionalProperties, depth + 1)]);
    }
    return Object.fromEntries(made);
  }

  /**
   * `schema` with a local `$ref`, all of `allOf` and one branch of `anyOf` or `oneOf` laid into it.
   * @param passed gets the schemas that a reference led to, and `schema`
   */
  #merge(schema: SchemaObject, passed: Set<unknown>, depth = 0): SchemaObject {
    if (passed.has(schema) || depth > DEEPEST_MERGE || !this.#parts.take()) return {};
    passed.add(schema);
    const parts: unknown[] = [resolveLocal(schema.$ref, this.#root)];
    if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.slice(0, 100));
    parts.push(this.#branch(schema.anyOf ?? schema.oneOf, passed));
    let merged: SchemaObject = schema;
    for (const part of parts) {
      if (!isSchemaObject(part)) continue;
      const other = this.#merge(part, passed, depth + 1);
      const properties = { ...asObject(other.properties), ...asObject(merged.properties) };
      const required = [...asArray(other.required), ...asArray(merged.required)];
      const names = Object.keys(properties).length;
      merged = {
        ...other,
        ...merged,
        ...(names > 0 ? { properties } : {}),
        ...(required.length > 0 ? { required } : {}),
      };
      // Laying together costs as much as there is to lay.
      if (!this.#parts.take(0, names + required.length)) break;
    }
    return merged;
  }

  /** The first branch of a union that does not lead back to where we are. */
  #branch(branches: unknown, passed: ReadonlySet<unknown>): unknown {
    if (!Array.isArray(branches)) return undefined;
    const leadsOn = (branch: unknown): boolean => {
      const target =
        isSchemaObject(branch) && '$ref' in branch ? resolveLocal(branch.$ref, this.#root) : branch;
      return !this.#around.has(target) && !passed.has(target);
    };
    return branches.slice(0, 100).find(leadsOn) ?? branches[0];
  }

  /** Whether there is room for a value that the schema gives whole. */
  #affords(value: unknown): boolean {
    return (
      exceeds(value, MOST) === undefined && !mayBeRounded(value) && walk(value, this.#values) === undefined
    );
  }
}

/** The number nearest to 0 that the bounds allow; where they allow none, the lower one. */
function numberFor(schema: SchemaObject): number {
  const isWhole = typeOf(schema) === 'integer';
  const step = isWhole ? 1 : stepOf(schema);
  const above = numberOf(schema.exclusiveMinimum);
  const below = numberOf(schema.exclusiveMaximum);
  const least = Math.max(
    numberOf(schema.minimum) ?? -Infinity,
    above === undefined ? -Infinity : next(above, step, isWhole),
  );
  const most = Math.min(
    numberOf(schema.maximum) ?? Infinity,
    below === undefined ? Infinity : -next(-below, step, isWhole),
  );
  const nearest = Math.max(least, Math.min(0, most));
  const near = mayBeRounded(nearest) ? 0 : nearest;
  const factor = numberOf(schema.multipleOf);
  const unit = factor !== undefined && factor > 0 ? factor : isWhole ? 1 : undefined;
  if (unit === undefined || near === 0) return near;
  const rounded = (near > 0 ? Math.ceil(near / unit) : Math.floor(near / unit)) * unit;
  return mayBeRounded(rounded) ? near : rounded;
}

/** A number above `bound`: the next whole one, or one a step away. */
function next(bound: number, step: number, isWhole: boolean): number {
  return isWhole ? Math.floor(bound) + 1 : bound + step;
}

/** Small enough to stay within the bounds. */
function stepOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaObject): number {
  const low = numberOf(exclusiveMinimum) ?? numberOf(minimum);
  const high = numberOf(exclusiveMaximum) ?? numberOf(maximum);
  return low === undefined || high === undefined || high - low >= 2 ? 1 : (high - low) / 2;
}

function typeOf(schema: SchemaObject): unknown {
  const type = schema.type;
  if (Array.isArray(type)) return type[0];
  return type ?? (isSchemaObject(schema.properties) || Array.isArray(schema.required) ? 'object' : undefined);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function asObject(value: unknown): SchemaObject {
  return isSchemaObject(value) ? value : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
