import { setTimeout as after } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { McpServer } from '../../src/core/index.ts';
import { serverConfig } from '../integration/core/connectTo.ts';
import { startLabProcess } from '../lab/labProcess.ts';
import type { Cold } from './plan.ts';
import type { ColdResult } from './results.ts';
import { summarize } from './statistics.ts';

/** What a client keeps of a server from one connect to the next. */
interface Memory {
  version?: string | undefined;
  server?: unknown;
}

/** The two clients take turns. Each first call is one of a new client, which is closed before the next one begins. */
export async function measureCold(cold: Cold): Promise<ColdResult> {
  const { era, isKnown, times, roundTripMs } = cold;
  await using lab = await startLabProcess({ era, oneWayMs: roundTripMs / 2 });
  const memory: Memory = {};
  const sluice: number[] = [];
  const official: number[] = [];
  // The first one is there to be remembered, and to load what there is.
  for (let time = 0; time <= times; time += 1) {
    const ms = await bySluice(lab.url, isKnown ? memory : {});
    const theirs = await byOfficial(lab.url, era);
    if (time === 0) continue;
    sluice.push(ms);
    official.push(theirs);
  }
  return { ...cold, sluice: summarize(sluice), official: summarize(official) };
}

/** Milliseconds from `callTool` on a new connection to the result. */
async function bySluice(url: string, memory: Memory): Promise<number> {
  const connection = new McpServer({
    config: serverConfig(url),
    callbacks: {
      traceLevel: () => 'off',
      onTrace: () => {},
      onState: () => {},
      onActivity: () => {},
      recallProtocol: () => memory.version,
      rememberProtocol: (version) => {
        memory.version = version;
      },
      recallServer: () => memory.server,
      rememberServer: (server) => {
        memory.server = server;
      },
    },
  });
  try {
    const start = performance.now();
    await connection.callTool('add', { a: 1, b: 1 });
    const ms = performance.now() - start;
    // What goes on beside the call is to end before the next client begins.
    await connection.connect();
    await connection.listTools();
    return ms;
  } finally {
    await connection.close();
  }
}

/** From `connect` on: nothing can be called before. It remembers nothing, and is told the era. */
async function byOfficial(url: string, era: Cold['era']): Promise<number> {
  const pinned = era === 'modern' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {};
  const client = new Client({ name: 'bench', version: '1.0.0' }, pinned);
  try {
    const start = performance.now();
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    await client.callTool({ name: 'add', arguments: { a: 1, b: 1 } });
    return performance.now() - start;
  } finally {
    await client.close();
    await after(50);
  }
}
