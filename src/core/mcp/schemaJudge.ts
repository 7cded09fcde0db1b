import { type Schema, Validator } from '@cfworker/json-schema';
import { isObject } from '../jsonrpc/message.ts';
import { schemaFault } from './schemaFault.ts';
import { type SchemaViolation, wordsOf } from './schemaWords.ts';

/** What checking a value against a schema came to. What could not be checked is not wrong: nothing is known of it. */
export type SchemaOutcome =
  | ({ readonly kind: 'fits' } & SchemaNotes)
  /** At least one. */
  | ({ readonly kind: 'violations'; readonly violations: readonly SchemaViolation[] } & SchemaNotes)
  /** The schema, its dialect or the time for it is at fault, never the value. `reason` completes "not checked: …". */
  | { readonly kind: 'unchecked'; readonly reason: string };

interface SchemaNotes {
  /** What the value is only unlike: `format` describes, and does not require. Absent where there is nothing. */
  readonly notes?: readonly SchemaViolation[];
}

/**
 * Judges a value by the keywords of a schema, for as long as that takes: only `toolSchema` calls it on the main thread,
 * where it knows that this is no time at all. Everything else is judged in `schemaWorker`, which can be stopped.
 */
export function judge(schema: object, value: unknown): SchemaOutcome {
  const $schema = isObject(schema) ? schema['$schema'] : undefined;
  const draft = draftOf($schema);
  if (draft === undefined)
    return {
      kind: 'unchecked',
      reason: `the dialect ${String($schema).slice(0, 200)} is not supported; 2020-12, 2019-09, draft-07 and draft-04 are`,
    };
  try {
    const { valid, errors } = new Validator(schema as Schema, draft, false).validate(value);
    if (valid) return { kind: 'fits' };
    const { violations, notes, fault } = wordsOf(errors, schema, value);
    const unlike = notes.length > 0 ? { notes } : {};
    if (violations.length > 0) return { kind: 'violations', violations, ...unlike };
    return fault === undefined ? { kind: 'fits', ...unlike } : { kind: 'unchecked', reason: fault };
  } catch (error) {
    return { kind: 'unchecked', reason: schemaFault(error, schema) };
  }
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
