import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { HostTestEvent } from '../report.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each failure: the test's title, and from the next line on what it said. None where the log has said it already. */
  readonly failures?: readonly string[];
}

/** The receiving end of one run inside an extension host. */
export interface HostResults {
  /** The loopback port at which the run reports. */
  readonly port: number;
  /** Settles once: with the counts when the run says that it is over, with an error when it ended before that. */
  readonly counts: Promise<Counts>;
  /** VS Code is gone, or too late. A run that never reported now counts as failed. */
  giveUp(reason: string): void;
  /** Nothing more can come, whether it reported or not. */
  end(reason: string): void;
  close(): void;
}

export async function receiveResults(onEvent: (event: HostTestEvent) => void): Promise<HostResults> {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] as string[] };
  const { promise, resolve, reject } = Promise.withResolvers<Counts>();
  // Whoever waits for it gets the error; until then it is no unhandled one.
  promise.catch(() => {});

  const server = createServer();
  let run: Socket | undefined;
  server.once('connection', (socket) => {
    run = socket;
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      const event = JSON.parse(line) as HostTestEvent;
      if (event.kind === 'finished') resolve(counts);
      else counts[event.kind] += 1;
      if (event.kind === 'failed') counts.failures.push(`${event.title}\n${event.error}`);
      onEvent(event);
    });
    socket.on('error', () => {});
    lines.once('close', () => reject(new Error('The extension host ended before its tests did.')));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    counts: promise,
    giveUp: (reason) => {
      if (run === undefined) reject(new Error(reason));
    },
    end: (reason) => reject(new Error(reason)),
    close: () => {
      run?.destroy();
      server.close();
    },
  };
}
