import {
  DEFAULT_DRAIN,
  DEFAULT_HTTP2,
  DEFAULT_POOL,
  type ServerConfig,
} from '../../../src/core/config/serverConfig.ts';
import { isSluiceError, type SluiceError } from '../../../src/core/errors.ts';
import { type Clock, systemClock } from '../../../src/core/metrics/clock.ts';
import { McpServer } from '../../../src/core/servers/mcpServer.ts';
import type { ServerCallbacks } from '../../../src/core/servers/serverCallbacks.ts';
import type { ServerSnapshot } from '../../../src/core/servers/serverSnapshot.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';

/** A server as the settings would give it. */
export function serverConfig(url: string, overrides: Partial<ServerConfig> = {}): ServerConfig {
  return {
    name: 'lab',
    url,
    headers: {},
    protocol: 'auto',
    requestTimeout: 20_000,
    pool: DEFAULT_POOL,
    drain: DEFAULT_DRAIN,
    http2: DEFAULT_HTTP2,
    tls: {},
    secrets: [],
    ...overrides,
  };
}

export interface Connected extends AsyncDisposable {
  readonly connection: McpServer;
  /** Everything that a sink at the level `trace` was given. */
  readonly trace: readonly TraceEvent[];
  /** Kinds of the states that it went through. */
  readonly states: readonly string[];
  readonly warnings: () => string[];
  /** Resolves as soon as a snapshot fits, looked at whenever something happened. */
  readonly until: (fits: (snapshot: ServerSnapshot) => boolean) => Promise<void>;
}

/** A real connection to a real server; `await using` closes it. */
export function connectTo(
  url: string,
  overrides: Partial<ServerConfig> = {},
  callbacks: Partial<ServerCallbacks> = {},
  clock: Clock = systemClock,
): Connected {
  const trace: TraceEvent[] = [];
  const states: string[] = [];
  const waiting = new Set<() => void>();
  const connection = new McpServer({
    clock,
    config: serverConfig(url, overrides),
    callbacks: {
      traceLevel: () => 'trace',
      onTrace: (event) => trace.push(event),
      onState: ({ kind }) => states.push(kind),
      onActivity: () => waiting.forEach((look) => void look()),
      ...callbacks,
    },
  });
  return {
    connection,
    trace,
    states,
    warnings: () => trace.flatMap((event) => (event.kind === 'warning' ? [event.message] : [])),
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          if (!fits(connection.snapshot())) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** The coded error that something fails with; anything else is a failure of the test. */
export async function failureOf(promise: Promise<unknown>): Promise<SluiceError> {
  const error = await promise.then(
    (value) => new Error(`it gave ${JSON.stringify(value)} instead of failing`),
    (reason: unknown) => reason,
  );
  if (!isSluiceError(error)) throw error;
  return error;
}

/** Texts of a result's content blocks. */
export function textOf({ result }: { result: { content: readonly { [key: string]: unknown }[] } }): string {
  return result.content.map((block) => block['text']).join('\n');
}
