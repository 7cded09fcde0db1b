import { parseArgs } from 'node:util';

export const usage = `npm start -- [--host desktop|server] [--port PORT] [--no-open]
  --host     which VS Code: the desktop's, or the server build in the browser (default: the desktop's where there is one)
  --port     the port of the server build's page (default: one that is free)
  --no-open  opens no window and no browser, only says where it is`;

export interface StartOptions {
  readonly host?: 'desktop' | 'server';
  readonly port?: number;
  readonly open: boolean;
}

/** Fails with what is wrong and how it is meant. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const { host, port, open } = readFlags(args);
  if (host !== undefined && host !== 'desktop' && host !== 'server') {
    throw new Error(`--host is desktop or server, not ${host}.\n${usage}`);
  }
  if (port === undefined) return { open, ...(host === undefined ? {} : { host }) };
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error(`--port is a number from 1 to 65535, not ${port}.\n${usage}`);
  }
  if (host === 'desktop') {
    throw new Error(`--port is for the server build: the desktop's VS Code has none.\n${usage}`);
  }
  return { host: 'server', port: Number(port), open };
}

function readFlags(args: readonly string[]): { host?: string; port?: string; open: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        open: { type: 'boolean', default: true },
      },
      allowNegative: true,
    });
    return values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
