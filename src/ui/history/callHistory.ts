import type * as vscode from 'vscode';
import type { Remembered } from '../arguments/callDraft.ts';
import type { SchemaObject } from '../arguments/schemaObject.ts';
import { type RecentCall, rememberedOf, withCall } from './recency.ts';
import type { ToolCall } from './shownCall.ts';

const KEY = 'recentCalls';

/** The tools that the user called in this workspace, the latest first, with the arguments of each one's last call. */
export class CallHistory {
  readonly #memento: vscode.Memento;
  /** The last call of this window, its secrets too: it is repeated as it was. */
  #last: ToolCall | undefined;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get recent(): readonly RecentCall[] {
    return this.#memento.get<readonly RecentCall[]>(KEY, []);
  }

  /** The last call, to be repeated: without arguments where not all of them were kept, so that they have to be asked for. */
  get last(): (Pick<ToolCall, 'server' | 'tool'> & Partial<ToolCall>) | undefined {
    if (this.#last !== undefined) return this.#last;
    const [last] = this.recent;
    if (last === undefined) return undefined;
    const { server, tool } = last;
    const remembered = rememberedOf(last);
    return remembered === undefined || remembered.withheld.length > 0
      ? { server, tool }
      : { server, tool, arguments: remembered.arguments };
  }

  /** What a tool was last called with; undefined where it was not, or that was too large to keep. */
  remembered(server: string, tool: string): Remembered | undefined {
    const call = this.recent.find((one) => one.server === server && one.tool === tool);
    return call && rememberedOf(call);
  }

  /**
   * @param schema of the tool's arguments, which says what of them is secret. Undefined where the server could not be asked for
   * it: then nothing is stored
   */
  async add(call: ToolCall, schema: SchemaObject | undefined): Promise<void> {
    this.#last = call;
    if (schema !== undefined) await this.#memento.update(KEY, withCall(this.recent, call, schema));
  }

  /** Forgets every call. */
  async clear(): Promise<void> {
    this.#last = undefined;
    await this.#memento.update(KEY, undefined);
  }
}
