import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import {
  DEFAULT_DRAIN,
  DEFAULT_HTTP2,
  DEFAULT_POOL,
  type ServerConfig,
} from '../../../src/core/config/serverConfig.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';
import { McpServer } from '../../../src/core/servers/mcpServer.ts';
import { FLOODS, OVER_BOUND, WITHIN_BOUND } from './loads.ts';

/** What one load did to the thread that met it. */
export interface Measured {
  readonly name: string;
  /** How the call ended: `ok`, or the code of its error. */
  readonly outcome: string;
  /** Milliseconds of this thread's CPU between two turns of the event loop, at most: a lower bound of its longest stop. */
  readonly stop: number;
  /** All of its CPU, in milliseconds. */
  readonly cpu: number;
  readonly wall: number;
  /** Megabytes by which the process grew at most; meaningful for the largest of a process. */
  readonly peak: number;
  /** Bytes of the message. */
  readonly bytes: number;
  readonly warnings: number;
  /** Trace events that a sink got. */
  readonly events: number;
  /** Sockets that were open at once at the server. */
  readonly sockets: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Linux forgets how large the process was; elsewhere a load shows that is larger than all before it. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {}
}

const cpuNow = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Looks at this thread's CPU in each turn. */
function watch() {
  let last = cpuNow();
  let longest = 0;
  let timer: NodeJS.Timeout;
  const tick = () => {
    const now = cpuNow();
    longest = Math.max(longest, now - last);
    last = now;
    timer = setTimeout(tick, 1);
  };
  tick();
  return () => {
    clearTimeout(timer);
    return Math.max(longest, cpuNow() - last);
  };
}

/** Milliseconds: a stop that is no longer is far from a bound. */
const PLAIN = 50;

/**
 * Three times where a stop is not plain: another process that has the processor's caches adds to one of them, and a garbage
 * collection that the load itself causes is in all. The stop in the middle counts; all else is that of the first time.
 */
async function measure(...load: Parameters<typeof measureOnce>): Promise<Measured> {
  const first = await measureOnce(...load);
  if (first.stop <= PLAIN) return first;
  const stops = [first.stop, (await measureOnce(...load)).stop, (await measureOnce(...load)).stop];
  const [, middle = first.stop] = stops.sort((a, b) => a - b);
  return { ...first, stop: middle };
}

async function measureOnce(
  name: string,
  url: string,
  bytes: number,
  worker: Worker,
  overrides: Partial<ServerConfig>,
): Promise<Measured> {
  let warnings = 0;
  let events = 0;
  const connection = new McpServer({
    clock: systemClock,
    config: {
      name: 'load',
      url,
      headers: {},
      protocol: 'auto',
      requestTimeout: 60_000,
      pool: DEFAULT_POOL,
      drain: DEFAULT_DRAIN,
      http2: DEFAULT_HTTP2,
      tls: {},
      secrets: [],
      ...overrides,
    },
    callbacks: {
      traceLevel: () => (process.argv.includes('--trace') ? 'trace' : 'info'),
      onTrace: (event) => void (event.kind === 'warning' ? warnings++ : events++),
      onState: () => undefined,
      onActivity: () => undefined,
      roots: () => [],
    },
  });
  await connection.listTools();
  collect();
  forgetPeak();
  const before = process.resourceUsage().maxRSS;
  const rss = process.memoryUsage.rss() / 1024;
  const cpu = cpuNow();
  const startedAt = performance.now();
  const stop = watch();
  const timeout = url.includes('/json/') || url.includes('/sse/') ? 60_000 : 150;
  const outcome = await connection.callTool('t', {}, { timeout }).then(
    () => 'ok',
    (error) => `${error.code}`,
  );
  const stopped = stop();
  const after = process.resourceUsage().maxRSS;
  const measured = {
    name,
    outcome,
    stop: stopped,
    cpu: cpuNow() - cpu,
    wall: performance.now() - startedAt,
    peak: after > before ? (after - rss) / 1024 : 0,
    bytes,
    warnings,
    events,
  };
  await connection.close();
  worker.postMessage('sockets');
  const [sockets] = await once(worker, 'message');
  return { ...measured, sockets };
}

/** What parsing alone costs, of the worst that the bounds let through: of names, of texts, and of many small objects. */
function parsing(): number {
  const worst = WITHIN_BOUND.filter(({ name }) =>
    /^(objects of other names each, as|short texts of which|a table .*: texts)/.test(name),
  );
  return Math.max(
    ...worst.map(({ value }) => {
      const text = value();
      collect();
      const before = cpuNow();
      JSON.parse(text);
      return cpuNow() - before;
    }),
  );
}

const [, , what = 'messages', only = ''] = process.argv;
const identity = process.env['LOAD_TLS'] === undefined ? {} : JSON.parse(process.env['LOAD_TLS']);
const worker = new Worker(new URL('./loadServer.ts', import.meta.url), {
  workerData: identity,
  execArgv: [],
});
const [port] = await once(worker, 'message');
const origin = `${identity.key === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
const overrides = { tls: identity.key === undefined ? {} : { rejectUnauthorized: false } };
const found: Measured[] = [];
if (what === 'messages') {
  for (const [index, load] of [...WITHIN_BOUND, ...OVER_BOUND].entries())
    for (const how of ['json', 'sse']) {
      // What is cut off is cut off alike: each kind comes in one of the two ways.
      if (only === '' && index >= WITHIN_BOUND.length && (index % 2 === 0) === (how === 'json')) continue;
      const name = `${load.name} (${how})`;
      if (!name.includes(only)) continue;
      worker.postMessage({ prepare: index });
      const [bytes] = await once(worker, 'message');
      found.push(await measure(name, `${origin}/${how}/${index}`, bytes, worker, overrides));
    }
} else {
  for (const [index, { name }] of FLOODS.entries())
    for (const how of what === 'floods' ? ['call', 'get', 'old'] : ['call'])
      for (const chunk of what === 'floods' ? [65_536] : [100]) {
        const full = `${name} (${how}, ${chunk})`;
        if (full.includes(only))
          found.push(
            await measure(full, `${origin}/${how}/${index}/${chunk}`, 0, worker, {
              ...overrides,
              protocol: how === 'old' ? '2024-11-05' : 'auto',
            }),
          );
      }
}
// At last: before, its memory would hide that of the loads. One load alone is measured for its memory.
const calibration = only === '' ? Math.max(parsing(), parsing(), parsing()) : 0;
process.stdout.write(JSON.stringify({ calibration, found }));
process.exit();
