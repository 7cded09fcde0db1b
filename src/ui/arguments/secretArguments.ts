import { Budget } from '../../core/budget.ts';
import { MASK } from '../../core/errors.ts';
import { isExactNumber } from '../../core/jsonrpc/exactJson.ts';
import { resolveLocal } from './localReference.ts';
import { isSchemaObject, type SchemaObject, saysSecret } from './schemaObject.ts';

/** Arguments without what their schema calls secret. */
export interface OpenArguments {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** JSON Pointers of the members that were taken out. */
  readonly withheld: readonly string[];
}

/** Values and parts of schemas that are looked at. */
const MOST = { values: 100_000, depth: 200 } as const;

/**
 * Takes out the members whose schema says `format: password` or `writeOnly`, at any depth and in whatever form of a union.
 * @returns undefined where schema or arguments are too large or too deep to be sure
 */
export function withoutSecrets(
  args: Readonly<Record<string, unknown>>,
  schema: SchemaObject,
): OpenArguments | undefined {
  const search = new Search(schema);
  const kept = search.object(args, [schema], '', 0);
  return search.budget.exceeded === undefined ? { arguments: kept, withheld: search.withheld } : undefined;
}

/**
 * The arguments as they may be shown, and passed on in a report: with `••••` in the place of what their schema calls secret, and of
 * every argument where there is no schema to tell, or it is too large or too deep to be sure.
 */
export function shownArguments(
  args: Readonly<Record<string, unknown>>,
  schema: SchemaObject | undefined,
): Readonly<Record<string, unknown>> {
  if (schema !== undefined) {
    const search = new Search(schema, MASK);
    const shown = search.object(args, [schema], '', 0);
    if (search.budget.exceeded === undefined) return shown;
  }
  return Object.fromEntries(Object.keys(args).map((name) => [name, MASK]));
}

/** Which members of an object its schema calls secret: the member, or one of its items. */
export class SecretMembers {
  readonly #search: Search;
  readonly #parts: readonly SchemaObject[];

  constructor(schema: SchemaObject) {
    this.#search = new Search(schema);
    this.#parts = this.#search.spread([schema], 0);
  }

  /** True as well where the schema is too large to be sure. */
  has(name: string): boolean {
    const found = this.#search.mayBeSecret(this.#parts.flatMap((part) => describe(part, name)));
    return found || this.#search.budget.exceeded !== undefined;
  }
}

class Search {
  readonly withheld: string[] = [];
  readonly budget = new Budget(MOST);
  readonly #root: SchemaObject;
  /** What stands in the place of a secret; undefined where nothing does. */
  readonly #mask: string | undefined;

  constructor(root: SchemaObject, mask?: string) {
    this.#root = root;
    this.#mask = mask;
  }

  /** @param schemas all that may describe the object */
  object(
    value: Readonly<Record<string, unknown>>,
    schemas: readonly unknown[],
    path: string,
    depth: number,
  ): Readonly<Record<string, unknown>> {
    const parts = this.spread(schemas, depth);
    const kept: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      if (!this.budget.take(depth)) return {};
      const where = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const describing = parts.flatMap((part) => describe(part, name));
      if (this.#isSecret(describing, depth) || this.#holdsSecretItem(member, describing, depth)) {
        this.withheld.push(where);
        if (this.#mask !== undefined) kept.push([name, this.#mask]);
      } else kept.push([name, this.#value(member, describing, where, depth + 1)]);
    }
    return Object.fromEntries(kept);
  }

  #value(value: unknown, schemas: readonly unknown[], path: string, depth: number): unknown {
    if (typeof value !== 'object' || value === null || isExactNumber(value)) return value;
    if (!this.budget.take(depth)) return undefined;
    if (!Array.isArray(value))
      return this.object(value as Readonly<Record<string, unknown>>, schemas, path, depth);
    const parts = this.spread(schemas, depth);
    return value.map((item, index) =>
      this.#value(item, itemSchemas(parts, index), `${path}/${index}`, depth + 1),
    );
  }

  /** An item cannot be taken out of its list: then the list goes. */
  #holdsSecretItem(value: unknown, schemas: readonly unknown[], depth: number): boolean {
    if (!Array.isArray(value)) return false;
    const parts = this.spread(schemas, depth);
    return value.some((item, index) => {
      const items = itemSchemas(parts, index);
      return (
        this.budget.take(depth) &&
        (this.#isSecret(items, depth) || this.#holdsSecretItem(item, items, depth + 1))
      );
    });
  }

  /** Whether a value that these schemas describe, or an item of it, is secret. */
  mayBeSecret(schemas: readonly unknown[]): boolean {
    const parts = this.spread(schemas, 0);
    return parts.some(saysSecret) || this.#isSecret(parts.flatMap(anyItem), 0);
  }

  #isSecret(schemas: readonly unknown[], depth: number): boolean {
    return this.spread(schemas, depth).some(saysSecret);
  }

  /** The schemas, with all that they refer to or are made of. */
  spread(schemas: readonly unknown[], depth: number): SchemaObject[] {
    const parts = new Set<SchemaObject>();
    const pending = [...schemas];
    while (pending.length > 0) {
      const part = pending.pop();
      if (!isSchemaObject(part) || parts.has(part)) continue;
      if (!this.budget.take(depth)) break;
      parts.add(part);
      if ('$ref' in part) pending.push(resolveLocal(part.$ref, this.#root));
      for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
        const forms = part[keyword];
        if (Array.isArray(forms)) pending.push(...forms.slice(0, 1_000));
      }
      for (const keyword of ['if', 'then', 'else']) pending.push(part[keyword]);
      for (const keyword of ['dependentSchemas', 'dependencies'])
        if (isSchemaObject(part[keyword])) pending.push(...Object.values(part[keyword]).slice(0, 1_000));
    }
    return [...parts];
  }
}

/** The schemas of a member. A pattern that is more than letters counts for each name: a server can write one that takes years. */
function describe(part: SchemaObject, name: string): unknown[] {
  const { properties } = part;
  const patterns = part['patternProperties'];
  const matching = isSchemaObject(patterns)
    ? Object.entries(patterns).flatMap(([pattern, schema]) => (mayMatch(pattern, name) ? [schema] : []))
    : [];
  return isSchemaObject(properties) && Object.hasOwn(properties, name)
    ? [properties[name], ...matching]
    : [part.additionalProperties, part['unevaluatedProperties'], ...matching];
}

function mayMatch(pattern: string, name: string): boolean {
  const [, start, letters = '', end] = /^(\^?)([\w-]*)(\$?)$/.exec(pattern) ?? [];
  if (start === undefined) return true;
  if (start === '^' && end === '$') return name === letters;
  if (start === '^') return name.startsWith(letters);
  return end === '$' ? name.endsWith(letters) : name.includes(letters);
}

/** The schemas of a list's items, wherever they stand. */
function anyItem(part: SchemaObject): unknown[] {
  const items = [part.items, part.prefixItems].flatMap((one) =>
    Array.isArray(one) ? one.slice(0, 1_000) : one,
  );
  return [...items, part['additionalItems'], part['contains'], part['unevaluatedItems']];
}

function itemSchemas(parts: readonly SchemaObject[], index: number): unknown[] {
  return parts.flatMap((part) => [
    ...[part.items, part.prefixItems].map((items) => (Array.isArray(items) ? items[index] : items)),
    part['additionalItems'],
    part['contains'],
    part['unevaluatedItems'],
  ]);
}
