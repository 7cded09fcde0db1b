import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import type { SluiceError } from '../../../src/core/errors.ts';
import { isRequest } from '../../lab/jsonrpc.ts';
import { type Lab, type LabOptions, startLab } from '../../lab/lab.ts';
import { connectTo } from './connectTo.ts';

/** What a run of calls came to, as the server saw it, and what the caller was told. */
export interface ServerSide {
  /** How often each call arrived at the endpoint: by the number that it carries. */
  readonly arrivals: readonly number[];
  /** Calls that ran. */
  readonly ran: number;
  readonly answered: number;
  readonly failures: readonly SluiceError[];
  readonly accepted: number;
  /** Of them, for the calls that came one after another. */
  readonly acceptedInSequence: number;
  readonly maxOpen: number;
  /** Sockets that were open at the end, after the client had closed. */
  readonly left: number;
  readonly closed: number;
}

const IN_SEQUENCE = 8;
export const AT_ONCE = 16;
export const CALLS = IN_SEQUENCE + AT_ONCE;

/** Calls a tool without hints, so that nobody may call it twice: some one after another, then some at once. */
export async function run(
  options: LabOptions,
  overrides: Partial<ServerConfig> = {},
  { atOnce = AT_ONCE } = {},
): Promise<ServerSide> {
  await using lab = await startLab(options);
  const settled: PromiseSettledResult<unknown>[] = [];
  let acceptedInSequence: number;
  {
    await using client = connectTo(lab.url, overrides);
    await client.connection.listTools();
    const call = (n: number) => client.connection.callTool('add', { a: n, b: 0 });
    for (let n = 0; n < IN_SEQUENCE; n++) settled.push(...(await Promise.allSettled([call(n)])));
    acceptedInSequence = lab.counts.accepted;
    settled.push(
      ...(await Promise.allSettled(Array.from({ length: atOnce }, (_, n) => call(IN_SEQUENCE + n)))),
    );
  }
  await lab.waitFor(({ counts }) => counts.open === 0);
  const { accepted, maxOpen, open, closed, calls } = lab.counts;
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as SluiceError] : []));
  return {
    arrivals: Array.from({ length: IN_SEQUENCE + atOnce }, (_, n) => arrivalsOf(lab, n)),
    ran: calls.get('add') ?? 0,
    answered: settled.length - failures.length,
    failures,
    accepted,
    acceptedInSequence,
    maxOpen,
    left: open,
    closed,
  };
}

function arrivalsOf(lab: Lab, number: number): number {
  return lab.received.filter(({ message, path }) => {
    if (path !== '/mcp' || !isRequest(message) || message.method !== 'tools/call') return false;
    return (message.params?.['arguments'] as { a?: unknown } | undefined)?.a === number;
  }).length;
}
