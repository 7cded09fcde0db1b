import { boundedJson } from './boundedJson.ts';

const MAX_LENGTH = 200;

/**
 * The beginning of a value as JSON, to be told in a sentence or a row: it stops there, however large or deep the value is, and
 * never throws. Numbers are as they were typed or sent.
 */
export function excerpt(value: unknown, most = MAX_LENGTH): string {
  if (value === undefined) return 'undefined';
  const { text, isCut } = boundedJson(value, most);
  return isCut ? `${text}…` : text;
}
