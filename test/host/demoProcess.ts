import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** The demo server of the built extension in a process of its own, so that it shares no event loop with its clients. */
export async function startDemoProcess(): Promise<{ url: string; end(): void }> {
  const extension = vscode.extensions.getExtension('sluice.sluice');
  if (extension === undefined) throw new Error('the extension is not there');
  const bundle = join(extension.extensionPath, 'dist', 'demo.cjs');
  const child = spawn(
    process.execPath,
    ['-e', `require(${JSON.stringify(bundle)}).startDemoServer().then(({ url }) => console.log(url))`],
    { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: line.toString().trim(), end: () => child.kill() };
}
