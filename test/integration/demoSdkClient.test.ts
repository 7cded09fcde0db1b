import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { FORM_CAPABILITY } from './demoPeer.ts';

const clientInfo = { name: 'official-client', version: '1.0.0' };

describe('the demo server with the official clients', () => {
  let demo: DemoServer;

  beforeEach(async () => {
    demo = await startDemoServer();
  });

  afterEach(() => demo.close());

  it.each([
    ['2026-07-28', { pin: '2026-07-28' }],
    ['2025-11-25', 'legacy'],
  ] as const)(
    'SDK 2 in revision %s lists and calls every tool, and is asked back',
    async (revision, mode) => {
      const client = new Client(clientInfo, { capabilities: FORM_CAPABILITY, versionNegotiation: { mode } });
      client.setRequestHandler('elicitation/create', () => ({
        action: 'accept',
        content: { name: 'Ada', colour: 'blue' },
      }));
      await client.connect(new StreamableHTTPClientTransport(new URL(demo.url)));
      expect(client.getNegotiatedProtocolVersion()).toBe(revision);

      const { tools } = await client.listTools();
      expect(tools).toHaveLength(10);
      const required: Record<string, Record<string, unknown>> = {
        echo: { message: 'hello' },
        add: { a: 1, b: 2 },
        slow: { seconds: 0 },
        structured: { city: 'Delft', region: 'asia' },
      };
      for (const { name } of tools) {
        const result = await client.callTool({ name, arguments: required[name] ?? {} });
        expect([name, result.isError ?? false]).toEqual([name, name === 'fail']);
      }
      expect(demo.stats()).toMatchObject({ routingEntries: 0, runningCalls: 0 });
      await client.close();
    },
  );

  it('SDK 1 calls a tool and is told of its progress', async () => {
    const client = new Client1(clientInfo);
    // SDK 1's own types do not hold under exactOptionalPropertyTypes.
    await client.connect(new Transport1(new URL(demo.url)) as Parameters<typeof client.connect>[0]);
    const progress: number[] = [];
    const result = await client.callTool({ name: 'slow', arguments: { seconds: 0, steps: 3 } }, undefined, {
      onprogress: (report) => progress.push(report.progress),
    });
    expect(result.content).toEqual([{ type: 'text', text: 'Done: 3 steps in 0 s.' }]);
    expect(progress).toEqual([0, 1, 2, 3]);
    await client.close();
  });
});
