import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2,
  SSEClientTransport as Sse2,
} from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as Sse1 } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Agent, fetch as undiciFetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { isSluiceError } from '../../../src/core/errors.ts';
import { startLab } from '../../lab/lab.ts';
import { endlessLine, hugeEvent } from '../../lab/modes/broken.ts';
import { type Mode, modeNames } from '../../lab/modes.ts';
import { connectTo, textOf } from './connectTo.ts';
import { ODD } from './oddServers.ts';

/** Milliseconds that an official client has for a request: those of its failures that it notices at all come at once. */
const PATIENCE = 2_500;

interface OfficialClient {
  connect(transport: unknown, options: object): Promise<void>;
  callTool(params: object, ...options: unknown[]): Promise<{ content?: unknown }>;
  listTools(params?: object, options?: object): Promise<unknown>;
  close(): Promise<void>;
}

/** Over HTTP/1.1, as the global `fetch` of Node 24; certificates are not what is looked at here. */
const agent = new Agent({ allowH2: false, connect: { rejectUnauthorized: false } });
const fetch = (url: string | URL, init?: RequestInit) =>
  undiciFetch(url, { ...init, dispatcher: agent } as Parameters<
    typeof undiciFetch
  >[1]) as unknown as Promise<Response>;

const OFFICIAL = {
  'the official client 1.x': {
    make: () => new Client1({ name: 'official', version: '1' }) as unknown as OfficialClient,
    http: (url: URL) => new Http1(url, { fetch }),
    sse: (url: URL) => new Sse1(url, { fetch }),
    call: (client: OfficialClient, name: string, args: object) =>
      client.callTool({ name, arguments: args }, undefined, { timeout: PATIENCE }),
  },
  'the official client 2.x': {
    make: () =>
      new Client2(
        { name: 'official', version: '1' },
        { versionNegotiation: { mode: 'auto' } },
      ) as unknown as OfficialClient,
    http: (url: URL) => new Http2(url, { fetch }),
    sse: (url: URL) => new Sse2(url, { fetch }),
    call: (client: OfficialClient, name: string, args: object) =>
      client.callTool({ name, arguments: args }, { timeout: PATIENCE }),
  },
} as const;
type Official = (typeof OFFICIAL)[keyof typeof OFFICIAL];

/** Of what a client gets, the text blocks. */
function textIn(content: unknown): string {
  return Array.isArray(content) ? content.map((block) => block?.text ?? '').join('\n') : '';
}

/** Whether an official client gets through to the answer, over Streamable HTTP or, as its users do then, over HTTP+SSE. */
async function getsThrough(
  { make, http, sse, call }: Official,
  url: string,
  name: string,
  args: object,
): Promise<string | undefined> {
  for (const transport of [http, sse]) {
    const client = make();
    try {
      await client.connect(transport(new URL(url)), { timeout: PATIENCE });
      await client.listTools({}, { timeout: PATIENCE });
      return textIn((await call(client, name, args)).content);
    } catch {
      // It does not.
    } finally {
      await client.close().catch(() => undefined);
    }
  }
  return undefined;
}

const officials = Object.entries(OFFICIAL);

describe('a server that is odd', () => {
  it.each(Object.entries(ODD))('as some are in the field: %s', async (_, { start, told }) => {
    await using server = await start();
    await using client = connectTo(server.url, { tls: { rejectUnauthorized: false } });
    await client.connection.listTools();
    const got = await client.connection.callTool('t', {}).then(textOf, (error: unknown) => {
      if (isSluiceError(error)) return error.message;
      throw error;
    });
    expect(got).toEqual(typeof told === 'string' ? told : expect.stringMatching(told));
  });

  it.each(Object.entries(ODD))(
    'gets no official client through that Sluice does not: %s',
    async (_, { start, told }) => {
      const got = await Promise.all(
        officials.map(async ([name, official]) => {
          await using server = await start();
          return [name, await getsThrough(official, server.url, 't', {})] as const;
        }),
      );
      // What Sluice gets is tested above: where it gets an error, none of them gets a text.
      const texts = got.filter(([, text]) => text !== undefined && text !== '');
      if (typeof told !== 'string') expect(texts).toEqual([]);
    },
  );
});

/** Modes whose own size would make this a test of patience. */
const smaller: Record<string, Mode> = {
  'huge-event': hugeEvent({ bytes: 256 * 1024 }),
  'endless-line': endlessLine({ upToBytes: 1024 * 1024 }),
};

describe('a mode of the lab', () => {
  it.each(modeNames)('gets no official client through that Sluice does not: %s', async (name) => {
    const start = () => startLab({ era: 'dual', mode: smaller[name] ?? name });
    const got = await Promise.all(
      officials.map(async ([official, client]) => {
        const lab = await start();
        const text = await getsThrough(client, lab.url, 'say_hello', {});
        lab.release();
        // What official clients send is not held against the schema here.
        await lab.close().catch(() => undefined);
        return [official, text] as const;
      }),
    );
    for (const [official, text] of got) {
      if (text === undefined) continue;
      await using lab = await start();
      const protocol = official === 'the official client 1.x' ? '2025-11-25' : 'auto';
      await using client = connectTo(lab.url, { requestTimeout: 10_000, protocol });
      const { connection } = client;
      expect(textOf(await connection.callTool('say_hello', {})), official).toMatch(/^Hello, world!/);
    }
  });
});
