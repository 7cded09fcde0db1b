import * as vscode from 'vscode';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import type { CallHistory } from '../callHistory.ts';
import type { ToolCall } from '../callRecord.ts';
import { loadCore } from '../core.ts';
import { plainText } from '../plainText.ts';
import { ArgumentsFiles } from './argumentsFiles.ts';
import { readArguments, writeArguments } from './argumentsText.ts';
import { ARGUMENTS_SCHEME, argumentsPath, readArgumentsPath, schemaReference } from './argumentsUri.ts';
import { skeleton } from './skeleton.ts';

/** Arguments as a JSON document: opening one, and reading the call out of it. */
export class ArgumentsEditor implements vscode.Disposable {
  readonly #toolOf: (server: string, tool: string) => Promise<Tool>;
  readonly #files: ArgumentsFiles;
  readonly #registrations: vscode.Disposable[];

  constructor(toolOf: (server: string, tool: string) => Promise<Tool>, history: CallHistory) {
    this.#toolOf = toolOf;
    this.#files = new ArgumentsFiles({
      tool: toolOf,
      start: async (server, tool) =>
        history.argumentsOf(server, tool) ?? skeleton((await toolOf(server, tool)).inputSchema),
    });
    this.#registrations = [
      vscode.workspace.registerFileSystemProvider(ARGUMENTS_SCHEME, this.#files, { isCaseSensitive: true }),
      vscode.languages.registerCodeLensProvider({ scheme: ARGUMENTS_SCHEME }, { provideCodeLenses }),
    ];
  }

  /** @param args replace what a document of this tool holds; without them it opens as it was left */
  async open(server: string, tool: string, args?: Readonly<Record<string, unknown>>): Promise<void> {
    const uri = vscode.Uri.from({ scheme: ARGUMENTS_SCHEME, path: argumentsPath(server, tool) });
    if (args !== undefined) {
      this.#files.writeFile(uri, new TextEncoder().encode(writeArguments(args, schemaReference(tool))));
    }
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** The call that a document says. Undefined where it says none, or the user wants to mend it first. */
  async read(uri: vscode.Uri): Promise<ToolCall | undefined> {
    const path = readArgumentsPath(uri.path);
    if (uri.scheme !== ARGUMENTS_SCHEME || path?.kind !== 'arguments') return undefined;
    const { server, tool } = path;
    const document = await vscode.workspace.openTextDocument(uri);
    await document.save();
    const reading = readArguments(document.getText(), schemaReference(tool));
    if (reading.kind === 'broken') {
      const { line, character } = document.positionAt(reading.offset);
      await reveal(document, reading);
      void vscode.window.showErrorMessage(
        `Line ${line + 1}, column ${character + 1} is no valid JSON: ${reading.message}.`,
      );
      return undefined;
    }
    const call = { server, tool, arguments: reading.arguments };
    const [{ checkSchema }, { inputSchema }] = await Promise.all([loadCore(), this.#toolOf(server, tool)]);
    const outcome = await checkSchema(inputSchema, reading.arguments);
    const problems = outcome.kind === 'violations' ? outcome.violations : [];
    const [first] = problems;
    if (first === undefined) return call;
    const told = problems
      .slice(0, 3)
      .map(({ path, message }) => `${path === '' ? 'arguments' : path}: ${message}`);
    const more = problems.length > told.length ? ` And ${problems.length - told.length} more.` : '';
    const message =
      plainText(`The arguments do not fit the input schema of ${tool}. ${told.join(' ')}`, 600) + more;
    const choice = await vscode.window.showWarningMessage(message, 'Call Anyway', 'Show Problem');
    if (choice === 'Show Problem') await reveal(document, reading.locate(first.path));
    return choice === 'Call Anyway' ? call : undefined;
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}

function provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
  const path = readArgumentsPath(uri.path);
  if (path?.kind !== 'arguments') return [];
  const title = `$(play) Call ${path.tool} on ${path.server}`;
  const command = { title, command: 'sluice.callFromDocument', arguments: [uri] };
  return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command)];
}

async function reveal(
  document: vscode.TextDocument,
  { offset, length }: { readonly offset: number; readonly length: number },
): Promise<void> {
  const selection = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  await vscode.window.showTextDocument(document, { selection });
}
