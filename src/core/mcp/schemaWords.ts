import type { OutputUnit } from '@cfworker/json-schema';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import { type KeywordWords, keywordWords, meant } from './keywordWords.ts';

/** One place in which a value does not fit its schema. */
export interface SchemaViolation {
  /** JSON Pointer into the value; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** What a checker's errors come to. */
export interface SchemaWords {
  readonly violations: readonly SchemaViolation[];
  /** Where the value is only unlike what the schema describes: `format`. Nothing has to be mended. */
  readonly notes: readonly SchemaViolation[];
  /** What is wrong with the schema itself, so that the value cannot be blamed; undefined where nothing is. */
  readonly fault: string | undefined;
}

/** Violations that are told, and notes; more do not help anybody. */
const MAX_OF_KIND = 20;
/** Of one form of a union that are told. */
const MAX_OF_FORM = 2;
/** Errors of one union that are looked at. */
const MAX_OF_UNION = 2_000;

/** These only say that something below them is wrong. */
const APPLICATORS = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'allOf',
  'if',
  'then',
  'else',
  '$ref',
  '$recursiveRef',
  'dependentSchemas',
]);
/** What is below them may be as it is: enough others are not. */
const COUNTED = new Set(['contains', 'minContains', 'maxContains']);

/**
 * What the checker found, in words for the person who wrote the value. It runs where the checker runs, within the same
 * time, so it may look at all of `errors`.
 * @param errors in the checker's order: what applies a schema, then what is wrong below it
 */
export function wordsOf(errors: readonly OutputUnit[], schema: unknown, value: unknown): SchemaWords {
  const found = new Findings(schema, value).of(errors);
  const kinds = <Kind extends KeywordWords['kind']>(kind: Kind) =>
    found.filter(
      (one): one is SchemaFinding & { words: KeywordWords & { kind: Kind } } => one.words.kind === kind,
    );
  const told = (all: readonly { path: string; words: { message: string } }[]): SchemaViolation[] =>
    all.map(({ path, words: { message } }) => ({ path, message }));
  return {
    violations: told(kinds('violation')),
    notes: told(kinds('note')),
    fault: kinds('fault')[0]?.words.reason,
  };
}

interface SchemaFinding {
  readonly path: string;
  readonly keyword: string;
  readonly words: KeywordWords;
}

/** One branch of a union, and what a value lacks to be of it. */
interface Form {
  readonly index: number;
  readonly findings: readonly SchemaFinding[];
  /** How far the value is from it. */
  readonly distance: number;
}

class Findings {
  readonly #schema: unknown;
  readonly #value: unknown;

  constructor(schema: unknown, value: unknown) {
    this.#schema = schema;
    this.#value = value;
  }

  /** Each different thing that is wrong, in the order of the errors; the first ones where there are many. */
  of(errors: readonly OutputUnit[]): SchemaFinding[] {
    const found = new Map<string, SchemaFinding>();
    const count = { violation: 0, note: 0, fault: 0 };
    const counted = countedParts(errors);
    for (let at = 0; at < errors.length && count.violation < MAX_OF_KIND; at++) {
      const error = errors[at];
      if (error === undefined || APPLICATORS.has(error.keyword)) continue;
      if (counted.some((part) => error.keywordLocation.startsWith(part))) continue;
      const isUnion = error.keyword === 'anyOf' || error.keyword === 'oneOf';
      const end = isUnion ? endOfUnion(errors, at) : at + 1;
      const findings = isUnion
        ? this.#union(error, errors.slice(at + 1, Math.min(end, at + 1 + MAX_OF_UNION)))
        : [this.#leaf(error)];
      for (const one of findings) {
        const key = JSON.stringify([one.path, one.words]);
        // Many of one kind hide none of another.
        if (found.has(key) || count[one.words.kind] === MAX_OF_KIND) continue;
        found.set(key, one);
        count[one.words.kind]++;
      }
      at = end - 1;
    }
    return [...found.values()];
  }

  #leaf(error: OutputUnit): SchemaFinding {
    const { keyword, keywordLocation } = error;
    const path = pathOf(error);
    const part = schemaAt(this.#schema, stepsOf(keywordLocation).slice(0, -1));
    const value = valueAt(this.#value, path);
    const words = keywordWords(error, isObject(part) ? part : undefined, value);
    if (words.kind === 'fault') return { path, keyword, words };
    if (keyword === 'false') {
      const names = this.#namesBeside(path);
      return { path, keyword, words: { ...words, message: words.message + names } };
    }
    return isOfName(keywordLocation)
      ? { path, keyword, words: { ...words, message: `its name is not allowed: ${words.message}` } }
      : { path, keyword, words };
  }

  /** The member that was meant by one that is not allowed. */
  #namesBeside(path: string): string {
    const steps = path.split('/');
    const name = decoded(steps.at(-1) ?? '');
    const parent = steps.slice(1, -1).map(decoded);
    const names = new Set<string>();
    for (const part of describing(this.#schema, parent))
      for (const known of Object.keys(isObject(part['properties']) ? part['properties'] : {}))
        names.add(known);
    const taken = valueAt(this.#value, steps.slice(0, -1).join('/'));
    return meant(
      name,
      [...names].filter((known) => !(isObject(taken) && Object.hasOwn(taken, known))),
    );
  }

  /** A value that fits no form of a union: which one is nearest, and what it lacks to be of that one. */
  #union(union: OutputUnit, below: readonly OutputUnit[]): SchemaFinding[] {
    const path = pathOf(union);
    const fits = /\((\d+) matches\)/.exec(union.error)?.[1];
    if (fits !== undefined && fits !== '0')
      return [this.#say(path, union.keyword, `it fits ${fits} forms, and must fit one of them alone`)];
    const branches = schemaAt(this.#schema, stepsOf(union.keywordLocation));
    const count = Array.isArray(branches) ? branches.length : 0;
    const forms = branchesOf(union.keywordLocation, below).map(({ index, errors }): Form => {
      const findings = this.of(errors);
      return { index, findings, distance: distanceOf(findings, path) };
    });
    const faults = forms.flatMap(({ findings }) => findings.filter(({ words }) => words.kind === 'fault'));
    if (faults.length > 0) return faults;
    const nearest = forms.reduce<Form | undefined>(
      (best, form) => (best !== undefined && best.distance <= form.distance ? best : form),
      undefined,
    );
    if (nearest === undefined) return [this.#say(path, union.keyword, `it fits none of ${count} forms`)];
    // The value is unlike it by a format alone.
    if (nearest.findings.every(({ words }) => words.kind === 'note')) return [...nearest.findings];
    const ofType = forms.filter(({ findings }) => !findings.some((one) => isOfType(one, path)));
    // Each form is of another type, as in `string or null`: then there is nothing to choose between.
    if (ofType.length === 0) return [this.#say(path, 'type', typesText(forms, path))];
    if (ofType.length === 1 && forms.length > 1) return [...nearest.findings];
    const lacks = nearest.findings.filter(({ words }) => words.kind === 'violation');
    const told = lacks.slice(0, MAX_OF_FORM).map(({ path: where, words }) => {
      const within = where.slice(path.length);
      return `${within === '' ? '' : `${within}: `}${'message' in words ? words.message : ''}`;
    });
    const more = lacks.length > told.length ? `; and ${lacks.length - told.length} more` : '';
    const name = formName(branches, nearest.index, this.#schema);
    return [
      this.#say(
        path,
        union.keyword,
        `it fits none of ${count} forms; nearest: ${name}: ${told.join('; ')}${more}`,
      ),
    ];
  }

  #say(path: string, keyword: string, message: string): SchemaFinding {
    return { path, keyword, words: { kind: 'violation', message } };
  }
}

/** Where a union's own errors end: they come behind it, branch by branch. */
function endOfUnion(errors: readonly OutputUnit[], at: number): number {
  const within = `${errors[at]?.keywordLocation}/`;
  let end = at + 1;
  // What a `false` forbids is told without a place in the schema; it comes behind what applied it.
  for (; end < errors.length; end++) {
    const { keyword = '', keywordLocation = '' } = errors[end] ?? {};
    if (keyword !== 'false' && !keywordLocation.startsWith(within)) break;
  }
  return end;
}

/** A union's errors by its branches; of a branch whose errors were too many to be looked at there are none. */
function branchesOf(location: string, errors: readonly OutputUnit[]) {
  const branches = new Map<number, OutputUnit[]>();
  let last = 0;
  for (const error of errors) {
    if (error.keyword !== 'false')
      last = Number.parseInt(error.keywordLocation.slice(location.length + 1), 10);
    // A branch that is `false` itself has no error before it, and nobody can be near to it.
    const branch = branches.get(last);
    if (branch === undefined) branches.set(last, [error]);
    else branch.push(error);
  }
  return [...branches].map(([index, own]) => ({ index, errors: own }));
}

/** The wrong type is farthest; then another value in the place of a constant, by which forms are told apart. */
function distanceOf(findings: readonly SchemaFinding[], path: string): number {
  let distance = 0;
  for (const one of findings) {
    if (one.words.kind === 'note') continue;
    if (isOfType(one, path)) distance += 10_000;
    else if (one.keyword === 'const' || one.keyword === 'enum') distance += 100;
    else distance += one.keyword === 'required' || one.keyword === 'false' ? 3 : 1;
  }
  return distance;
}

function isOfType({ keyword, path, words }: SchemaFinding, at: string): boolean {
  return keyword === 'type' && path === at && words.kind === 'violation';
}

/** `it is of type number, and must be of type string or null` of several such. */
function typesText(forms: readonly Form[], path: string): string {
  const texts = forms.flatMap(({ findings }) => findings.filter((one) => isOfType(one, path)));
  const types = texts.map(
    ({ words }) =>
      /must be of type (.*)$/.exec('message' in words ? words.message : '')?.[1] ?? 'whole number',
  );
  const [, is = 'number'] =
    /^it is of type (\w+)/.exec(
      texts
        .map(({ words }) => ('message' in words ? words.message : ''))
        .find((text) => text.startsWith('it is')) ?? '',
    ) ?? [];
  return `it is of type ${is}, and must be of type ${[...new Set(types)].join(' or ')}`;
}

/** A form by what tells it from the others: its title, a constant, a member that only it requires, its type. */
function formName(branches: unknown, index: number, root: unknown): string {
  const parts = (Array.isArray(branches) ? branches : [])
    .slice(0, 100)
    .map((branch) => resolved(branch, root));
  const part = parts[index];
  const fallback = `the ${ordinal(index + 1)}`;
  if (!isObject(part)) return fallback;
  if (typeof part['title'] === 'string' && part['title'] !== '') return `"${part['title'].slice(0, 100)}"`;
  const properties = isObject(part['properties']) ? part['properties'] : {};
  for (const [name, member] of Object.entries(properties))
    if (isObject(member) && 'const' in member) return `the one with ${name} ${excerpt(member['const'])}`;
  const required = namesOf(part['required']);
  const others = new Set(
    parts.flatMap((one, at) => (at === index || !isObject(one) ? [] : namesOf(one['required']))),
  );
  const own = required.find((name) => !others.has(name));
  if (own !== undefined) return `the one with "${own}"`;
  const type = part['type'];
  const isOnly = parts.filter((one) => isObject(one) && one['type'] === type).length === 1;
  return typeof type === 'string' && isOnly ? `the ${type}` : fallback;
}

function ordinal(number: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][number - 1] ?? `${number}th`;
}

function namesOf(names: unknown): string[] {
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : [];
}

/** Places in the schema whose errors stand for nothing that has to be mended. */
function countedParts(errors: readonly OutputUnit[]): string[] {
  const parts = new Set<string>();
  for (const { keyword, keywordLocation } of errors) {
    if (COUNTED.has(keyword) && parts.size < MAX_OF_KIND)
      parts.add(`${keywordLocation.slice(0, keywordLocation.lastIndexOf('/'))}/contains/`);
  }
  return [...parts];
}

/** `#/a%20b` of the checker as a JSON Pointer. */
function pathOf({ instanceLocation }: OutputUnit): string {
  return instanceLocation.slice(1).split('/').map(unquoted).join('/');
}

function stepsOf(keywordLocation: string): string[] {
  return keywordLocation
    .split('/')
    .slice(1)
    .map((step) => decoded(unquoted(step)));
}

/** Undoes what makes a step of a pointer a part of a URI. */
function unquoted(step: string): string {
  try {
    return decodeURI(step).replaceAll('%23', '#');
  } catch {
    return step;
  }
}

function decoded(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Whether an error is about a member's name, and not its value. */
function isOfName(keywordLocation: string): boolean {
  return keywordLocation.includes('/propertyNames/');
}

/** The part of a schema that the checker came to by these steps. */
function schemaAt(root: unknown, steps: readonly string[]): unknown {
  let part = root;
  for (const step of steps) {
    if (typeof part !== 'object' || part === null) return undefined;
    part = step === '$ref' ? resolved(part, root) : own(part, step);
  }
  return part;
}

/** The schemas that describe a member, as far as `properties` and `items` lead to it, in any form. */
function describing(schema: unknown, steps: readonly string[]): Readonly<Record<string, unknown>>[] {
  let parts = spread(schema, schema);
  for (const step of steps) {
    const next = parts.flatMap((part) => {
      const member = isObject(part['properties']) ? own(part['properties'], step) : undefined;
      return member === undefined && /^\d+$/.test(step) ? [part['items']] : [member];
    });
    parts = next
      .slice(0, 100)
      .flatMap((part) => spread(part, schema))
      .slice(0, 100);
  }
  return parts;
}

/** A schema and the forms and parts that it is made of. */
function spread(schema: unknown, root: unknown): Readonly<Record<string, unknown>>[] {
  const parts: Readonly<Record<string, unknown>>[] = [];
  const pending = [schema];
  while (pending.length > 0 && parts.length < 100) {
    const part = resolved(pending.pop(), root);
    if (!isObject(part) || parts.includes(part)) continue;
    parts.push(part);
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const forms = part[keyword];
      if (Array.isArray(forms)) pending.push(...forms.slice(0, 100));
    }
  }
  return parts;
}

function resolved(part: unknown, root: unknown): unknown {
  const reference = isObject(part) ? part['$ref'] : undefined;
  if (typeof reference !== 'string' || !reference.startsWith('#')) return part;
  let found = root;
  for (const step of reference.split('/').slice(1, 64)) found = own(found, decoded(unquoted(step)));
  return found;
}

function valueAt(value: unknown, path: string): unknown {
  let part = value;
  for (const step of path.split('/').slice(1)) part = own(part, decoded(step));
  return part;
}

function own(part: unknown, name: string): unknown {
  return typeof part === 'object' && part !== null && Object.hasOwn(part, name)
    ? (part as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
