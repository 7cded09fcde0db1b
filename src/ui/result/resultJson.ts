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
  readonly end: number;
  /** The value goes on where the text ends. */
  readonly isCut: boolean;
  /** False where it was written of values that JavaScript may have rounded. */
  readonly isExact: boolean;
}

/** Content blocks whose places are looked for. */
export const MOST_BLOCKS = 100;

/** JSON of a value whose numbers are exact: arguments, and the data of an error. @param most characters that are wanted */
export function writtenJson(value: unknown, most: number): JsonSource {
  const { text, isCut } = boundedJson(value, most);
  return { text, start: 0, end: text.length, isCut, isExact: true };
}

/** The JSON of a result and of its parts, each found in the text that brought it when it is first asked for. */
export class ResultJson {
  readonly #result: CallToolResult;
  readonly #sent: SentText | undefined;
  #places: ReadonlyMap<string, JsonPlace> | undefined;
  #isSearched = false;

  constructor(result: CallToolResult, sent: SentText | undefined) {
    this.#result = result;
    this.#sent = sent;
  }

  /**
   * A part as it was sent, where it can be found, else written of its values.
   * @param most characters, where it has to be written
   */
  of(part: ResultPart, most: number): JsonSource {
    return this.#asSent(this.#pathOf(part)) ?? { ...writtenJson(this.#valueOf(part), most), isExact: false };
  }

  /** A part as it was sent; the whole message where it cannot be found in it. Undefined where no text brought it. */
  asSent(part: ResultPart): JsonSource | undefined {
    if (this.#sent === undefined) return undefined;
    const { text } = this.#sent;
    const found = this.#asSent(this.#pathOf(part));
    return found ?? { text, start: 0, end: text.length, isCut: false, isExact: true };
  }

  /** The only member of the structured content, where it has one alone; and the list of content blocks. */
  onlyMember(): JsonSource | undefined {
    return this.#asSent(this.#onlyMemberPath());
  }

  content(): JsonSource | undefined {
    return this.#asSent(this.#sent?.content.path);
  }

  #asSent(path: JsonPath | undefined): JsonSource | undefined {
    const sent = this.#sent;
    if (sent === undefined || path === undefined) return undefined;
    if (!this.#isSearched) {
      this.#isSearched = true;
      this.#places = findPlaces(sent.text, this.#paths(sent));
    }
    const place = this.#places?.get(pathKey(path));
    return place && { text: sent.text, ...place, isCut: false, isExact: true };
  }

  #paths({ result, content }: SentText): JsonPath[] {
    const blocks = Math.min(this.#result.content.length, MOST_BLOCKS);
    const paths = Array.from({ length: content.isList ? blocks : 0 }, (_, index) => [...content.path, index]);
    const only = this.#onlyMemberPath();
    return [
      result,
      content.path,
      [...result, 'structuredContent'],
      ...(only === undefined ? [] : [only]),
      ...paths,
    ];
  }

  #pathOf(part: ResultPart): JsonPath | undefined {
    if (this.#sent === undefined) return undefined;
    const { result, content } = this.#sent;
    if (part === 'whole') return result;
    if (part === 'structured') return [...result, 'structuredContent'];
    return content.isList ? [...content.path, part] : content.path;
  }

  #onlyMemberPath(): JsonPath | undefined {
    const name = onlyName(this.#result.structuredContent);
    return name === undefined || this.#sent === undefined
      ? undefined
      : [...this.#sent.result, 'structuredContent', name];
  }

  #valueOf(part: ResultPart): unknown {
    if (part === 'whole') return this.#result;
    if (part === 'structured') return this.#result.structuredContent;
    const block = this.#result.content[part];
    return block?.type === UNREADABLE ? block['value'] : block;
  }
}

/** The name of the only member of an object; undefined where the value is none, or has several. */
export function onlyName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  let only: string | undefined;
  for (const name in value) {
    if (only !== undefined) return undefined;
    only = name;
  }
  return only;
}
