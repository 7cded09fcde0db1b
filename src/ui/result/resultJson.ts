import { boundedJson } from '../../core/jsonrpc/boundedJson.ts';
import { findPlaces, type JsonPath, type JsonPlace, pathKey } from '../../core/jsonrpc/jsonPlaces.ts';
import type { CallToolResult } from '../../core/mcp/mcpTypes.ts';
import { type SentText, UNREADABLE } from '../../core/mcp/toolResult.ts';

/** A content block by its place, the structured content, or all of a result. */
export type ResultPart = number | 'structured' | 'whole';

/** JSON of a value: a stretch of the text that brought it, or else what was written of the value. */
export interface JsonSource {
  readonly text: string;
  readonly start: number;
  /** Undefined where the value goes on until it ends, and nobody looked for that place. */
  readonly end: number | undefined;
  /** The value goes on where the text ends. */
  readonly isCut: boolean;
  /** `JSON.parse` took the text, or we wrote it. */
  readonly isKnown: boolean;
}

/** Content blocks whose places are looked for. */
export const MOST_BLOCKS = 100;

/** JSON of a value whose numbers are exact: arguments, and the data of an error. @param most characters that are wanted */
export function writtenJson(value: unknown, most: number): JsonSource {
  const { text, isCut } = boundedJson(value, most);
  return { text, start: 0, end: text.length, isCut, isKnown: true };
}

/** The JSON of a result and of its parts, each found in the text that brought it when one is first asked for. */
export class ResultJson {
  readonly #result: CallToolResult;
  readonly #sent: SentText | undefined;
  #places: ReadonlyMap<string, JsonPlace> | undefined;

  constructor(result: CallToolResult, sent: SentText | undefined) {
    this.#result = result;
    this.#sent = sent;
  }

  /**
   * A part as it was sent. Undefined where it lies behind more than is searched.
   * @param most characters, where no text brought the result and it has to be written
   */
  of(part: ResultPart, most: number): JsonSource | undefined {
    if (this.#sent === undefined) return writtenJson(this.#valueOf(part), most);
    return this.#at(this.#sent, pathOf(part, this.#sent));
  }

  /** All that came, where a part of it cannot be found. */
  message(): JsonSource | undefined {
    const text = this.#sent?.text;
    return text === undefined ? undefined : { text, start: 0, end: text.length, isCut: false, isKnown: true };
  }

  /** The content, be it a list of blocks or not. */
  content(): JsonSource | undefined {
    return this.#sent && this.#at(this.#sent, this.#sent.content.path);
  }

  #at(sent: SentText, path: JsonPath): JsonSource | undefined {
    this.#places ??= findPlaces(sent.text, this.#paths(sent));
    const place = this.#places.get(pathKey(path));
    return place && { text: sent.text, ...place, isCut: false, isKnown: true };
  }

  #paths(sent: SentText): JsonPath[] {
    const blocks = sent.content.isList ? Math.min(this.#result.content.length, MOST_BLOCKS) : 0;
    return [
      pathOf('whole', sent),
      pathOf('structured', sent),
      sent.content.path,
      ...Array.from({ length: blocks }, (_, index) => pathOf(index, sent)),
    ];
  }

  #valueOf(part: ResultPart): unknown {
    if (part === 'whole') return this.#result;
    if (part === 'structured') return this.#result.structuredContent;
    const block = this.#result.content[part];
    return block?.type === UNREADABLE ? block['value'] : block;
  }
}

function pathOf(part: ResultPart, { result, content }: SentText): JsonPath {
  if (part === 'whole') return result;
  if (part === 'structured') return [...result, 'structuredContent'];
  return content.isList ? [...content.path, part] : content.path;
}
