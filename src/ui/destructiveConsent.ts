import { excerpt } from '../core/jsonrpc/excerpt.ts';
import type { SchemaObject } from './arguments/schemaObject.ts';
import type { ToolCall } from './callRecord.ts';
import { shownArguments } from './secretArguments.ts';
import { line, paragraphs } from './surfaces/line.ts';
import { window } from './surfaces/window.ts';

/** Asks before a tool is called that says of itself that it may destroy data: once for each tool, as long as the window is open. */
export class DestructiveConsent {
  readonly #given = new Set<string>();

  has({ server, tool }: ToolCall): boolean {
    return this.#given.has(JSON.stringify([server, tool]));
  }

  /**
   * @param schema of the tool's arguments: what it calls secret is not shown
   * @returns `look` where the user wants to see the arguments first
   */
  async ask(call: ToolCall, shownServer: string, schema: SchemaObject): Promise<'call' | 'look' | 'no'> {
    // The first button is what Enter presses: a key that was meant for the last question destroys nothing.
    const [look, go] = [line`Show Arguments`, line`Call`];
    const chosen = await window.showWarningMessage(
      line`${call.tool} on ${shownServer} may destroy data. Call it?`,
      {
        modal: true,
        detail: paragraphs(
          line`So its server says. It is called with ${excerpt(shownArguments(call.arguments, schema), 280)}.`,
          line`You are asked once for this tool, until the window is closed.`,
        ),
      },
      look,
      go,
    );
    if (chosen === go) this.#given.add(JSON.stringify([call.server, call.tool]));
    return chosen === go ? 'call' : chosen === look ? 'look' : 'no';
  }
}
