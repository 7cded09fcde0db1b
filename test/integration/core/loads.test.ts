import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Measured } from '../../lab/loads/loadMain.ts';
import { tlsIdentity } from '../../lab/tls.ts';

const MAIN = fileURLToPath(new URL('../../lab/loads/loadMain.ts', import.meta.url));
const MIB = 1024 * 1024;

interface Report {
  /** Milliseconds of CPU that parsing alone takes, of the costliest message that the bounds let through. */
  readonly calibration: number;
  readonly found: readonly Measured[];
}

/** Runs loads in a process of their own, the server in a thread beside: what is counted is the client's thread alone. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Report> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
    maxBuffer: 64 * MIB,
  });
  return JSON.parse(stdout);
}

/**
 * Loads that stopped the event loop longer than 100 ms: of CPU, which is what the stop is on an idle machine. Where other
 * processes slow that down too, parsing alone tells by how much.
 */
function tooLong({ calibration, found }: Report): string[] {
  const bound = Math.max(100, 1.5 * calibration);
  return found
    .filter(({ stop }) => stop > bound)
    .map(({ name, stop }) => `${name}: ${Math.round(stop)} of ${Math.round(bound)} ms`);
}

describe('what one message of a server may cost', { timeout: 240_000 }, () => {
  it('is no stop of 100 ms, whatever it is made of; and what is over a bound is not read on', async () => {
    const report = await run(['messages']);
    expect(tooLong(report), tooLong(report).join(', ')).toEqual([]);
    const isOver = (name: string) => /far too many|100,000 deep|a batch/.test(name);
    expect(
      report.found.filter(({ name, outcome }) => outcome !== (isOver(name) ? 'too-large' : 'ok')),
    ).toEqual([]);
    expect(report.found.length).toBeGreaterThan(50);
  });

  it.each([
    'objects of other names each, as many as may be (json)',
    'nested arrays, as many as may be (sse)',
    '{}, as many as may be (json)',
    'objects of numbers for names, as many as may be (json)',
    'short texts, as many as may be (json)',
    'a table of 350,000 cells: a few short texts (sse)',
    'many names (sse)',
    'a long text with a character that is not Latin (json)',
    'a long text of escapes (sse)',
    'one long name (json)',
    '1.5e-7, far too many (json)',
  ])('is at most 8 times its bytes, or 64 MiB where that is more: %s', async (name) => {
    const { found } = await run(['messages', name]);
    expect(found).toHaveLength(1);
    const [{ peak = Number.NaN, bytes = 0 } = {}] = found;
    expect(peak * MIB).toBeLessThan(Math.max(8 * bytes, 64 * MIB));
  });
});

describe('what a flood of a server may cost', { timeout: 240_000 }, () => {
  it.each([
    ['in large pieces', ['floods']],
    ['event by event', ['trickle']],
    ['with everything traced', ['floods', '', '--trace']],
  ])('is no stop of 100 ms, no hundreds of sockets, and no log without an end: %s', async (_, args) => {
    const report = await run(args);
    expect(tooLong(report), tooLong(report).join(', ')).toEqual([]);
    // 16 answers under way, each over a connection of its own at worst, and what the calls need.
    expect(report.found.filter(({ sockets }) => sockets > 48)).toEqual([]);
    // Warnings and events have a bound a second, and a flood may have lasted longer than one.
    expect(report.found.filter(({ warnings }) => warnings > 2_100)).toEqual([]);
    expect(report.found.filter(({ events }) => events > 20_100)).toEqual([]);
  });

  it('is no stop of 100 ms over HTTP/2 either', async () => {
    const { key, cert } = await tlsIdentity('private-ca');
    const report = await run(['https'], { LOAD_TLS: JSON.stringify({ key, cert }) });
    expect(tooLong(report), tooLong(report).join(', ')).toEqual([]);
  });

  it('is given up after some hundred events that are no messages', async () => {
    const { found } = await run(['floods', 'no messages']);
    expect(found.map(({ name, outcome }) => `${name}: ${outcome}`)).toContain(
      'no messages (call, 65536): not-mcp',
    );
    expect(found.every(({ warnings }) => warnings < 300)).toBe(true);
  });
});
