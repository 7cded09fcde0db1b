import { describeValue, type ProblemList, type SettingsPath } from './configProblem.ts';
import { didYouMean } from './didYouMean.ts';
import type { Range } from './serverConfig.ts';

// Each of these reads a value of settings.json as what it should be. If it is something else, the problem is recorded, and
// the value that is returned only lets the reading go on, to find the other problems of the same entry.

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object that may have the keys `Key`, with values yet to be checked. */
export type Unchecked<Key extends string> = { readonly [K in Key]?: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readObject(
  value: unknown,
  path: SettingsPath,
  example: string,
  problems: ProblemList,
): JsonObject {
  if (value === undefined) return {};
  if (isObject(value)) return value;
  problems.error(path, {
    found: `found ${describeValue(value)}`,
    hint: `write an object, such as ${example}`,
  });
  return {};
}

export function readBoolean(
  value: unknown,
  path: SettingsPath,
  absent: boolean,
  problems: ProblemList,
): boolean {
  if (value === undefined) return absent;
  if (typeof value === 'boolean') return value;
  problems.error(path, {
    found: `found ${describeValue(value)}`,
    hint: 'write true or false, without quotes',
  });
  return absent;
}

/** `afterwards` says, in the hint, what is used until the number is corrected; empty where nothing is. */
export function readNumber(
  value: unknown,
  path: SettingsPath,
  { min, max, unit }: Range,
  absent: number,
  problems: ProblemList,
  afterwards = '',
): number {
  if (value === undefined) return absent;
  if (isWhole(value, min, max)) return value;
  const hint = `write a whole number of ${unit} from ${min} to ${max}${afterwards}`;
  problems.error(path, { found: `found ${describeValue(value)}`, hint });
  return absent;
}

/** A whole number, or `auto`: Sluice finds the number itself. */
export function readAutoOrNumber(
  value: unknown,
  path: SettingsPath,
  { min, max, unit }: Range,
  absent: 'auto' | number,
  problems: ProblemList,
  afterwards = '',
): 'auto' | number {
  if (value === undefined) return absent;
  if (value === 'auto') return value;
  if (isWhole(value, min, max)) return value;
  const hint = `write "auto", or a whole number of ${unit} from ${min} to ${max}${afterwards}`;
  problems.error(path, { found: `found ${describeValue(value)}`, hint });
  return absent;
}

export function readChoice<Choice extends string>(
  value: unknown,
  path: SettingsPath,
  choices: readonly Choice[],
  absent: Choice,
  problems: ProblemList,
  afterwards = '',
): Choice {
  if (value === undefined) return absent;
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  const hint = `write one of ${choices.map((known) => `"${known}"`).join(', ')}${afterwards}`;
  problems.error(path, { found: `found ${describeValue(value)}`, hint });
  return absent;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

export function checkKeys(
  value: JsonObject,
  known: readonly string[],
  path: SettingsPath,
  problems: ProblemList,
): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) checkUnknownKey(key, known, path, problems);
  }
}

/**
 * A misspelt key is an error: what it asks for is not done. Any other unknown key is a warning: a newer Sluice on
 * another machine, with which these settings are shared, may know it.
 *
 * @returns the key that was meant, where the spelling tells
 */
export function checkUnknownKey(
  key: string,
  known: readonly string[],
  path: SettingsPath,
  problems: ProblemList,
): string | undefined {
  const meant = didYouMean(key, known);
  const found = 'is not a key of Sluice and has no effect';
  if (meant === undefined) {
    problems.warning([...path, key], { found, hint: `remove it; the keys here are ${known.join(', ')}` });
  } else {
    problems.error([...path, key], { found, hint: `did you mean "${meant}"?` });
  }
  return meant;
}
