import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';

/** What an optional member is, if it is there: a kind of value, one of some texts, an object with members of its own, or a list of objects. */
export type MemberShape =
  | 'text'
  | 'number'
  | 'flag'
  | 'object'
  | 'list'
  | { readonly oneOf: readonly string[] }
  | { readonly members: Shape }
  | { readonly each: ObjectShape };

/** The optional members of an object. Others are kept as they came. */
export interface Shape {
  readonly [member: string]: MemberShape;
}

/** An object that is no use without some texts in it. */
export interface ObjectShape {
  readonly texts: readonly string[];
  readonly optional: Shape;
}

/** What a value became: an object as its shape says, and a sentence's end for each part of it that was left out. */
export type Shaped =
  | {
      readonly kind: 'read';
      readonly value: Readonly<Record<string, unknown>>;
      readonly odd: readonly string[];
    }
  | { readonly kind: 'unusable'; readonly why: string };

/** Parts of one object that are named; more of them tell nothing new. */
const MOST_NAMED = 8;

/**
 * Reads one object that a server sent, so that no room behind has to look at it again: an optional member that is null is one
 * that is not there, and one of another type than it should be costs only itself, and is named.
 */
export function readShape(value: unknown, shape: ObjectShape): Shaped {
  if (!isObject(value)) return { kind: 'unusable', why: 'it is not an object' };
  const missing = shape.texts.filter((member) => typeof value[member] !== 'string');
  if (missing.length > 0)
    return { kind: 'unusable', why: `it has no ${missing.map(quoted).join(' and no ')}` };
  const odd: string[] = [];
  const read = membersOf(value, shape.optional, '', odd);
  const more = odd.length - MOST_NAMED;
  return { kind: 'read', value: read, odd: more > 0 ? [...odd.slice(0, MOST_NAMED), `${more} more`] : odd };
}

/** @param place of the object within what is told: empty, or with a dot at its end */
function membersOf(
  value: Readonly<Record<string, unknown>>,
  shape: Shape,
  place: string,
  odd: string[],
): Readonly<Record<string, unknown>> {
  let read: Record<string, unknown> | undefined;
  for (const [member, kind] of Object.entries(shape)) {
    if (!Object.hasOwn(value, member)) continue;
    const held = value[member];
    const kept = partOf(held, kind, `${place}${member}`, odd);
    if (kept === held) continue;
    read ??= { ...value };
    if (kept === undefined) delete read[member];
    else read[member] = kept;
  }
  return read ?? value;
}

/** Undefined where it is left out. */
function partOf(held: unknown, kind: MemberShape, place: string, odd: string[]): unknown {
  if (held === null || held === undefined) return undefined;
  const leftOut = (wanted: string) => {
    odd.push(`its ${quoted(place)} is ${wanted}: ${excerpt(held, 60)}`);
    return undefined;
  };
  switch (kind) {
    case 'text':
      return typeof held === 'string' ? held : leftOut('not a text');
    case 'number':
      return typeof held === 'number' ? held : leftOut('not a number');
    case 'flag':
      return typeof held === 'boolean' ? held : leftOut('neither true nor false');
    case 'object':
      return isObject(held) ? held : leftOut('not an object');
    case 'list':
      return Array.isArray(held) ? held : leftOut('not a list');
  }
  if ('oneOf' in kind)
    return kind.oneOf.includes(held as string) ? held : leftOut(`not one of ${kind.oneOf.join(', ')}`);
  if ('members' in kind)
    return isObject(held) ? membersOf(held, kind.members, `${place}.`, odd) : leftOut('not an object');
  return Array.isArray(held) ? listOf(held, kind.each, place, odd) : leftOut('not a list');
}

/** The entries that can be used; the same list where all of them can. */
function listOf(
  held: readonly unknown[],
  { texts, optional }: ObjectShape,
  place: string,
  odd: string[],
): readonly unknown[] {
  let isSame = true;
  const kept = held.flatMap((entry, index) => {
    if (!isObject(entry) || texts.some((member) => typeof entry[member] !== 'string')) {
      isSame = false;
      odd.push(
        `entry ${index + 1} of its ${quoted(place)} has no ${texts.map(quoted).join(' or no ')}: ${excerpt(entry, 60)}`,
      );
      return [];
    }
    const read = membersOf(entry, optional, `${place}[${index}].`, odd);
    isSame &&= read === entry;
    return [read];
  });
  return isSame ? held : kept;
}

function quoted(name: string): string {
  return `"${name}"`;
}
