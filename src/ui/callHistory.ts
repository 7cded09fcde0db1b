import type * as vscode from 'vscode';
import type { ToolCall } from './callRecord.ts';
import { type RecentCall, withCall } from './recency.ts';

const KEY = 'recentCalls';

/** The tools that the user called in this workspace, the latest first, with the arguments of each one's last call. */
export class CallHistory {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get recent(): readonly RecentCall[] {
    return this.#memento.get<readonly RecentCall[]>(KEY, []);
  }

  /** The last call, to be repeated; undefined where there was none or its arguments were too large to keep. */
  get last(): ToolCall | undefined {
    const [last] = this.recent;
    return last?.arguments === undefined ? undefined : { ...last, arguments: last.arguments };
  }

  /** What a tool was last called with. */
  argumentsOf(server: string, tool: string): Readonly<Record<string, unknown>> | undefined {
    return this.recent.find((call) => call.server === server && call.tool === tool)?.arguments;
  }

  async add(call: ToolCall): Promise<void> {
    await this.#memento.update(KEY, withCall(this.recent, call));
  }
}
