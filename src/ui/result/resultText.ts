import { isSluiceError } from '../../core/errors.ts';
import { indentJson } from '../../core/jsonrpc/indentJson.ts';
import type { CallEnd, ShownCall } from '../history/shownCall.ts';
import { describeError } from '../text/errorText.ts';
import { type JsonSource, ResultJson, type ResultPart, writtenJson } from './resultJson.ts';

/** Characters that are laid out in one go: some tens of milliseconds. What is longer is shown as it came. */
const MOST_LAID_OUT = 500_000;
/** Characters of what is laid out. */
const MOST_INDENTED = 4_000_000;
/** Characters of what has to be written, for want of the text that brought it. */
const MOST_WRITTEN = 4_000_000;

/** A text to be opened, copied or saved, and the extension that names its language. */
export interface PartText {
  readonly text: string;
  readonly extension: 'json' | 'txt';
}

/** What a result says, as text to paste elsewhere: its texts where it is made of text only, else its JSON. */
export function resultText(record: ShownCall): string {
  const { end } = record;
  if (end.kind === 'error') return errorText(end.error);
  const { content, structuredContent } = end.result;
  const isPlain =
    content.length > 0 &&
    structuredContent === undefined &&
    content.every((block) => block.type === 'text' && typeof block['text'] === 'string');
  return isPlain ? content.map((block) => block['text']).join('\n') : wholeText(record).text;
}

/** The whole result, or the JSON-RPC error in its place, as JSON for a person to read. */
export function wholeText({ end }: ShownCall): PartText {
  if (end.kind === 'result') return json(sourceOf(end, 'whole'));
  const rpc = isSluiceError(end.error) ? end.error.rpc : undefined;
  return json(writtenJson(rpc ?? null, MOST_WRITTEN));
}

/** One part of a result in full. Undefined where there is none of that number. */
export function partText(record: ShownCall, part: ResultPart): PartText | undefined {
  const { end } = record;
  if (part === 'whole') return wholeText(record);
  if (end.kind !== 'result' || !hasPart(record, part)) return undefined;
  const text = part === 'structured' ? undefined : textIn(end.result.content[part]);
  if (text === undefined) return json(sourceOf(end, part));
  const isJson = /^\s{0,1000}[[{]/.test(text.slice(0, 1_001));
  const laidOut = isJson && text.length <= MOST_LAID_OUT ? indentJson(text, MOST_INDENTED) : undefined;
  return laidOut === undefined ? { text, extension: 'txt' } : { text: laidOut, extension: 'json' };
}

/** What a command link of the page names is checked: a part that the shown result has. */
export function hasPart({ end }: ShownCall, part: unknown): part is ResultPart {
  if (end.kind !== 'result') return part === 'whole';
  if (part === 'whole') return true;
  if (part === 'structured') return end.result.structuredContent !== undefined;
  return Number.isInteger(part) && end.result.content[part as number] !== undefined;
}

/** The message that brought the result, where a part of it cannot be found. */
function sourceOf({ result, sent }: CallEnd & { kind: 'result' }, part: ResultPart): JsonSource {
  const json = new ResultJson(result, sent);
  const source = json.of(part, MOST_WRITTEN);
  return source?.end === undefined ? (json.message() ?? writtenJson(null, 4)) : source;
}

/** Laid out where it is not too long for that, else as it came. */
function json({ text, start, end, isCut }: JsonSource): PartText {
  const source = text.slice(start, end);
  const laidOut = !isCut && source.length <= MOST_LAID_OUT ? indentJson(source, MOST_INDENTED) : undefined;
  return { text: laidOut === undefined ? source : `${laidOut}\n`, extension: 'json' };
}

/** The text that a block or its resource is about; undefined where it is about something else. */
function textIn(block: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const resource = block?.['resource'] as { readonly text?: unknown } | null | undefined;
  const text = block?.['type'] === 'text' ? block['text'] : resource?.text;
  return typeof text === 'string' ? text : undefined;
}

function errorText(error: unknown): string {
  const { message, hint, phase, delivery, code } = describeError(error);
  return [message, hint, phase, delivery, `[${code}]`].filter((part) => part !== undefined).join('\n');
}
