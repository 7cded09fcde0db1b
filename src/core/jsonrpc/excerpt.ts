import { boundedJson } from './boundedJson.ts';

const MAX_LENGTH = 200;
/** Levels of a value of which more than brackets is told. */
const MAX_DEPTH = 64;

/** The beginning of a value that a server sent, as JSON, to be told in a sentence. It never throws. */
export function excerpt(value: unknown): string {
  if (value === undefined) return 'undefined';
  const { text, isCut, depth } = boundedJson(value, MAX_LENGTH);
  if (depth > MAX_DEPTH) return 'something that is nested too deep';
  return isCut ? `${text}…` : text;
}
