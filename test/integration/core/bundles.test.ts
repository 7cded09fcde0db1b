import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundles } from '../../../scripts/bundles.ts';
import type * as Benchmark from '../../../src/core/benchmark/runBenchmark.ts';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import type * as Diagnosis from '../../../src/core/diagnosis/runDiagnosis.ts';
import type * as Core from '../../../src/core/index.ts';
import { startLab } from '../../lab/lab.ts';
import { HTTP_SSE_REQUESTS, httpSse } from '../../lab/modes/httpSse.ts';
import { startLabProxy } from '../../lab/proxy.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { serverConfig } from './connectTo.ts';
import { writePem } from './pemFiles.ts';

let directory: string;
let require: NodeJS.Require;
let core: typeof Core;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sluice-bundles-'));
  require = createRequire(path.join(directory, 'index.cjs'));
  const absWorkingDir = path.resolve(import.meta.dirname, '../../..');
  await Promise.all(
    bundles({ production: true })
      .filter(({ external = [] }) => !external.includes('vscode'))
      .map((options) => build({ ...options, absWorkingDir, outdir: directory })),
  );
});

afterAll(() => rm(directory, { recursive: true }));

const ours = () => Object.keys(require.cache).filter((file) => file.startsWith(directory));
/** Names of the bundles that are loaded. */
const loaded = () =>
  ours()
    .map((file) => path.basename(file, '.cjs'))
    .sort();

beforeEach(() => {
  for (const file of ours()) delete require.cache[file];
  core = require('./core.cjs') as typeof Core;
});

function connect(url: string, overrides: Partial<ServerConfig> = {}) {
  const connection = new core.McpServer({
    config: serverConfig(url, overrides),
    callbacks: { traceLevel: () => 'off', onTrace() {}, onState() {}, onActivity() {} },
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

describe('the bundles of core/, as they are shipped', () => {
  it('are one at first; a call over HTTP/1.1 takes what speaks that, and nothing else', async () => {
    expect(loaded()).toEqual(['core']);
    await using lab = await startLab({});
    await using connection = connect(lab.url);
    const { result } = await connection.callTool('say_hello', { name: 'Ada' });
    expect(result.content).toMatchObject([{ type: 'text' }]);
    expect(loaded()).toEqual(['core', 'http1']);
  });

  it('speak HTTP/2 over TLS', async () => {
    const tls = await tlsIdentity('private-ca');
    await using lab = await startLab({ tls, http2: true });
    await using connection = connect(lab.url, { tls: { ca: writePem(tls.ca) } });
    expect((await connection.callTool('say_hello', {})).wire.httpVersion).toBe('2');
    expect(loaded()).toEqual(expect.arrayContaining(['http2', 'tls']));
  });

  it('speak HTTP+SSE', async () => {
    await using lab = await startLab({
      era: 'legacy',
      sessions: false,
      mode: httpSse(),
      on: HTTP_SSE_REQUESTS,
    });
    await using connection = connect(lab.url);
    await connection.callTool('say_hello', {});
    expect(loaded()).toEqual(['core', 'http1', 'httpSse']);
  });

  it('reach a server through a SOCKS proxy', async () => {
    await using lab = await startLab({});
    await using proxy = await startLabProxy({ protocol: 'socks5', hosts: { 'mcp.test': '127.0.0.1' } });
    const by = { kind: 'socks5', url: proxy.url, source: 'http.proxy', strictSSL: true } as const;
    // This machine is always reached directly.
    await using connection = connect(lab.url.replace('127.0.0.1', 'mcp.test'), {
      proxy: { https: by, http: by, bypass: [] },
    });
    await connection.callTool('say_hello', {});
    expect(loaded()).toEqual(['core', 'http1', 'socks']);
  });

  it('check a result against its schema, in a thread where that may take long', async () => {
    await using lab = await startLab({});
    await using connection = connect(lab.url);
    const { result, violations } = await connection.callTool('add', { a: 1, b: 2 });
    expect([result.structuredContent, violations]).toEqual([{ sum: 3 }, []]);
    expect(loaded()).toEqual(['core', 'http1', 'toolSchema']);
    const plain = { type: 'object', required: ['a'] };
    expect(await core.checkSchema(plain, {})).toMatchObject({ kind: 'violations' });
    const inThread = { type: 'string', pattern: '^a+$' };
    expect(await core.checkSchema(inThread, 'b')).toMatchObject({ kind: 'violations' });
    expect(await core.checkSchema(inThread, 'aa')).toEqual({ kind: 'fits' });
  });

  it('read skills', async () => {
    await using lab = await startLab({});
    await using connection = connect(lab.url);
    const [skill] = await connection.listSkills();
    expect(skill).toBeDefined();
    expect(await connection.readSkill(skill as Core.Skill)).toMatchObject({ text: expect.any(String) });
    expect(loaded()).toEqual(['core', 'http1', 'skills']);
  });

  it('run a benchmark and a diagnosis on connections of core.cjs', async () => {
    await using lab = await startLab({});
    await using connection = connect(lab.url);
    const { runBenchmark } = require('./benchmark.cjs') as typeof Benchmark;
    const plan = {
      load: { kind: 'closed', concurrency: 2, gap: 0 },
      extent: { kind: 'calls', calls: 10 },
    } as const;
    const report = await runBenchmark(connection, { tool: 'say_hello', arguments: {}, plan });
    expect(report).toMatchObject({ end: { kind: 'complete' }, latency: { count: 10 } });
    const { runDiagnosis } = require('./diagnosis.cjs') as typeof Diagnosis;
    const diagnosis = await runDiagnosis(serverConfig(lab.url), {
      probe: { kind: 'ping' },
      limits: { duration: 300, probes: 3, watch: 100 },
      clientInfo: { name: 'test', version: '1' },
    });
    expect(diagnosis.series.length).toBeGreaterThan(0);
    expect(loaded()).toEqual(['benchmark', 'core', 'diagnosis', 'http1']);
  });

  it('throw one class of error, by its own name, whichever of them throws', async () => {
    const tls = await tlsIdentity('private-ca');
    await using lab = await startLab({ tls });
    await using connection = connect(lab.url);
    const error: unknown = await connection.connect().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(core.SluiceError);
    expect(error).toMatchObject({ name: 'SluiceError', code: 'tls-failed' });
    expect(loaded()).toContain('tls');
  });
});
