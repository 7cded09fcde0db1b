import * as vscode from 'vscode';
import { ARGUMENTS_SCHEME } from './argumentsUri.ts';

/**
 * Registers the file system of the documents in which arguments are written. It is there from activation on: a window that is opened
 * again shows the documents that it had.
 * @param load the files, which are loaded with the first that is read
 */
export function registerArgumentsFiles(load: () => Promise<vscode.FileSystemProvider>): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  let loading: Promise<vscode.FileSystemProvider> | undefined;
  const files = (): Promise<vscode.FileSystemProvider> => {
    loading ??= load().then((provider) => {
      provider.onDidChangeFile((changes) => changed.fire(changes));
      return provider;
    });
    return loading;
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => {}),
    stat: async (uri) => (await files()).stat(uri),
    readDirectory: async (uri) => (await files()).readDirectory(uri),
    createDirectory: async (uri) => (await files()).createDirectory(uri),
    readFile: async (uri) => (await files()).readFile(uri),
    writeFile: async (uri, bytes, options) => (await files()).writeFile(uri, bytes, options),
    delete: async (uri, options) => (await files()).delete(uri, options),
    rename: async (from, to, options) => (await files()).rename(from, to, options),
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(ARGUMENTS_SCHEME, provider, { isCaseSensitive: true }),
  );
}
