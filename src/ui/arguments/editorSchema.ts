import { Budget, walk } from '../../core/budget.ts';
import { resolveLocal } from './localReference.ts';
import { paragraphsOf } from './paragraphs.ts';
import { isSchemaObject, mayBeRounded, type SchemaObject } from './schemaObject.ts';

/** Bounds of the schema for the editor, which checks the document at each key, in a process that serves the whole window. */
const MOST = { values: 20_000, depth: 64, characters: 500_000 } as const;
const LONGEST_TEXT = 4_000;
/** How often a type that refers to itself is laid out within itself: as often as there is room for. */
const ROUNDS = [3, 1] as const;

/** What the value of a keyword is; a keyword that is not listed here is not handed on. */
type Kind =
  | 'text'
  | 'number'
  | 'limit'
  | 'flag'
  | 'names'
  | 'type'
  | 'data'
  | 'schema'
  | 'schemas'
  | 'map'
  | 'name-map';

/**
 * The keywords that the editor gets. Not among them: what leads away (`$id`, `$schema`, `$anchor`), what runs a server's regular
 * expression in the editor's process (`pattern`, `patternProperties`), what draws Markdown or inserts snippets (VS Code's own
 * extensions of JSON Schema), and `format`, which has one judge: ours.
 */
const KEYWORDS: ReadonlyMap<string, Kind> = new Map([
  ['title', 'text'],
  ['description', 'text'],
  ['default', 'data'],
  ['examples', 'data'],
  ['deprecated', 'flag'],
  ['type', 'type'],
  ['const', 'data'],
  ['enum', 'data'],
  ['minimum', 'number'],
  ['maximum', 'number'],
  ['exclusiveMinimum', 'limit'],
  ['exclusiveMaximum', 'limit'],
  ['multipleOf', 'number'],
  ['minLength', 'number'],
  ['maxLength', 'number'],
  ['minItems', 'number'],
  ['maxItems', 'number'],
  ['uniqueItems', 'flag'],
  ['minContains', 'number'],
  ['maxContains', 'number'],
  ['minProperties', 'number'],
  ['maxProperties', 'number'],
  ['required', 'names'],
  ['dependentRequired', 'name-map'],
  ['properties', 'map'],
  ['dependentSchemas', 'map'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['items', 'schema'],
  ['contains', 'schema'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['prefixItems', 'schemas'],
  ['allOf', 'schemas'],
  ['anyOf', 'schemas'],
  ['oneOf', 'schemas'],
]);
const ANNOTATIONS = ['title', 'description', 'default', 'examples', 'deprecated'];
/** Left out, they make a schema allow more than it did. */
const JUDGES: ReadonlySet<string> = new Set([
  ...[...KEYWORDS.keys()].filter((keyword) => !ANNOTATIONS.includes(keyword)),
  'pattern',
  'patternProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$recursiveRef',
]);
/** Of these a schema applies to the very value that the keyword stands for. */
const IN_PLACE: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  'dependentSchemas',
]);

/** A part of a schema as the editor gets it. */
interface Piece {
  readonly schema: SchemaObject | boolean;
  /** It allows what the server's allows, and not more. */
  readonly isExact: boolean;
}
const ANYTHING: Piece = { schema: true, isExact: false };

/**
 * A tool's input schema as the editor may have it: it describes the same arguments, allows the `$schema` member that ties the
 * document to it, refers to nothing, and is bounded. What is left out of it is judged by ours when the document is called.
 * @param about the tool's description, for the hover
 */
export function editorSchema(inputSchema: SchemaObject, about?: string): Record<string, unknown> {
  let schema: SchemaObject = {};
  for (const rounds of ROUNDS) {
    const writer = new Writer(inputSchema, rounds);
    schema = writer.root();
    if (!writer.isCut) break;
  }
  const description = about === undefined ? schema.description : paragraphsOf(about, LONGEST_TEXT);
  const tie = { type: 'string', doNotSuggest: true, ...(description === undefined ? {} : { description }) };
  return {
    ...schema,
    ...(description === undefined ? {} : { description }),
    properties: { ...(isSchemaObject(schema.properties) ? schema.properties : {}), $schema: tie },
  };
}

class Writer {
  readonly #root: SchemaObject;
  readonly #rounds: number;
  readonly #budget = new Budget(MOST);
  /** Before 2019-09 keywords beside a `$ref` had no effect. */
  readonly #isOld: boolean;

  constructor(root: SchemaObject, rounds: number) {
    this.#root = root;
    this.#rounds = rounds;
    this.#isOld = /draft-0[3-7]/.test(String(root['$schema']).slice(0, 200));
  }

  get isCut(): boolean {
    return this.#budget.exceeded !== undefined;
  }

  root(): SchemaObject {
    const { schema } = this.#piece(this.#root, 0, [], true);
    return isSchemaObject(schema) ? schema : {};
  }

  /**
   * @param around the schemas that this one lies in
   * @param isTied it applies to the root of the document, where `$schema` stands
   */
  #piece(schema: unknown, depth: number, around: readonly unknown[], isTied: boolean): Piece {
    if (typeof schema === 'boolean') return { schema, isExact: true };
    if (!isSchemaObject(schema) || !this.#budget.take(depth)) return ANYTHING;
    if (around.filter((one) => one === schema).length >= this.#rounds) return ANYTHING;
    const within = [...around, schema];
    const made = new Map<string, unknown>();
    let isExact = true;
    const isAlone = this.#isOld && '$ref' in schema;
    for (const [keyword, value] of normalized(schema)) {
      if (isAlone && JUDGES.has(keyword)) continue;
      const kind = KEYWORDS.get(keyword);
      const isHere = isTied && IN_PLACE.has(keyword);
      const written =
        kind && this.#budget.take(depth) ? this.#value(kind, value, depth + 1, within, isHere) : undefined;
      if (written !== undefined) made.set(keyword, written.value);
      if (JUDGES.has(keyword) && written?.isExact !== true) {
        isExact = false;
        weaken(made, keyword);
      }
    }
    if ('patternProperties' in schema) made.delete('additionalProperties');
    if (isTied && allowsMoreForTie(made)) isExact = false;
    if ('$ref' in schema) {
      const target = this.#piece(resolveLocal(schema.$ref, this.#root), depth + 1, within, isTied);
      isExact &&= target.isExact;
      const isOnlyNamed = [...made.keys()].every((keyword) => !JUDGES.has(keyword));
      if (isOnlyNamed && isSchemaObject(target.schema))
        return { schema: { ...target.schema, ...Object.fromEntries(made) }, isExact };
      const others = made.get('allOf');
      made.set('allOf', [...(Array.isArray(others) ? others : []), target.schema]);
    }
    return { schema: Object.fromEntries(made), isExact };
  }

  /** Undefined where the keyword cannot have this value, or there is no room for it. */
  #value(
    kind: Kind,
    value: unknown,
    depth: number,
    around: readonly unknown[],
    isTied: boolean,
  ): { readonly value: unknown; readonly isExact: boolean } | undefined {
    const exact = (isIt: boolean, is: unknown = value) => (isIt ? { value: is, isExact: true } : undefined);
    switch (kind) {
      case 'text': {
        if (typeof value !== 'string') return undefined;
        const text = paragraphsOf(value, LONGEST_TEXT);
        return exact(this.#budget.write(text.length), text);
      }
      case 'number':
        return exact(typeof value === 'number');
      case 'limit':
        return exact(typeof value === 'number' || typeof value === 'boolean');
      case 'flag':
        return exact(typeof value === 'boolean');
      case 'type':
        return exact(typeof value === 'string' || (isTexts(value) && value.length <= 16));
      case 'names':
        return exact(isTexts(value) && walk(value, this.#budget) === undefined);
      case 'data':
        // The editor would offer it.
        return exact(walk(value, this.#budget) === undefined && !mayBeRounded(value));
      case 'name-map':
        return exact(
          isSchemaObject(value) &&
            Object.values(value).every(isTexts) &&
            walk(value, this.#budget) === undefined,
        );
      case 'schema': {
        const { schema, isExact } = this.#piece(value, depth, around, isTied);
        return { value: schema, isExact };
      }
      case 'schemas': {
        if (!Array.isArray(value)) return undefined;
        const pieces = value.map((one) => this.#piece(one, depth, around, isTied));
        return { value: pieces.map(({ schema }) => schema), isExact: pieces.every(({ isExact }) => isExact) };
      }
      case 'map': {
        if (!isSchemaObject(value)) return undefined;
        const pieces: [string, Piece][] = [];
        // Not `Object.entries`, which copies all of what may be cut after the first part.
        for (const name in value) {
          if (!this.#budget.write(name.length)) break;
          pieces.push([name, this.#piece(value[name], depth, around, isTied)]);
        }
        return {
          value: Object.fromEntries(pieces.map(([name, { schema }]) => [name, schema])),
          isExact: !this.isCut && pieces.every(([, { isExact }]) => isExact),
        };
      }
    }
  }
}

/** In the words of 2020-12. */
function normalized(schema: SchemaObject): [string, unknown][] {
  const entries = Object.entries(schema);
  const isTuple = Array.isArray(schema.items);
  return entries.flatMap(([keyword, value]): [string, unknown][] => {
    if (keyword === 'items' && isTuple) return [['prefixItems', value]];
    if (keyword === 'additionalItems') return isTuple ? [['items', value]] : [];
    if (keyword !== 'dependencies' || !isSchemaObject(value)) return [[keyword, value]];
    const all = Object.entries(value);
    return [
      ['dependentRequired', Object.fromEntries(all.filter(([, one]) => Array.isArray(one)))],
      ['dependentSchemas', Object.fromEntries(all.filter(([, one]) => !Array.isArray(one)))],
    ];
  });
}

/** The keyword could not be copied whole. It is left out where allowing more below it would forbid something above it. */
function weaken(made: Map<string, unknown>, keyword: string): void {
  switch (keyword) {
    case 'not':
      made.delete('not');
      break;
    case 'contains':
      for (const one of ['contains', 'minContains', 'maxContains']) made.delete(one);
      break;
    case 'oneOf': {
      const branches = made.get('oneOf');
      made.delete('oneOf');
      if (Array.isArray(branches) && !made.has('anyOf')) made.set('anyOf', branches);
      break;
    }
    case 'if':
      for (const one of ['if', 'then', 'else']) made.delete(one);
      break;
  }
}

/**
 * The member `$schema` is the document's and not the tool's: where it stands, it breaks no rule.
 * @returns whether a rule had to go for it
 */
function allowsMoreForTie(made: Map<string, unknown>): boolean {
  const gone = ['propertyNames', 'minProperties', 'maxProperties'].filter((keyword) => made.delete(keyword));
  if (made.has('additionalProperties')) {
    const properties = made.get('properties');
    made.set('properties', { $schema: true, ...(isSchemaObject(properties) ? properties : {}) });
  }
  return gone.length > 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
