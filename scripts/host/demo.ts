// The demo server, in a process of its own beside VS Code.
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { startDemoServer } from '../../src/demo/index.ts';
import { root } from './paths.ts';

export interface Demo {
  readonly url: string;
  /** Settles when the demo has ended, by `close` or by itself. */
  readonly closed: Promise<void>;
  close(): void;
}

export function startDemo(): Promise<Demo> {
  const child = fork(fileURLToPath(import.meta.url));
  // Not `close`: after a disconnection from this side Node never tells it.
  const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    const close = () => {
      if (child.connected) child.disconnect();
    };
    child.once('message', (url) => resolve({ url: String(url), closed, close }));
    child.once('exit', (code) => reject(new Error(`The demo server ended with ${code}.`)));
  });
}

if (import.meta.main) {
  // Ctrl-C reaches the whole group of processes; this one goes when its parent lets go of it.
  process.on('SIGINT', () => {});
  const bundle = createRequire(import.meta.url)(path.join(root, 'dist/demo.cjs')) as {
    startDemoServer: typeof startDemoServer;
  };
  const demo = await bundle.startDemoServer();
  process.once('disconnect', () => void demo.close());
  process.send?.(demo.url);
}
