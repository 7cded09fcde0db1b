import { Validator } from '@cfworker/json-schema';
import { plainValue } from '../jsonrpc/exactJson.ts';
import { isObject } from '../jsonrpc/message.ts';
import { within } from './timeBudget.ts';

export interface SchemaViolation {
  /** JSON Pointer into the value; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** Bounds on a schema that a server sends: checking against it takes time that grows with it. */
const MAX_SUBSCHEMAS = 10_000;
const MAX_DEPTH = 64;
/** Milliseconds. */
const MAX_TIME = 250;
/** Violations that are told; more do not help anybody. */
const MAX_VIOLATIONS = 20;

/**
 * Checks a value against a tool's schema: JSON Schema 2020-12, or draft-07, draft-04 and 2019-09 where `$schema`
 * says so (2026-07-28, basic, JSON Schema Usage). The schema is interpreted, never compiled to code, and a `$ref`
 * to the network is never fetched: a schema that needs one is told as a violation of its own, and so is one that takes
 * too long.
 */
export function validateArguments(schema: unknown, given: unknown): readonly SchemaViolation[] {
  if (schema === true || schema === undefined) return [];
  if (typeof schema !== 'object' || schema === null)
    return [{ path: '', message: 'the schema is not an object' }];
  const problem = tooBig(schema);
  if (problem !== undefined) return [{ path: '', message: `not checked: the schema ${problem}` }];
  const draft = draftOf((schema as Record<string, unknown>)['$schema']);
  if (draft === undefined)
    return [
      {
        path: '',
        message: `not checked: the dialect ${String((schema as Record<string, unknown>)['$schema'])} is not supported; 2020-12, 2019-09, draft-07 and draft-04 are`,
      },
    ];
  try {
    const value = plainValue(given);
    const check = () => new Validator(schema, draft, false).validate(value);
    const { errors } = isPlain(schema) && isSmall(value) ? check() : within(MAX_TIME, check);
    // The last ones are the leaves: what is wrong, and not that something below is.
    const leaves = errors.filter(({ keyword }) => !APPLICATORS.has(keyword));
    return (leaves.length > 0 ? leaves : errors)
      .slice(0, MAX_VIOLATIONS)
      .map(({ instanceLocation, keyword, error }) => ({
        path: instanceLocation.replace(/^#/, ''),
        message: inPlainWords(keyword, error),
      }));
  } catch (error) {
    return [{ path: '', message: `not checked: ${(error as Error).message}` }];
  }
}

const APPLICATORS = new Set([
  'properties',
  'items',
  'prefixItems',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'then',
  'else',
  '$ref',
  'additionalProperties',
  'patternProperties',
  'dependentSchemas',
]);

/** The checker speaks of instances and subschemas to people who wrote a value. */
function inPlainWords(keyword: string, error: string): string {
  if (keyword === 'false') return 'it is not allowed here';
  const type = /^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/.exec(error);
  if (type !== null)
    return `it is of type ${type[1]}, and must be of type ${type[2]?.replaceAll('", "', ' or ')}`;
  return error
    .replace(/^Instance does not have required property "(.*)"\.$/, 'it lacks the required member "$1"')
    .replace(/^Instance does not match any of (.*)\.$/, 'it must be one of $1')
    .replace(/^Instance does not match /, 'it does not match ')
    .replace(/^Instance /, 'it ')
    .replace(/\.$/, '');
}

function draftOf($schema: unknown) {
  if ($schema === undefined) return '2020-12' as const;
  const name = /draft[-/](04|07|2019-09|2020-12)/.exec(String($schema))?.[1];
  switch (name) {
    case '04':
      return '4' as const;
    case '07':
      return '7' as const;
    case '2019-09':
    case '2020-12':
      return name;
    default:
      return undefined;
  }
}

/** Keywords that look at each part of a value once, in time that does not depend on what a server chose. */
const PLAIN_KEYWORDS = new Set([
  '$schema',
  'additionalProperties',
  'const',
  'default',
  'description',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'items',
  'maxItems',
  'maxLength',
  'maximum',
  'minItems',
  'minLength',
  'minimum',
  'properties',
  'required',
  'title',
  'type',
]);
/** Members of an `enum`, a `required` or `properties`, each of which is looked for in every value. */
const MAX_PLAIN = 64;
/** Parts of a value that is checked without a look at the clock. */
const MAX_SMALL = 1_000;

/** Whether checking takes no longer than reading the value did; anything else is checked against the clock. */
function isPlain(schema: unknown): boolean {
  if (!isObject(schema)) return typeof schema === 'boolean';
  return Object.entries(schema).every(([keyword, value]) => {
    if (keyword === 'properties') {
      const parts = isObject(value) ? Object.values(value) : undefined;
      return parts !== undefined && parts.length <= MAX_PLAIN && parts.every(isPlain);
    }
    if (keyword === 'items' || keyword === 'additionalProperties') return isPlain(value);
    return PLAIN_KEYWORDS.has(keyword) && !(Array.isArray(value) && value.length > MAX_PLAIN);
  });
}

function isSmall(value: unknown): boolean {
  let left = MAX_SMALL;
  const pending = [value];
  while (pending.length > 0) {
    const at = pending.pop();
    if (typeof at !== 'object' || at === null) continue;
    const parts = Array.isArray(at) ? at : Object.values(at);
    left -= parts.length;
    if (left < 0) return false;
    pending.push(...parts);
  }
  return true;
}

function tooBig(schema: object): string | undefined {
  let count = 0;
  const pending: [object, number][] = [[schema, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [at, depth] = next;
    if (++count > MAX_SUBSCHEMAS) return `has more than ${MAX_SUBSCHEMAS} parts`;
    if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH}`;
    for (const value of Object.values(at))
      if (typeof value === 'object' && value !== null) pending.push([value, depth + 1]);
  }
  return undefined;
}
