import type { NumberField, TextField } from './argumentField.ts';
import { matchesPattern } from './pattern.ts';

/** What a text typed for a field means. A note does not keep the user from going on. */
export type FieldReading =
  | { readonly kind: 'value'; readonly value: string | number | null; readonly note?: FieldNote }
  | { readonly kind: 'skip' }
  | { readonly kind: 'invalid'; readonly message: string };

export interface FieldNote {
  readonly severity: 'info' | 'warning';
  readonly text: string;
}

/** Reads what was typed for `field`. */
export function readField(field: TextField | NumberField, text: string): FieldReading {
  if (text === '') return readNothing(field);
  return field.kind === 'text' ? readText(field, text) : readNumber(field, text);
}

function readNothing(field: TextField | NumberField): FieldReading {
  if (!field.required) return { kind: 'skip' };
  if (field.nullable) {
    return { kind: 'value', value: null, note: { severity: 'info', text: 'Enter sends null.' } };
  }
  if (field.kind === 'number') return invalid(`Required: ${numberRule(field)}.`);
  if ((field.minLength ?? 0) > 0) return invalid(`Required: ${lengthRule(field)}.`);
  return { kind: 'value', value: '', note: { severity: 'info', text: 'Enter sends an empty text.' } };
}

function readText(field: TextField, text: string): FieldReading {
  // JSON Schema counts characters, not UTF-16 units.
  const length = [...text].length;
  if (length < (field.minLength ?? 0) || length > (field.maxLength ?? Number.POSITIVE_INFINITY)) {
    return invalid(`Expected ${lengthRule(field)}, found ${length}.`);
  }
  if (field.pattern !== undefined && matchesPattern(field.pattern, text) === false) {
    return invalid(`Expected a text that matches ${field.pattern}`);
  }
  if (field.format !== undefined && !fitsFormat(field.format, text)) {
    // `format` is an annotation: the server may take what does not fit.
    return {
      kind: 'value',
      value: text,
      note: { severity: 'warning', text: `This does not look like the format ${field.format}.` },
    };
  }
  return { kind: 'value', value: text };
}

function readNumber(field: NumberField, text: string): FieldReading {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) || !Number.isFinite(value)) {
    return invalid(`Expected ${numberRule(field)}.`);
  }
  const fits =
    (!field.integer || Number.isInteger(value)) &&
    value >= (field.minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (field.maximum ?? Number.POSITIVE_INFINITY) &&
    value > (field.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    value < (field.exclusiveMaximum ?? Number.POSITIVE_INFINITY) &&
    isMultiple(value, field.multipleOf);
  if (!fits) return invalid(`Expected ${numberRule(field)}.`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const text = `JSON keeps only the first digits of this number: ${value}.`;
    return { kind: 'value', value, note: { severity: 'warning', text } };
  }
  return { kind: 'value', value };
}

/** The rule of a number in words, for example `a whole number from 1 to 10`. */
export function numberRule(field: NumberField): string {
  const rules = [field.integer ? 'a whole number' : 'a number'];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = field;
  if (minimum !== undefined && maximum !== undefined) rules.push(`from ${minimum} to ${maximum}`);
  else if (minimum !== undefined) rules.push(`of at least ${minimum}`);
  else if (maximum !== undefined) rules.push(`of at most ${maximum}`);
  if (exclusiveMinimum !== undefined) rules.push(`above ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) rules.push(`below ${exclusiveMaximum}`);
  if (multipleOf !== undefined && multipleOf !== 1) rules.push(`that is a multiple of ${multipleOf}`);
  return rules.join(' ');
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

function isMultiple(value: number, step: number | undefined): boolean {
  if (step === undefined || step <= 0) return true;
  const quotient = value / step;
  // 0.3 is a multiple of 0.1, though not in binary fractions.
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function fitsFormat(format: string, text: string): boolean {
  switch (format) {
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(text);
    case 'uri':
      return URL.canParse(text);
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
    case 'date-time':
      return /^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/i.test(text) && !Number.isNaN(Date.parse(text));
    case 'uuid':
      return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
    default:
      return true;
  }
}

function invalid(message: string): FieldReading {
  return { kind: 'invalid', message };
}
