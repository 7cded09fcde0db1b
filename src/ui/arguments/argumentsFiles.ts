import * as vscode from 'vscode';
import type { Tool } from '../../core/mcp/mcpTypes.ts';
import { writeArguments } from './argumentsText.ts';
import { readArgumentsPath, schemaReference } from './argumentsUri.ts';
import { editorSchema } from './editorSchema.ts';

/** Where the files get their first contents from. */
export interface ArgumentsSource {
  /** A tool as its server lists it, connecting as needed. */
  tool(server: string, tool: string): Promise<Tool>;
  /** The arguments that a new document starts with. */
  start(server: string, tool: string): Promise<Readonly<Record<string, unknown>>>;
}

/**
 * The documents in which arguments are written, and the schemas that describe them to the editor. All of it is in
 * memory. VS Code's own JSON support reads a schema by the document's `$schema`, from here, without a network.
 */
export class ArgumentsFiles implements vscode.FileSystemProvider {
  readonly #source: ArgumentsSource;
  readonly #written = new Map<string, { readonly bytes: Uint8Array; readonly time: number }>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();

  readonly onDidChangeFile = this.#changed.event;

  constructor(source: ArgumentsSource) {
    this.#source = source;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { length } = await this.readFile(uri);
    const time = this.#written.get(uri.path)?.time ?? 0;
    return { type: vscode.FileType.File, ctime: time, mtime: time, size: length };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const written = this.#written.get(uri.path);
    if (written !== undefined) return written.bytes;
    const path = readArgumentsPath(uri.path);
    if (path === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    const { kind, server, tool } = path;
    if (kind === 'schema') {
      const { inputSchema, description } = await this.#source.tool(server, tool);
      const about = typeof description === 'string' ? description : undefined;
      return new TextEncoder().encode(JSON.stringify(editorSchema(inputSchema, about)));
    }
    const start = await this.#source.start(server, tool);
    this.writeFile(uri, new TextEncoder().encode(writeArguments(start, schemaReference(tool))));
    return this.readFile(uri);
  }

  /** What a file holds; undefined where nothing was written into it yet. */
  textOf(uri: vscode.Uri): string | undefined {
    const written = this.#written.get(uri.path);
    return written && new TextDecoder().decode(written.bytes);
  }

  writeFile(uri: vscode.Uri, bytes: Uint8Array): void {
    this.#written.set(uri.path, { bytes, time: Date.now() });
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    this.#written.delete(uri.path);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
