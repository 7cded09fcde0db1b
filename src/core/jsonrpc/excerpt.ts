import { exceeds } from '../budget.ts';

const MAX_LENGTH = 200;
/** Of what is written out to be cut: a few lines of a value cost no more than reading them. */
const BOUNDS = { values: 2_000, characters: 100_000, depth: 1_000 } as const;

/** The beginning of a value that a server sent, as JSON, to be told in a sentence. It never throws. */
export function excerpt(value: unknown): string {
  // Only a text can be cut before it is written out.
  const cut = typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value;
  const exceeded = exceeds(cut, BOUNDS);
  if (exceeded === 'depth') return 'something that is nested too deep';
  if (exceeded !== undefined) return `something that is too large to be told, ${beginningOf(value)}`;
  const json = JSON.stringify(cut) ?? String(value);
  return json.length > MAX_LENGTH ? `${json.slice(0, MAX_LENGTH)}…` : json;
}

function beginningOf(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  for (const name in value as object) return `an object whose first member is ${excerpt(name)}`;
  return 'an object';
}
