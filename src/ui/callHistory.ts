import type * as vscode from 'vscode';
import { parseExact, stringifyExact } from '../core/jsonrpc/exactJson.ts';
import type { ToolCall } from './callRecord.ts';
import { type RecentCall, withCall } from './recency.ts';

const KEY = 'recentCalls';

/** As it is kept: arguments are JSON text, for VS Code keeps numbers as JavaScript has them. Earlier versions kept the values. */
type Kept = Omit<RecentCall, 'arguments'> & { readonly arguments?: string | RecentCall['arguments'] };

/** The tools that the user called in this workspace, the latest first, with the arguments of each one's last call. */
export class CallHistory {
  readonly #memento: vscode.Memento;

  constructor(memento: vscode.Memento) {
    this.#memento = memento;
  }

  get recent(): readonly Pick<RecentCall, 'server' | 'tool'>[] {
    return this.#kept;
  }

  /** The last call, to be repeated; undefined where there was none or its arguments were too large to keep. */
  get last(): ToolCall | undefined {
    const [last] = this.#kept;
    const args = last && argumentsIn(last);
    return last === undefined || args === undefined ? undefined : { ...last, arguments: args };
  }

  /** What a tool was last called with. */
  argumentsOf(server: string, tool: string): Readonly<Record<string, unknown>> | undefined {
    const found = this.#kept.find((call) => call.server === server && call.tool === tool);
    return found && argumentsIn(found);
  }

  async add(call: ToolCall): Promise<void> {
    const [latest, ...others] = withCall(this.#kept, call);
    if (latest === undefined) return;
    const { arguments: args, ...named } = latest;
    const kept: Kept = args === undefined ? named : { ...named, arguments: stringifyExact(args) };
    await this.#memento.update(KEY, [kept, ...others]);
  }

  get #kept(): readonly Kept[] {
    return this.#memento.get<readonly Kept[]>(KEY, []);
  }
}

function argumentsIn({ arguments: kept }: Kept): Readonly<Record<string, unknown>> | undefined {
  if (typeof kept !== 'string') return kept;
  return parseExact(kept) as Readonly<Record<string, unknown>>;
}
