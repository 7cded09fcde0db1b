import { assertNever, capitalized, sentence } from '../../core/errors.ts';
import { exactNumber, numberText } from '../../core/jsonrpc/exactJson.ts';
import { excerpt } from '../../core/jsonrpc/excerpt.ts';
import type { SchemaOutcome } from '../../core/mcp/schemaJudge.ts';
import type { SchemaViolation } from '../../core/mcp/schemaWords.ts';
import type { ArgumentField, ListField, NumberField, TextField } from './argumentField.ts';
import { readList, writeList } from './listText.ts';

/** A question that is answered in a line of text. */
export type TypedField = TextField | NumberField | ListField;

/** What a line that holds nothing means for a question. */
export type Nothing = 'left out' | 'empty' | 'null' | 'missing';

/** What a text typed for a field means. A note does not keep the user from going on. */
export type FieldReading =
  | { readonly kind: 'value'; readonly value: unknown; readonly note?: FieldNote }
  | { readonly kind: 'skip' }
  | { readonly kind: 'invalid'; readonly message: string };

export interface FieldNote {
  readonly severity: 'info' | 'warning';
  readonly text: string;
}

/** Judges a value by a tool's schema: `checkSchema` of core/. */
export type Judge = (schema: object, value: unknown) => Promise<SchemaOutcome>;

/**
 * What the user may mean by nothing, the most likely first. An answer that was given before counts: nothing means it again.
 * @param given the answer so far; undefined where there is none
 */
export function meaningsOf(field: TypedField, given: unknown): readonly [Nothing, ...Nothing[]] {
  const possible: Nothing[] = [];
  if (given === null) possible.push('null');
  else if (isEmpty(given)) possible.push('empty');
  if (!field.required) possible.push('left out');
  if (field.nullable) possible.push('null');
  if (field.kind === 'text' && (field.minLength ?? 0) <= 0) possible.push('empty');
  if (field.kind === 'list' && (field.minItems ?? 0) <= 0) possible.push('empty');
  const [first, ...others] = [...new Set(possible)];
  return first === undefined ? ['missing'] : [first, ...others];
}

/**
 * Reads what was typed for `field`. Whether it fits is judged by the tool's schema, as the whole of the arguments is.
 * @param nothing what an empty text means
 */
export async function readField(
  field: TypedField,
  text: string,
  judge: Judge,
  nothing: Nothing = meaningsOf(field, undefined)[0],
): Promise<FieldReading> {
  const reading = text === '' ? readNothing(field, nothing) : parse(field, text);
  return reading.kind === 'value' ? judged(field, reading, judge) : reading;
}

/** Whether the question for `field` can show this answer as it is, and give it back unchanged. */
export function canShow(field: ArgumentField, value: unknown): boolean {
  switch (field.kind) {
    case 'text':
      return isLine(value) || (value === null && field.nullable);
    case 'number':
      return numberText(value) !== undefined || (value === null && field.nullable);
    case 'list':
      return Array.isArray(value)
        ? value.every((one) =>
            field.items === 'text' ? typeof one === 'string' : numberText(one) !== undefined,
          )
        : value === null && field.nullable;
    case 'choice':
      return field.choices.some((choice) => choice.value === value);
    case 'choices':
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((one) => field.choices.some((choice) => choice.value === one))
      );
    default:
      return assertNever(field);
  }
}

/** An answer as the question shows it, to be typed on. */
export function fieldText(field: TypedField, value: unknown): string {
  if (value === null || value === undefined || !canShow(field, value)) return '';
  if (field.kind !== 'list') return numberText(value) ?? String(value);
  const values = value as readonly unknown[];
  return field.items === 'text' ? writeList(values as readonly string[]) : values.map(numberText).join(', ');
}

/** What Enter does while nothing is typed. */
export function nothingText(field: TypedField, nothing: Nothing): string {
  switch (nothing) {
    case 'left out':
      return 'Optional: leave empty to skip.';
    case 'null':
      return 'Enter sends null.';
    case 'empty':
      return field.kind === 'list' ? 'Enter sends an empty list.' : 'Enter sends an empty text.';
    case 'missing':
      return '';
    default:
      return assertNever(nothing);
  }
}

function readNothing(field: TypedField, nothing: Nothing): FieldReading {
  switch (nothing) {
    case 'left out':
      return { kind: 'skip' };
    case 'null':
      return { kind: 'value', value: null };
    case 'empty':
      return { kind: 'value', value: field.kind === 'list' ? [] : '' };
    case 'missing':
      return invalid(`Required: ${field.kind === 'text' ? lengthRule(field) : ruleOf(field)}.`);
    default:
      return assertNever(nothing);
  }
}

function parse(field: TypedField, text: string): FieldReading {
  if (field.kind === 'text') return { kind: 'value', value: text };
  if (field.kind === 'number') {
    const value = parseNumber(text);
    return value === undefined ? invalid(`Expected ${ruleOf(field)}.`) : { kind: 'value', value };
  }
  const list = readList(text);
  // A text that is hidden while it is typed is not repeated in the note either.
  const rule = `Expected ${ruleOf(field)}`;
  if (list.kind === 'invalid')
    return invalid(field.isSecret ? `${rule}.` : sentence(list.message.slice(0, 200)));
  const values =
    field.items === 'text'
      ? list.values
      : list.values.map((one) => (typeof one === 'string' ? parseNumber(one) : one));
  const wrong = values.indexOf(undefined);
  if (wrong >= 0)
    return invalid(field.isSecret ? `${rule}.` : `${rule}, found ${excerpt(list.values[wrong], 60)}.`);
  if (field.isSecret) return { kind: 'value', value: values };
  return {
    kind: 'value',
    value: values,
    note: { severity: 'info', text: `Enter sends ${excerpt(values)}` },
  };
}

/** A number as it was typed; undefined where the text is not a number. */
function parseNumber(text: string): unknown {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) || !Number.isFinite(value)) return undefined;
  try {
    return exactNumber(trimmed);
  } catch {
    // `+1`, `.5` and `007` are numbers for people, but not in JSON.
    return value;
  }
}

async function judged(
  field: TypedField,
  reading: FieldReading & { kind: 'value' },
  judge: Judge,
): Promise<FieldReading> {
  const outcome = await judge(field.of, { [field.name]: reading.value });
  // The server decides about what we cannot judge.
  if (outcome.kind === 'unchecked')
    return { ...reading, note: { severity: 'info', text: sentence(`Not checked: ${outcome.reason}`) } };
  const place = `/${field.name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const here = (all: readonly SchemaViolation[] = []): SchemaViolation | undefined =>
    all.find(({ path }) => path === place || path.startsWith(`${place}/`));
  const wrong = outcome.kind === 'violations' ? here(outcome.violations) : undefined;
  if (wrong !== undefined) {
    const where = wrong.path === place ? '' : `${wrong.path.slice(place.length + 1)}: `;
    const isRule = field.kind === 'number' || (field.kind === 'list' && field.isSecret);
    return invalid(isRule ? `Expected ${ruleOf(field)}.` : sentence(capitalized(where + wrong.message)));
  }
  const note = here(outcome.notes);
  return note === undefined
    ? reading
    : { ...reading, note: { severity: 'warning', text: sentence(capitalized(note.message)) } };
}

/** What is expected, in words. */
export function ruleOf(field: TypedField): string {
  switch (field.kind) {
    case 'number':
      return numberRule(field);
    case 'list':
      return field.items === 'text'
        ? 'texts, with commas between them'
        : field.items === 'integer'
          ? 'whole numbers, with commas between them'
          : 'numbers, with commas between them';
    case 'text': {
      const hasRule = field.minLength !== undefined || field.maxLength !== undefined;
      return [field.format ?? 'text', ...(hasRule ? [lengthRule(field)] : [])].join(', ');
    }
    default:
      return assertNever(field);
  }
}

/** The rule of a number in words, for example `a whole number from 1 to 10`. */
export function numberRule(field: NumberField): string {
  const rules = [field.integer ? 'a whole number' : 'a number'];
  const { multipleOf } = field;
  const [minimum, maximum, exclusiveMinimum, exclusiveMaximum] = [
    field.minimum,
    field.maximum,
    field.exclusiveMinimum,
    field.exclusiveMaximum,
  ].map((bound) => (bound === undefined || isNoBound(bound) ? undefined : bound));
  if (minimum !== undefined && maximum !== undefined) rules.push(`from ${minimum} to ${maximum}`);
  else if (minimum !== undefined) rules.push(`of at least ${minimum}`);
  else if (maximum !== undefined) rules.push(`of at most ${maximum}`);
  if (exclusiveMinimum !== undefined) rules.push(`above ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) rules.push(`below ${exclusiveMaximum}`);
  if (multipleOf !== undefined && multipleOf !== 1) rules.push(`that is a multiple of ${multipleOf}`);
  return rules.join(' ');
}

/** Some libraries write the ends of the safe integers into every integer that has no other bound. */
function isNoBound(bound: number): boolean {
  return Math.abs(bound) >= Number.MAX_SAFE_INTEGER;
}

/** The rule of a text's length in words, for example `2 to 10 characters`. */
export function lengthRule({ minLength = 0, maxLength }: TextField): string {
  if (maxLength === undefined) return `at least ${characters(minLength)}`;
  if (minLength === maxLength) return characters(maxLength);
  return minLength === 0 ? `at most ${characters(maxLength)}` : `${minLength} to ${characters(maxLength)}`;
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

/** A text of one line, as an input box can hold it. */
function isLine(value: unknown): boolean {
  return typeof value === 'string' && !/[\p{Cc}\u2028\u2029]/u.test(value);
}

export function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function invalid(message: string): FieldReading {
  return { kind: 'invalid', message };
}
