import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Figure } from '../bench/figures.ts';
import type { Results } from '../bench/results.ts';

const BENCH = path.join(import.meta.dirname, '../bench/bench.ts');
const run = (...args: readonly string[]) => promisify(execFile)(process.execPath, [BENCH, ...args]);

describe('npm run bench', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-bench-test-'));
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('measures every client beside the others, on servers that count', async () => {
    const output = path.join(directory, 'report.md');
    const { stdout, stderr } = await run(
      ...['--only', 'size-64KB,thousand', '--calls', '5', '--json', '--output', output],
    );
    const { cells, failures, figures, machine } = JSON.parse(stdout) as Results & { figures: Figure[] };
    expect(failures).toEqual([]);
    expect(machine.packages['undici']).toMatch(/^8\./);

    const [sized, thousand] = cells;
    expect(sized?.lanes.map(({ client }) => client)).toEqual([
      'sluice',
      'sdk-2',
      'sdk-1',
      'keep-alive',
      'fresh',
    ]);
    for (const { calls, rounds, latency, perSecond, connections, memory } of sized?.lanes ?? []) {
      expect([calls, rounds.length]).toEqual([25, 5]);
      const { p50, p90, p99, max } = latency;
      expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((a, b) => a - b));
      expect(p50).toBeGreaterThan(0);
      expect(perSecond).toBeGreaterThan(0);
      expect(connections.accepted).toBeGreaterThanOrEqual(connections.maxOpen);
      expect(memory.atEnd.peak).toBeGreaterThanOrEqual(memory.before.now);
    }
    const accepted = Object.fromEntries(
      (sized?.lanes ?? []).map(({ client, connections }) => [client, connections.accepted]),
    );
    // One before the first, 20 to warm up, and in each of five rounds five to lead in and five that count.
    expect(accepted).toMatchObject({ sluice: 1, 'keep-alive': 1, fresh: 71 });
    expect(sized?.comparisons.map(({ to }) => to.client)).toEqual(['sdk-2', 'sdk-1', 'keep-alive', 'fresh']);
    for (const { ratio, p25, p75 } of sized?.comparisons ?? []) {
      expect(ratio).toBeGreaterThan(0);
      expect(p25).toBeLessThanOrEqual(p75);
    }
    expect(thousand?.lanes.map(({ mode, link }) => [mode, link])).toEqual([
      ['tail-stall', 'plain'],
      ['split-stall', 'plain'],
      ['tail-stall', 'tls'],
      ['split-stall', 'tls'],
    ]);
    // Five calls say nothing about a thousand.
    expect(figures.filter(({ checks }) => checks.length > 0).map(({ what }) => what)).toEqual([
      expect.stringContaining('sockets open'),
    ]);

    const report = await readFile(output, 'utf8');
    expect(report).toContain('| prompt, official client 2.x |');
    expect(report).toContain('| not measured |');
    expect(stderr).toContain('size-64KB, prompt');
  });

  it('says which scenarios there are', async () => {
    await expect(run('--only', 'rain')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No such scenario: rain\.\n.*\n.*plain-0ms/),
    });
  });
});
