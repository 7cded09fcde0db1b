import { type Bounds, exceeds } from '../budget.ts';
import { plainValue, stringifyExact } from '../jsonrpc/exactJson.ts';
import { isObject } from '../jsonrpc/message.ts';
import { type Clock, systemClock } from '../metrics/clock.ts';
import { judge, type SchemaOutcome } from './schemaJudge.ts';
import { SchemaThread, type ThreadOutcome } from './schemaThread.ts';

/** Bounds on a schema that a server sends: checking against it takes time that grows with it. */
const SCHEMA_BOUNDS = { values: 10_000, depth: 64, characters: 4 * 1024 * 1024 } as const;
/** Of what is copied to the thread that checks. */
const VALUE_BOUNDS = { values: 100_000, depth: 512, characters: 16 * 1024 * 1024 } as const;
/** Of a value that is checked at once, where the schema is plain. */
const SMALL_BOUNDS = { values: 1_000, depth: 64, characters: 1024 * 1024 } as const;

/** Checks in a row by one schema that take all their time, before it rests. */
const MAX_COSTLY = 3;
/** Milliseconds of a rest; then one more check may take as much. */
const REST = 60_000;

const thread = new SchemaThread();
/** Schemas by which the last check took too long. A list that is loaded again has other ones. */
const costly = new WeakMap<object, Costly>();

interface Costly {
  readonly outcome: SchemaOutcome;
  readonly inRow: number;
  /** Until then the schema rests, where it was too often. */
  readonly until: number;
}

/**
 * Checks a value against a tool's schema: JSON Schema 2020-12, or draft-07, draft-04 and 2019-09 where `$schema`
 * says so (2026-07-28, basic, JSON Schema Usage). The schema is interpreted, never compiled to code, and a `$ref`
 * to the network is never fetched.
 *
 * A server can write a schema that takes years to check. So only plain ones are checked at once; every other is checked
 * in a thread of its own, within a time. Where that is up, this value is unchecked, and the next one is tried again; after
 * three in a row the schema rests for a minute. It never rejects.
 *
 * @param schema the object as it was listed: what it took is remembered for this object
 */
export async function checkSchema(
  schema: unknown,
  value: unknown,
  clock: Clock = systemClock,
): Promise<SchemaOutcome> {
  if (schema === true || schema === undefined) return { kind: 'fits' };
  if (typeof schema !== 'object' || schema === null) return unchecked('the schema is not an object');
  const known = resting(schema, clock);
  if (known !== undefined) return known;
  const large = tooLarge('schema', schema, SCHEMA_BOUNDS);
  if (large !== undefined) return large;
  const isSmall = exceeds(value, SMALL_BOUNDS) === undefined;
  if (isSmall && isPlain(schema)) return judge(schema, plainValue(value));
  // Each look at a large value takes about as long as parsing it did: it has a turn of the event loop of its own.
  if (!isSmall) await nextTurn(clock);
  const tooMuch = tooLarge('value', value, VALUE_BOUNDS);
  if (tooMuch !== undefined) return tooMuch;
  if (!isSmall) await nextTurn(clock);
  const found = await thread.check(schema, stringifyExact(value), clock, {
    known: () => resting(schema, clock),
    found: (outcome) => remember(schema, outcome, clock),
  });
  return found.kind === 'answered' ? found.outcome : unchecked(found.reason);
}

const unchecked = (reason: string) => ({ kind: 'unchecked', reason }) as const;

function remember(schema: object, found: ThreadOutcome, clock: Clock): void {
  if (found.kind === 'answered') costly.delete(schema);
  if (found.kind !== 'too-costly') return;
  const inRow = (costly.get(schema)?.inRow ?? 0) + 1;
  costly.set(schema, { outcome: unchecked(found.reason), inRow, until: clock.now() + REST });
}

/** What the last check by a schema came to, while it rests. */
function resting(schema: object, clock: Clock): SchemaOutcome | undefined {
  const last = costly.get(schema);
  return last === undefined || last.inRow < MAX_COSTLY || clock.now() >= last.until
    ? undefined
    : last.outcome;
}

function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.schedule(0, resolve));
}

function tooLarge(what: 'schema' | 'value', value: unknown, bounds: Required<Omit<Bounds, 'ms'>>) {
  const reason = reasonOf(what, exceeds(value, bounds), bounds);
  return reason === undefined ? undefined : unchecked(reason);
}

function reasonOf(
  what: string,
  exceeded: keyof Bounds | undefined,
  { values, depth, characters }: Required<Omit<Bounds, 'ms'>>,
): string | undefined {
  switch (exceeded) {
    case 'values':
      return `the ${what} has more than ${values} parts`;
    case 'depth':
      return `the ${what} is nested deeper than ${depth}`;
    case 'characters':
      return `the ${what} has more than ${characters} characters`;
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

/** Whether checking takes no longer than reading the value did. */
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
