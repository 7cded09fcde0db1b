import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly } from './command.ts';
import type { ServerBuild } from './serverBuild.ts';

const leash = fileURLToPath(new URL('leash.ts', import.meta.url));

export interface VSCodeServerOptions {
  readonly build: ServerBuild;
  /** Where this server keeps settings, extensions, state and logs. One directory, one server. */
  readonly dataDirectory: string;
  /** Where its extensions are, if not in that directory. Servers may share one that nobody installs into meanwhile. */
  readonly extensionsDirectory?: string;
  /** Where VS Code's own extensions are, if not those of the build. */
  readonly builtinExtensionsDirectory?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Whoever opens the page must know it. Without one, everybody on this machine may. */
  readonly connectionToken?: string;
  /** Folders ask for trust, and get Restricted Mode without it. Off, every folder is trusted. */
  readonly workspaceTrust?: boolean;
  /** The page obeys the payload of its URL (see `workbenchUrl`), which a test needs and nobody else should have. */
  readonly automation?: boolean;
  /** The user's settings.json, where there is none yet. */
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** What the extension host finds in its environment, beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running server: a page of its origin is a workbench, each with an extension host of its own. */
export interface VSCodeServer {
  readonly origin: string;
  readonly dataDirectory: string;
  /** Settles when the server has ended, by `close` or by itself. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/** What a workbench is told beside its folder, as key and value. Obeyed with `automation` only. */
export type Payload = readonly (readonly [key: string, value: string])[];

export async function startVSCodeServer(options: VSCodeServerOptions): Promise<VSCodeServer> {
  const { build, dataDirectory, connectionToken, userSettings } = options;
  if (userSettings !== undefined) await writeFirstSettings(dataDirectory, userSettings);
  const args = [
    ...(connectionToken === undefined
      ? ['--without-connection-token']
      : ['--connection-token', connectionToken]),
    ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
    ...(options.automation === true ? ['--enable-smoke-test-driver'] : []),
    ...(options.extensionsDirectory === undefined ? [] : extensionsIn(options.extensionsDirectory)),
    ...(options.builtinExtensionsDirectory === undefined
      ? []
      : ['--builtin-extensions-dir', options.builtinExtensionsDirectory]),
  ];
  const child = fork(
    leash,
    [
      build.node,
      build.main,
      '--host',
      '127.0.0.1',
      '--port',
      String(options.port ?? 0),
      ...args,
      ...common(dataDirectory),
    ],
    {
      env: { ...environment(), ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // The tests' runner has options of its own for its Node, which are none of the server's.
      execArgv: [],
    },
  );
  // Not `close`: after a disconnection from this side Node never tells it.
  const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await listening(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    dataDirectory,
    closed,
    close: () => {
      if (child.connected) child.disconnect();
      return closed;
    },
  };
}

async function writeFirstSettings(
  dataDirectory: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = path.join(dataDirectory, 'data/User/settings.json');
  if (existsSync(file)) return;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings, undefined, 2));
}

/**
 * Installs a packaged extension for a server, which need not run.
 * @param extensionsDirectory where extensions are kept, if not in the data directory
 */
export async function installExtension(
  build: ServerBuild,
  dataDirectory: string,
  vsix: string,
  extensionsDirectory = path.join(dataDirectory, 'extensions'),
): Promise<void> {
  await runQuietly(
    build.node,
    [
      build.main,
      '--install-extension',
      vsix,
      '--force',
      ...extensionsIn(extensionsDirectory),
      ...common(dataDirectory),
    ],
    { env: environment() },
  );
}

export interface Page {
  readonly folder: string;
  readonly connectionToken?: string;
  readonly payload?: Payload;
}

/** Where the workbench on `folder` is. */
export function workbenchUrl(origin: string, { folder, connectionToken, payload }: Page): string {
  const url = new URL(origin);
  if (connectionToken !== undefined) url.searchParams.set('tkn', connectionToken);
  url.searchParams.set('folder', folder);
  if (payload !== undefined) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

/** How a workbench of `origin` names a file of the server's machine. */
export function remoteUri(origin: string, file: string): string {
  return `vscode-remote://${new URL(origin).host}${file}`;
}

function extensionsIn(directory: string): string[] {
  return ['--extensions-dir', directory];
}

function common(dataDirectory: string): string[] {
  return ['--accept-server-license-terms', '--telemetry-level', 'off', '--server-data-dir', dataDirectory];
}

/** No gallery: nothing here wants an extension from one, and without it nothing asks the network. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '' }) };
}

/** The port, once the server says that it listens. */
function listening(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (text: string) => {
      printed += text;
      const port = /Extension host agent listening on (\d+)/.exec(printed)?.[1];
      if (port !== undefined) resolve(port);
    };
    // Reading on after that keeps the server from waiting for a full pipe.
    server.stdout?.setEncoding('utf8').on('data', read);
    server.stderr?.setEncoding('utf8').on('data', read);
    server.once('error', reject);
    server.once('close', () =>
      reject(new Error(`VS Code's server ended before it listened:\n${printed.trim()}`)),
    );
  });
}
