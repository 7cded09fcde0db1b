import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ServerConfig } from '../../../src/core/config/serverConfig.ts';
import { isSluiceError } from '../../../src/core/errors.ts';
import { type FaultyTool, faultsOf, nonceTools, numbersFrom, TOOLS } from '../../lab/faults.ts';
import { startKillableLab } from '../../lab/killableLab.ts';
import { type LabOptions, startLab } from '../../lab/lab.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { connectTo, textOf } from './connectTo.ts';

/** `SLUICE_FAULTS=26000` is the whole figure; every kind of fault is met in what CI runs as well. */
const CALLS = Number(process.env['SLUICE_FAULTS'] ?? 1_560);
const AT_ONCE = 24;
/** Of the calls, cancelled after 1 to 30 ms. */
const CANCELLED = 0.03;

interface Settled {
  readonly nonce: string;
  readonly tool: FaultyTool;
  readonly end: 'right' | 'wrong' | 'not-sent' | 'unknown' | 'answered';
}

/** Calls a server that fails in every way, 24 at once. Whatever is no result and no coded error fails the test. */
async function callOften(
  url: string,
  calls: number,
  overrides: Partial<ServerConfig> = {},
  onSettled: (done: number, last: Settled) => Promise<void> | undefined = () => undefined,
): Promise<readonly Settled[]> {
  const next = numbersFrom(calls);
  await using client = connectTo(url, { requestTimeout: 1_000, ...overrides }, { traceLevel: () => 'off' });
  const settled: Settled[] = [];
  let begun = 0;
  async function one(n: number): Promise<Settled> {
    const tool = TOOLS[Math.floor(next() * TOOLS.length)] ?? 'plain';
    const nonce = `${tool}-${n}`;
    const ms = next() < CANCELLED ? 1 + Math.floor(next() * 30) : undefined;
    const options = ms === undefined ? {} : { signal: AbortSignal.timeout(ms) };
    try {
      const outcome = await client.connection.callTool(tool, { nonce }, options);
      return { nonce, tool, end: textOf(outcome) === nonce ? 'right' : 'wrong' };
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      return { nonce, tool, end: error.delivery };
    }
  }
  async function worker(): Promise<void> {
    while (begun < calls) {
      const last = await one(begun++);
      settled.push(last);
      await onSettled(settled.length, last);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return settled;
}

/** What must never be, and what was. */
function judge(settled: readonly Settled[], runs: readonly string[]) {
  const ran = new Map<string, number>();
  for (const nonce of runs) ran.set(nonce, (ran.get(nonce) ?? 0) + 1);
  const times = ({ nonce }: Settled) => ran.get(nonce) ?? 0;
  const count = (matches: (one: Settled) => boolean) => settled.filter(matches).length;
  return {
    never: {
      'unsafe run twice': count((one) => one.tool === 'plain' && times(one) > 1),
      'run more than twice': count((one) => times(one) > 2),
      'false not-sent': count((one) => one.end === 'not-sent' && times(one) > 0),
      'wrong answer': count((one) => one.end === 'wrong'),
      'answered, and not run': count((one) => one.end === 'right' && times(one) === 0),
    },
    seen: {
      calls: settled.length,
      right: count((one) => one.end === 'right'),
      'safe run twice': count((one) => times(one) === 2),
      'not-sent': count((one) => one.end === 'not-sent'),
      unknown: count((one) => one.end === 'unknown'),
      answered: count((one) => one.end === 'answered'),
    },
  };
}

function told(figures: Readonly<Record<string, number | string>>): string {
  return Object.entries(figures)
    .map(([what, figure]) => `${what} ${figure}`)
    .join(', ');
}

const NEVER = {
  'unsafe run twice': 0,
  'run more than twice': 0,
  'false not-sent': 0,
  'wrong answer': 0,
  'answered, and not run': 0,
};

const SERVERS = [
  ['a legacy server over HTTP/1.1', 10 / 26, '1.1', { era: 'legacy' }],
  ['a modern server over HTTP/1.1', 8 / 26, '1.1', {}],
  ['a modern server over HTTP/2', 4 / 26, '2', {}],
] as const satisfies readonly (readonly [string, number, '1.1' | '2', LabOptions])[];

it.for(SERVERS)(
  '%s that fails in every way runs no tool twice that may not, and no call is told falsely',
  { timeout: 900_000 },
  async ([, share, version, options], { annotate }) => {
    const calls = Math.round(CALLS * share);
    const runs: string[] = [];
    const { mode, onAccept, counts } = faultsOf(version, calls);
    const overTls = version === '2' && { tls: await tlsIdentity('private-ca'), http2: 'only' as const };
    const tools = nonceTools((nonce) => runs.push(nonce));
    await using lab = await startLab({ ...options, ...overTls, record: false, mode, onAccept, tools });
    const settled = await callOften(
      lab.url,
      calls,
      version === '2' ? { tls: { rejectUnauthorized: false } } : {},
    );
    const { never, seen } = judge(settled, runs);
    await annotate(told({ ...seen, connections: lab.counts.accepted, faults: counts.join(' ') }));
    expect(never).toEqual(NEVER);
    expect(seen.calls).toBe(calls);
    expect(Math.min(...counts), 'a fault that never was').toBeGreaterThan(0);
    expect(seen.right).toBeGreaterThan(calls / 3);
  },
);

it('a server that is killed in the middle of its calls runs no tool twice that may not, and no call is told falsely', async ({
  annotate,
}) => {
  const calls = Math.round((CALLS * 4) / 26);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lab = await startKillableLab(join(folder, 'runs'));
  onTestFinished(() => lab.close());
  let restarts = 0;
  let restarting: Promise<void> | undefined;
  const settled = await callOften(lab.url, calls, {}, (done, { end }) => {
    if (done % 80 === 0) {
      restarts++;
      restarting = (restarting ?? Promise.resolve()).then(() => lab.restart());
    }
    // Whoever met a server that is down waits for the next; all others find out by themselves.
    return end === 'not-sent' ? restarting : undefined;
  });
  await restarting;
  const { never, seen } = judge(settled, lab.runs());
  await annotate(told({ ...seen, restarts }));
  expect(never).toEqual(NEVER);
  expect(seen.calls).toBe(calls);
  expect(restarts).toBe(Math.floor(calls / 80));
}, 900_000);
