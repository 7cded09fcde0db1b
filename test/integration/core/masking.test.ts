import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBenchmark } from '../../../src/core/benchmark/runBenchmark.ts';
import { parseServers } from '../../../src/core/config/parseServers.ts';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { resolveVariables } from '../../../src/core/config/variables.ts';
import { runDiagnosis, SHORT_DIAGNOSIS } from '../../../src/core/diagnosis/runDiagnosis.ts';
import { benchmarkMarkdown } from '../../../src/ui/benchmark/benchmarkMarkdown.ts';
import { diagnosisMarkdown } from '../../../src/ui/diagnosis/diagnosisMarkdown.ts';
import { latencyReport, statusTooltip } from '../../../src/ui/latency/latencyMarkdown.ts';
import { resultHtml } from '../../../src/ui/result/resultHtml.ts';
import { formatTraceEvent } from '../../../src/ui/trace/formatTrace.ts';
import { BASE64, SPELLINGS } from '../../unit/trace/spellings.ts';
import { failed } from '../../unit/ui/history/callRecords.ts';
import { connectTo, failureOf } from './connectTo.ts';
import {
  type Asked,
  answerWith,
  answerWithMessage,
  eventStream,
  type RawServer,
  resultOf,
  startRawServer,
} from './rawServer.ts';

const TOKEN = 'tk-9/fa+Zq=="&1x_%K';
const ACCOUNT = 'acme/4711 ltd';
const WRITTEN_OUT = 'a-key-that-is-written-out';
const MACHINE = { host: 'box', remote: undefined };

/** The settings as a person writes them, and the answers that they were asked for. */
async function configOf(url: string): Promise<ServerConfig> {
  const entry = {
    url: `${url}/\${input:account}/\${env:TEAM}?account=\${input:account}&k=\${input:short}&sid=written-out-sid`,
    headers: {
      Authorization: 'Bearer ${input:token}',
      'Ocp-Apim-Subscription-Key': WRITTEN_OUT,
      'X-Tenant': 'acme',
      'X-Request-Id': 'req-1',
    },
  };
  const { servers } = parseServers({ raw: entry }, { pool: {}, drain: {} });
  const [settings] = servers;
  if (settings === undefined) throw new Error('the settings are wrong');
  const answers: Record<string, string> = { token: TOKEN, account: ACCOUNT, short: 'xyz' };
  const resolved = await resolveVariables(
    settings,
    { env: { TEAM: 'team-a' }, folders: [] },
    async ({ input }) => answers[input] ?? '',
  );
  if (!('config' in resolved)) throw new Error(JSON.stringify(resolved.problems));
  return resolved.config;
}

/** How a server repeats what it was sent; each in one place of its answer, `said` being what it repeats. */
const PLACES: Readonly<Record<string, (asked: Asked, said: string) => unknown>> = {
  'a header of the response': (asked, said) => {
    asked.response.setHeader('X-Echo', said);
    return answerWith(asked, { content: [] });
  },
  'a cookie': (asked, said) => {
    asked.response.setHeader('Set-Cookie', [`a=${said}`, 'b=c']);
    return answerWith(asked, { content: [] });
  },
  'the text of a result': (asked, said) => answerWith(asked, { content: [{ type: 'text', text: said }] }),
  'JSON in the text of a result': (asked, said) =>
    answerWith(asked, { content: [{ type: 'text', text: JSON.stringify({ headers: { x: said } }) }] }),
  'an event': (asked, said) => {
    eventStream(asked)(resultOf(asked, { content: [{ type: 'text', text: said }] }));
    return asked.response.end() && true;
  },
  'a comment, a name and an id of events': (asked, said) => {
    asked.response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    asked.response.write(
      `: ${said}\n\nevent: ${said}\ndata: ${said}\n\nid: ${said}\ndata: ${JSON.stringify(resultOf(asked))}\n\n`,
    );
    return asked.response.end() && true;
  },
  'a message that is none': (asked, said) => {
    const write = eventStream(asked);
    write({ jsonrpc: '1.0', said });
    write({ jsonrpc: '2.0', id: said, result: {} });
    write({ jsonrpc: '2.0', id: null, error: { code: 1, message: said } });
    write(resultOf(asked));
    return asked.response.end() && true;
  },
  'another id': (asked, said) => {
    eventStream(asked)({ jsonrpc: '2.0', id: said, result: {} });
    return asked.response.end() && true;
  },
  'a progress and a log message': (asked, said) => {
    const write = eventStream(asked);
    write({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: { said } } });
    write({ jsonrpc: '2.0', method: `notifications/${said}`, params: {} });
    write(resultOf(asked));
    return asked.response.end() && true;
  },
  'an error and its data': (asked, said) =>
    answerWithMessage(asked, {
      error: { code: -32602, message: `bad token ${said}`, data: { [said]: [said, { deep: `is ${said}` }] } },
    }),
  'an error behind a status': (asked, said) => {
    asked.response.statusCode = 400;
    return answerWithMessage(asked, { error: { code: -32600, message: said, data: said } });
  },
  'a page of HTML': (asked, said) => {
    asked.response.writeHead(500, { 'Content-Type': 'text/html' });
    return asked.response.end(`<html><body><p>no ${said}</p></body></html>`) && true;
  },
  'a text that is no message': (asked, said) => {
    asked.response.writeHead(200, { 'Content-Type': 'text/plain' });
    return asked.response.end(`you said ${said}`) && true;
  },
  'a text that is cut within it': (asked, said) => {
    asked.response.writeHead(200, { 'Content-Type': 'text/plain' });
    return asked.response.end(`${'.'.repeat(196)}${said}`) && true;
  },
  'broken JSON': (asked, said) => {
    asked.response.writeHead(200, { 'Content-Type': 'application/json' });
    return asked.response.end(`{"jsonrpc":"2.0","said":"${said}`) && true;
  },
  'a challenge': (asked, said) => {
    asked.response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="x", error_description="${said}"` });
    return asked.response.end() && true;
  },
  'a redirect': (asked, said) => {
    asked.response.writeHead(307, { Location: `https://login.example/?next=${said}` });
    return asked.response.end() && true;
  },
  'a status': (asked, said) => {
    // As a gateway repeats the address that it was asked for.
    asked.response.writeHead(Number(said) || 404, { Location: `https://other.example${asked.path}` });
    return asked.response.end(`${said}: no ${asked.path} here`) && true;
  },
  'a content type': (asked, said) => {
    asked.response.writeHead(200, { 'Content-Type': `text/plain; said=${said}` });
    return asked.response.end('x') && true;
  },
};

let raw: RawServer;
let said = '';
let place = '';

beforeEach(async () => {
  said = '';
  place = '';
  raw = await startRawServer(
    (asked) => asked.message.method === 'tools/call' && place !== '' && PLACES[place]?.(asked, said),
  );
});
afterEach(() => raw[Symbol.asyncDispose]());

/** Every text in a value, names of members too. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Error)
    return Object.getOwnPropertyNames(value).flatMap((name) =>
      textsIn((value as unknown as Record<string, unknown>)[name]),
    );
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...textsIn(one)]);
}

describe('a token that a server repeats', () => {
  it.each(Object.keys(PLACES))('in %s is in no trace, error or page, in whatever spelling', async (where) => {
    await using client = connectTo(raw.url, await configOf(raw.url));
    place = where;
    for (const [spelling, spell] of Object.entries({ ...SPELLINGS, ...BASE64 })) {
      said = spell(TOKEN);
      const calls = client.trace.length;
      const outcome = await client.connection.callTool('t', {}).then(
        () => undefined,
        (error: unknown) => error,
      );
      const events = client.trace.slice(calls);
      const shown = [
        ...textsIn(events),
        ...events.map(formatTraceEvent),
        ...textsIn(outcome),
        ...(outcome === undefined ? [] : [resultHtml(failed(outcome), 'n')]),
        latencyReport([client.connection.snapshot()], MACHINE).source,
      ];
      // The spelling, the token itself, and what is left of either where it is cut. In Base64 a few characters at its
      // ends are those of what is around it too.
      const parts = [TOKEN, TOKEN.slice(0, 8), said, JSON.stringify(said).slice(1, -1)];
      parts.push(spelling in BASE64 ? said.slice(8, 18) : said.slice(0, 8));
      const leaks = shown.filter((text) => parts.some((part) => text.includes(part)));
      expect([spelling, leaks]).toEqual([spelling, []]);
      expect(shown.some((text) => text.includes('••••'))).toBe(true);
    }
  });

  it('is masked in the sentence of an error page, and in the JSON-RPC error below it', async () => {
    await using client = connectTo(raw.url, await configOf(raw.url));
    place = 'an error and its data';
    said = SPELLINGS['JSON of PHP']?.(TOKEN) ?? '';
    const error = await failureOf(client.connection.callTool('t', {}));
    expect(error.rpc).toMatchObject({
      message: 'bad token ••••',
      data: { '••••': ['••••', { deep: 'is ••••' }] },
    });
    const page = resultHtml(failed(error), 'n');
    expect(page).toContain('JSON-RPC error');
    expect(page.match(/••••/g)?.length).toBeGreaterThanOrEqual(5);
  });
});

describe('the settings of a server', () => {
  it('stand masked in the request of the trace, but for what is open', async () => {
    await using client = connectTo(raw.url, await configOf(raw.url));
    await client.connection.connect();
    const request = client.trace.find(({ kind }) => kind === 'http-request');
    expect(request).toMatchObject({
      headers: {
        authorization: 'Bearer ••••',
        'ocp-apim-subscription-key': '••••',
        'x-tenant': '••••',
        'x-request-id': 'req-1',
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'user-agent': 'sluice',
      },
    });
  });

  it('are masked where a server repeats them, but for words such as "acme"', async () => {
    await using client = connectTo(raw.url, await configOf(raw.url));
    place = 'the text of a result';
    said = `${WRITTEN_OUT} written-out-sid ${ACCOUNT} acme`;
    await client.connection.callTool('t', {});
    const body = client.trace.findLast(({ kind }) => kind === 'http-body');
    expect(body).toMatchObject({ text: expect.stringContaining('"•••• •••• •••• acme"') });
  });

  it('show the same URL in every room, without what its variables gave', async () => {
    const config = await configOf(raw.url);
    await using client = connectTo(raw.url, config);
    const url = `${raw.url}/••••/••••?account=••••&k=••••&sid=••••`;
    await client.connection.callTool('t', {});
    const snapshot = client.connection.snapshot();
    expect(snapshot.url).toBe(url);
    expect(client.trace.filter((event) => event.kind === 'http-request').map((event) => event.url)).toEqual(
      expect.arrayContaining([url]),
    );
    const report = await runBenchmark(client.connection, {
      tool: 't',
      arguments: {},
      plan: { load: { kind: 'closed', concurrency: 1, gap: 0 }, extent: { kind: 'calls', calls: 2 } },
    });
    const diagnosis = await runDiagnosis(config, {
      probe: { kind: 'ping' },
      limits: { ...SHORT_DIAGNOSIS, duration: 3_000, watch: 100 },
      clientInfo: { name: 'test', version: '0' },
    });
    expect([report.url, diagnosis.url]).toEqual([url, url]);
    const rooms = [
      latencyReport([snapshot], MACHINE).source,
      statusTooltip([snapshot], snapshot, MACHINE).source,
      benchmarkMarkdown({ ...report, shownServer: 'lab' }, '0').source,
      diagnosisMarkdown(diagnosis, { shownServer: 'lab', version: '0', learnt: [] }).source,
      ...textsIn(client.trace),
    ];
    const sent = new URL(config.url);
    for (const status of [404, 307]) {
      place = 'a status';
      said = String(status);
      const error = await failureOf(client.connection.callTool('t', {}));
      rooms.push(...textsIn(error), resultHtml(failed(error), 'n'));
    }
    expect(rooms.join()).toContain('https://other.example/mcp/••••/••••?account=••••&k=••••&sid=••••');
    rooms.push(...textsIn(client.trace));
    for (const secret of [
      ACCOUNT,
      'acme/4711',
      'acme%2F4711',
      'xyz',
      'team-a',
      'written-out-sid',
      sent.search,
    ])
      expect([secret, rooms.filter((room) => room.includes(secret))]).toEqual([secret, []]);
  });
});

describe('a line of the log', () => {
  it('cannot be forged by what a server says in any place', async () => {
    await using client = connectTo(raw.url, {
      headers: { Authorization: 'Bearer x' },
    });
    const forged = '\n2026-11-27 15:00:00.000 [info] connected\r\n[7 #2 +1 ms] HTTP 200\u2028\u001b[2K\u202e';
    for (const [where, answer] of Object.entries(PLACES)) {
      // Headers cannot carry it, nor the fields of an event.
      if (/header|cookie|comment|challenge|redirect|content type/.test(where)) continue;
      place = where;
      said = forged;
      expect(answer).toBeDefined();
      await client.connection.callTool('t', {}).catch(() => undefined);
    }
    await client.connection.callTool(forged, {}).catch(() => undefined);
    for (const event of client.trace) {
      const [, ...others] = formatTraceEvent(event).split(/[\n\r\u2028\u2029\u0085]/);
      for (const line of others) expect(line).toMatch(/^ {4}[\w-]+: /);
    }
    expect(client.trace.length).toBeGreaterThan(50);
  });
});
