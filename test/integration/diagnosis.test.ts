import { describe, expect, it } from 'vitest';
import type { ServerConfig } from '../../src/core/config/serverConfig.ts';
import type { Diagnosis, Probe } from '../../src/core/diagnosis/diagnosis.ts';
import {
  type DiagnosisOptions,
  mostRequests,
  runDiagnosis,
  SHORT_DIAGNOSIS,
} from '../../src/core/diagnosis/runDiagnosis.ts';
import { checksOf, diagnosisMarkdown } from '../../src/ui/diagnosis/diagnosisMarkdown.ts';
import { startBufferingProxy } from '../lab/bufferingProxy.ts';
import { startCuttingProxy } from '../lab/cuttingProxy.ts';
import { startDelayedLink } from '../lab/delayedLink.ts';
import { type Lab, type LabOptions, startLab } from '../lab/lab.ts';
import { unknownCoding } from '../lab/modes/encodings.ts';
import { startLabProxy } from '../lab/proxy.ts';
import { startStallingRelay } from '../lab/stallingRelay.ts';
import { tlsIdentity } from '../lab/tls.ts';
import { failureOf, serverConfig } from './core/connectTo.ts';
import { writePem } from './core/pemFiles.ts';

const tls = await tlsIdentity('private-ca');
const ca = writePem(tls.ca);

/** As asked for from the palette, but that nothing is watched for longer than half a second. */
const LIMITS = { ...SHORT_DIAGNOSIS, watch: 500 };

function diagnose(
  url: string,
  options: Partial<DiagnosisOptions> = {},
  config: Partial<ServerConfig> = {},
): Promise<Diagnosis> {
  const secure = url.startsWith('https:') ? { tls: { ca } } : {};
  return runDiagnosis(serverConfig(url, { ...secure, ...config }), {
    probe: { kind: 'ping' },
    limits: LIMITS,
    clientInfo: { name: 'test', version: '0' },
    ...options,
  });
}

/** Everything is answered in the lab's mode, as by a server that is like that. */
function startServer(options: LabOptions): Promise<Lab> {
  return startLab({ on: 'all', ...options });
}

/** What a report says of one topic: `costs: 42 ms late …`. */
function says(diagnosis: Diagnosis, topic: string): string | undefined {
  const check = checksOf(diagnosis).find((one) => one.topic === topic);
  return check && `${check.verdict}: ${check.seen}`;
}

const toMend = (diagnosis: Diagnosis): string[] =>
  checksOf(diagnosis)
    .filter(({ verdict }) => verdict === 'costs' || verdict === 'risk')
    .map(({ topic }) => topic);

function reportOf(diagnosis: Diagnosis): string {
  return diagnosisMarkdown(diagnosis, { shownServer: 'lab', version: '0', learnt: [] }).source;
}

const ANSWERS = 'Answers on busy connections';
const ENDS = 'Ends of streams on busy connections';
const OPEN = 'End of streams';
const REUSE = 'Reuse of connections';
const IDLE = 'Idle connections';
const OWN_STREAM = 'The server’s own stream';
const PROGRESS = 'Progress while a tool works';

describe.concurrent('a server with nothing to mend', () => {
  it.each<{ name: string; options: LabOptions }>([
    { name: 'SSE', options: {} },
    { name: 'JSON, of a legacy revision', options: { mode: 'json', era: 'legacy' } },
    { name: 'TLS', options: { tls } },
    { name: 'HTTP/2', options: { tls, http2: true } },
  ])('is told that nothing is wrong ($name)', async ({ options }) => {
    await using lab = await startServer(options);
    const diagnosis = await diagnose(lab.url);
    expect(diagnosis).toMatchObject({ end: { kind: 'complete' }, lost: 0, findings: [] });
    expect(toMend(diagnosis)).toEqual([]);
    expect(says(diagnosis, ANSWERS)).toMatch(/^good: /);
    expect(says(diagnosis, REUSE)).toMatch(/^good: 24 of 24 requests/);
    expect(says(diagnosis, IDLE)).toMatch(/^good: kept for \d+ ms at least/);
    const report = reportOf(diagnosis);
    expect(report).toContain('Nothing to change');
    expect(report).not.toContain('What to change on the server');
  });

  it('is not told of a stall where the way to it is long', async () => {
    await using lab = await startServer({});
    await using link = await startDelayedLink(lab.url, { oneWayMs: 25 });
    const diagnosis = await diagnose(link.url);
    expect(toMend(diagnosis)).toEqual([]);
    expect(says(diagnosis, 'Opening a connection')).toMatch(/^good: .*name and TCP/);
  });

  it('is not told of a stall where a tool is slow by itself', async () => {
    await using lab = await startLab({ mode: { name: 'slow-headers', options: { afterMs: 45 } } });
    const diagnosis = await diagnose(lab.url, { probe: tool('say_hello') });
    expect(toMend(diagnosis)).toEqual([]);
  });

  it('gets as many requests as the report says, and no more than was said before', async () => {
    await using lab = await startServer({ era: 'legacy' });
    const diagnosis = await diagnose(lab.url, { probe: tool('say_hello') });
    expect(lab.counts.calls.get('say_hello')).toBe(diagnosis.probes);
    expect(lab.counts.requests).toBe(diagnosis.requests);
    expect(diagnosis.probes).toBeLessThanOrEqual(LIMITS.probes);
    expect(diagnosis.requests).toBeLessThanOrEqual(mostRequests(LIMITS));
    // Sessions are ended, and no socket is left.
    expect(lab.sessions.ids).toEqual([]);
    await lab.waitFor(({ counts }) => counts.open === 0);
  });
});

describe.concurrent('a server that costs its callers time is told where, by how much, and what to change', () => {
  it.each<{ name: string; secure: boolean }>([
    { name: 'plain', secure: false },
    { name: 'TLS', secure: true },
  ])('answers in two pieces ($name)', async ({ secure }) => {
    await using lab = await startServer({ mode: 'split-stall', ...(secure && { tls }) });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([ANSWERS]);
    expect(says(diagnosis, ANSWERS)).toMatch(
      /^costs: [34]\d ms late on a connection that rested for less than [45]\d ms \(1\d of 1\d\)$/,
    );
    expect(reportOf(diagnosis)).toContain('TCP\\_NODELAY');
  });

  it.each([
    { mode: 'head-stall', topic: ANSWERS },
    { mode: 'split-stall', topic: ANSWERS },
    { mode: 'tail-stall', topic: ENDS },
  ] as const)('only where a tool answers with a stream ($mode)', async ({ mode, topic }) => {
    await using lab = await startLab({ mode, others: 'json' });
    const withTool = await diagnose(lab.url, { probe: tool('say_hello') });
    expect(toMend(withTool)).toEqual([topic]);
    expect(says(withTool, topic)).toMatch(/^costs: [3-5]\d(?:\.\d)? ms /);
    // Nothing of it shows in the smallest request: the report gives no all-clear for what it has not seen.
    const smallest = await diagnose(lab.url);
    expect(says(smallest, ENDS)).toBe('untested: no answer was a stream');
    expect(reportOf(smallest)).toContain('diagnose with a tool as well');
  });

  it('a relay on the way keeps pieces back, over HTTP/2 too', async () => {
    await using lab = await startServer({ tls, http2: true });
    await using relay = await startStallingRelay(lab.url);
    const diagnosis = await diagnose(relay.url);
    expect(diagnosis.opened[0]).toMatchObject({ httpVersion: '2' });
    expect(toMend(diagnosis)).toEqual([ANSWERS]);
    expect(says(diagnosis, ANSWERS)).toMatch(
      /^costs: \d\d(?:\.\d)? ms right after the call before, \d+(?:\.\d+)? ms on a connection that rested/,
    );
    expect(reportOf(diagnosis)).toContain('look at what relays the connection');
  });

  it('its smallest request is slow, and so is every call', async () => {
    await using lab = await startServer({ mode: { name: 'slow-headers', options: { afterMs: 150 } } });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual(['Smallest request']);
    expect(says(diagnosis, 'Smallest request')).toMatch(/^costs: 1[5-9]\d ms/);
  });

  it('connecting and listing its tools are slow', async () => {
    await using lab = await startLab({
      era: 'legacy',
      mode: { name: 'slow-headers', options: { afterMs: 400 } },
      on: ['initialize', 'tools/list'],
    });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual(['Connecting', 'List of tools']);
    expect(says(diagnosis, 'Connecting')).toMatch(/^costs: 4\d\d ms/);
  });

  it('the newest revision is slower than the one before', async () => {
    await using lab = await startLab({
      era: 'dual',
      mode: { name: 'slow-headers', options: { afterMs: 40 } },
      on: ['server/discover'],
    });
    const diagnosis = await diagnose(lab.url);
    expect(diagnosis.times.map(({ protocolVersion }) => protocolVersion)).toEqual([
      '2026-07-28',
      '2025-11-25',
    ]);
    expect(toMend(diagnosis)).toEqual(['Both eras, the smallest request']);
  });

  it('the end of the stream comes by itself', async () => {
    await using lab = await startServer({ mode: 'tail-stall' });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([ENDS]);
    expect(says(diagnosis, ENDS)).toMatch(/^costs: [34]\d ms after the response/);
  });

  it('streams are left open', async () => {
    await using lab = await startServer({ mode: 'hold-open' });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([OPEN]);
    expect(says(diagnosis, OPEN)).toMatch(
      /^costs: left open after the response \(4 of 4\), for 5\d\d ms at least$/,
    );
  });

  it('streams are left open, and something still comes', async () => {
    await using lab = await startServer({ mode: { name: 'trickle', options: { everyMs: 50 } } });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([OPEN]);
    expect(says(diagnosis, OPEN)).toMatch(/; meanwhile came \d+ comments$/);
  });

  it('connections are closed with each response', async () => {
    await using lab = await startServer({ mode: 'no-keepalive' });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([REUSE]);
    expect(says(diagnosis, REUSE)).toMatch(/^costs: none: the server closes the connection/);
  });

  it.each(['close-idle', 'stale-fin', 'stale-rst'] as const)(
    'connections are closed unsaid, so that calls may be lost (%s)',
    async (mode) => {
      await using lab = await startServer({ mode });
      const diagnosis = await diagnose(lab.url);
      expect(toMend(diagnosis)).toEqual([REUSE]);
      expect(says(diagnosis, REUSE)).toMatch(/^risk: none: the server closes connections right after/);
    },
  );

  it('idle connections are closed after a while, unsaid', async () => {
    await using lab = await startServer({ mode: { name: 'idle-timeout', options: { ms: 400 } } });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([IDLE]);
    expect(says(diagnosis, IDLE)).toMatch(/^risk: closed by the server after (39\d|4\d\d) ms, without/);
  });

  it('idle connections are closed after a while, and its header says so', async () => {
    await using lab = await startServer({ mode: 'keep-alive-hint' });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([]);
    expect(says(diagnosis, IDLE)).toBe('good: kept for 5 s, as the server’s Keep-Alive header says');
  });

  it('idle connections are closed long before the time that its header gives', async () => {
    const options = { ms: 350, hintSeconds: 60 };
    await using lab = await startServer({ mode: { name: 'idle-timeout', options } });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([IDLE]);
    expect(says(diagnosis, IDLE)).toMatch(
      /^risk: closed after 3\d\d ms, where the server’s Keep-Alive header says 60 s$/,
    );
  });

  it('an idle connection is closed while the server’s own stream stays open', async () => {
    await using lab = await startLab({
      era: 'legacy',
      mode: { name: 'idle-timeout', options: { ms: 400 } },
      on: ['ping'],
    });
    const diagnosis = await diagnose(lab.url);
    expect(toMend(diagnosis)).toEqual([IDLE]);
    expect(says(diagnosis, OWN_STREAM)).toMatch(/^good: stayed open for \d/);
  });

  it('a gateway cuts streams that are silent', async () => {
    await using lab = await startLab({ era: 'legacy' });
    await using proxy = await startCuttingProxy(lab.url, { silentMs: 740 });
    const diagnosis = await diagnose(proxy.url);
    expect(toMend(diagnosis)).toEqual([OWN_STREAM]);
    expect(says(diagnosis, OWN_STREAM)).toMatch(/^risk: ended after 7\d\d ms in which nothing came on it/);
  });

  it('answers are compressed in a way that nobody can read: the report says why it stopped', async () => {
    await using lab = await startLab({ mode: unknownCoding });
    const diagnosis = await diagnose(lab.url, { probe: tool('say_hello') });
    expect(diagnosis).toMatchObject({ end: { kind: 'failed', code: 'not-mcp' }, probes: 3 });
    const report = reportOf(diagnosis);
    expect(report).toMatch(/Stopped early: The answer is compressed/);
  });

  it('a proxy in between keeps answers until they are whole', async () => {
    await using lab = await startServer({});
    await using proxy = await startBufferingProxy(lab.url);
    const probe = tool('slow', { steps: 4, everyMs: 30 });
    const direct = await diagnose(lab.url, { probe });
    expect(says(direct, PROGRESS)).toMatch(/^good: came while the tool worked/);
    const buffered = await diagnose(proxy.url, { probe });
    expect(toMend(buffered)).toEqual([PROGRESS]);
    expect(says(buffered, PROGRESS)).toMatch(
      /^costs: all 4 reports came together with the response, 1\d\d ms/,
    );
    expect(says(buffered, 'Between here and the server')).toContain('via: 1.1 buffering');
    expect(reportOf(buffered)).toContain('X-Accel-Buffering');
  });

  it('is reached through a proxy of the settings, and the report says so', async () => {
    await using lab = await startServer({ tls });
    await using proxy = await startLabProxy({ hosts: { 'mcp.test': '127.0.0.1' } });
    const { url } = proxy;
    const way = { kind: 'http', url, source: 'http.proxy', strictSSL: true } as const;
    const diagnosis = await diagnose(
      lab.url.replace('127.0.0.1', 'mcp.test'),
      {},
      { proxy: { https: way, http: way, bypass: [] }, tls: { ca, servername: 'localhost' } },
    );
    expect(says(diagnosis, 'Between here and the server')).toContain(`through the proxy ${url}`);
    expect(proxy.counts.tunnels).toBe(diagnosis.opened.length);
  });
});

describe.concurrent('a diagnosis', () => {
  it('that is cancelled ends at once, and reports what it saw', async () => {
    await using lab = await startServer({});
    const controller = new AbortController();
    const diagnosis = await diagnose(lab.url, {
      signal: controller.signal,
      onProgress: ({ probes }) => {
        if (probes === 5) controller.abort();
      },
    });
    expect(diagnosis).toMatchObject({ end: { kind: 'cancelled' }, probes: 5, lost: 0 });
    expect(reportOf(diagnosis)).toContain('Nothing to change was found so far; not all was looked at');
    expect(reportOf(diagnosis)).toContain('Cancelled');
    await lab.waitFor(({ counts }) => counts.open === 0);
  });

  it('of a server that dies half way reports what it saw, and why it stopped', async () => {
    const lab = await startServer({});
    const diagnosis = await diagnose(lab.url, {
      onProgress: ({ probes }) => {
        if (probes === 5) void lab.close();
      },
    });
    expect(diagnosis.end).toMatchObject({ kind: 'failed' });
    expect(diagnosis.series[0]?.samples).toHaveLength(5);
    // Three in a row are enough.
    expect([...(diagnosis.series[0]?.failures.values() ?? [])].reduce((sum, one) => sum + one, 0)).toBe(3);
    expect(reportOf(diagnosis)).toMatch(/Stopped early: .*refused/);
  });

  it('of a server that says nothing ends when its time is up, with an error that says so', async () => {
    await using lab = await startServer({ mode: 'silence' });
    const error = await failureOf(diagnose(lab.url, { limits: { ...LIMITS, duration: 300 } }));
    expect(error).toMatchObject({ code: 'request-timeout', server: 'lab' });
    expect(error.message).toContain('did not answer in 0.3 s');
  });

  it('of a server that answers no more reports what it saw when its time is up', async () => {
    await using lab = await startServer({});
    const diagnosis = await diagnose(lab.url, {
      limits: { ...LIMITS, duration: 600 },
      onProgress: ({ probes }) => {
        if (probes === 5) lab.use('silence', 'all');
      },
    });
    expect(diagnosis).toMatchObject({ end: { kind: 'out-of-time' }, lost: 0 });
    expect(diagnosis.series[0]?.samples).toHaveLength(5);
  });

  it('shows no secret', async () => {
    await using lab = await startServer({});
    const secret = 'token-of-the-user';
    const config = { headers: { authorization: `Bearer ${secret}` }, secrets: [secret] };
    const diagnosis = await diagnose(lab.url, {}, config);
    const report = reportOf(diagnosis);
    expect(`${JSON.stringify(diagnosis)} ${report}`).not.toContain(secret);
  });
});

function tool(name: string, args: Readonly<Record<string, unknown>> = {}): Probe {
  return { kind: 'tool', tool: name, arguments: args };
}
