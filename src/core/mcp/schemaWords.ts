import type { OutputUnit } from '@cfworker/json-schema';

/** One place in which a value does not fit its schema. */
export interface SchemaViolation {
  /** JSON Pointer into the value; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** Violations that are told; more do not help anybody. */
const MAX_VIOLATIONS = 20;

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

/**
 * What the checker found, in words for the person who wrote the value. It runs where the checker runs, within the same
 * time, so it may look at all of `errors`.
 */
export function wordsOf(errors: readonly OutputUnit[]): readonly SchemaViolation[] {
  // The last ones are the leaves: what is wrong, and not that something below is.
  const leaves = errors.filter(({ keyword }) => !APPLICATORS.has(keyword));
  return (leaves.length > 0 ? leaves : errors)
    .slice(0, MAX_VIOLATIONS)
    .map(({ instanceLocation, keyword, error }) => ({
      path: instanceLocation.replace(/^#/, ''),
      message: inPlainWords(keyword, error),
    }));
}

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
