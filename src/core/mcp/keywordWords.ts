import type { OutputUnit } from '@cfworker/json-schema';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';

/** What one keyword says of a value that does not keep it. */
export type KeywordWords =
  | { readonly kind: 'violation'; readonly message: string }
  /** `format` describes and does not require (2020-12, 7.2.1): the server may take what does not look so. */
  | { readonly kind: 'note'; readonly message: string }
  /** No value could keep it, or nobody knows what it means. */
  | { readonly kind: 'fault'; readonly reason: string };

const TYPES = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

/**
 * One error of the checker in words for the person who wrote the value: it speaks of instances and subschemas.
 * @param part the schema that holds the keyword; undefined where it cannot be told
 * @param value what the error is about
 */
export function keywordWords(
  { keyword, error }: OutputUnit,
  part: Readonly<Record<string, unknown>> | undefined,
  value: unknown,
): KeywordWords {
  const limit = part?.[keyword];
  const says = (message: string): KeywordWords => ({ kind: 'violation', message });
  switch (keyword) {
    case 'type': {
      const [, is = '', wanted = ''] =
        /^Instance type "(.*)" is invalid\. Expected "(.*)"\.$/s.exec(error) ?? [];
      const names = wanted.split('", "');
      const unknown = names.find((name) => !TYPES.has(name));
      if (unknown !== undefined)
        return {
          kind: 'fault',
          reason: `the schema asks for the type ${excerpt(unknown)}, which JSON Schema does not know`,
        };
      return is === 'number' && names.includes('integer')
        ? says('it must be a whole number')
        : says(`it is of type ${is}, and must be of type ${names.join(' or ')}`);
    }
    case 'required':
      return says(
        error.replace(
          /^Instance does not have required property "(.*)"\.$/s,
          'it lacks the required member "$1"',
        ),
      );
    case 'enum':
      if (!Array.isArray(limit)) return says('it is not one of the allowed values');
      if (limit.length === 0)
        return { kind: 'fault', reason: 'the schema has an "enum" without values, so that no value fits' };
      return says(`it must be one of ${excerpt(limit)}${meant(value, limit)}`);
    case 'const':
      return says(`it does not match ${excerpt(limit)}`);
    case 'exclusiveMinimum':
      return says(`it must be above ${excerpt(limit)}`);
    case 'exclusiveMaximum':
      return says(`it must be below ${excerpt(limit)}`);
    case 'minLength': {
      const [, is, least] = counts(error);
      if (is === 0) return says('it must not be empty');
      return says(`it is too short: ${some(is, 'character')}, and must have at least ${least}`);
    }
    case 'maxLength': {
      const [, is, most] = counts(error);
      return says(`it is too long: ${some(is, 'character')}, and may have at most ${most}`);
    }
    case 'minItems': {
      const [, is, least] = counts(error);
      return says(
        is === 0 ? 'it must not be empty' : `it has ${some(is, 'item')}, and must have at least ${least}`,
      );
    }
    case 'maxItems': {
      const [, is, most] = counts(error);
      return says(`it has ${some(is, 'item')}, and may have at most ${most}`);
    }
    case 'minProperties':
    case 'maxProperties': {
      const is = isObject(value) ? Object.keys(value).length : 0;
      const rule = keyword === 'minProperties' ? 'must have at least' : 'may have at most';
      return says(`it has ${some(is, 'member')}, and ${rule} ${excerpt(limit)}`);
    }
    case 'uniqueItems': {
      const [, one, other] = /indexes (\d+) and (\d+)/.exec(error) ?? [];
      return says(`its items ${Number(one) + 1} and ${Number(other) + 1} are the same, and must differ`);
    }
    case 'pattern':
      return says(`it does not match the pattern ${short(limit)}`);
    case 'format':
      return { kind: 'note', message: `it does not look like the format ${short(limit)}` };
    case 'contains':
      return says('none of its items is of the kind that it must hold');
    case 'minContains':
    case 'maxContains':
      return says(
        `it must hold ${keyword === 'minContains' ? 'at least' : 'at most'} ${excerpt(limit)} items of a kind`,
      );
    case 'not':
      return says('the schema excludes this value');
    case 'dependentRequired':
    case 'dependencies': {
      const [, one, other] = /^Instance has "(.*)" but does not have "(.*)"\.$/s.exec(error) ?? [];
      return says(`it has "${one}", so it must also have "${other}"`);
    }
    case 'minimum':
    case 'maximum':
    case 'multipleOf':
      return says(error.replace(/ {2,}/g, ' ').replace(/\.$/, ''));
    case 'false':
      return says('it is not allowed here');
    default:
      return says(error.replace(/^Instance /, 'it ').replace(/\.$/, ''));
  }
}

/** `; did you mean "limit"?`, where one of the names is near to what was written. */
export function meant(written: unknown, names: readonly unknown[]): string {
  if (typeof written !== 'string' || written.length > 100) return '';
  const known = names.filter((name): name is string => typeof name === 'string').slice(0, 1_000);
  let best: string | undefined;
  // As many letters may differ as leave most of the name what it is.
  let least = Math.min(3, Math.floor(written.length / 2)) + 1;
  for (const name of known) {
    const distance =
      Math.abs(name.length - written.length) < least ? editDistance(plain(written), plain(name)) : least;
    if (distance < least) [best, least] = [name, distance];
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

/** `page_size` and `pageSize` are one name to people. */
function plain(name: string): string {
  return name.replace(/[-_\s]/g, '').toLowerCase();
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const change = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** `(2 < 3)` of the checker. */
function counts(error: string): [string, number, number] {
  const [all = '', is, bound] = /\((\d+) [<>] (\S+)\)/.exec(error) ?? [];
  return [all, Number(is), Number(bound)];
}

function some(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

function short(value: unknown): string {
  const text = String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
