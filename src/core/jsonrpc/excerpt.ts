import { boundedJson } from './boundedJson.ts';

const MAX_LENGTH = 200;

/** The beginning of a value that a server sent, as JSON, to be told in a sentence. It never throws. */
export function excerpt(value: unknown): string {
  if (value === undefined) return 'undefined';
  const { text, isCut } = boundedJson(value, MAX_LENGTH);
  return isCut ? `${text}…` : text;
}
