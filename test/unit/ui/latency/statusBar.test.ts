import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SluiceError } from '../../../../src/core/errors.ts';
import type { ServerSnapshot } from '../../../../src/core/servers/serverSnapshot.ts';
import {
  LATENCY_COMMANDS,
  latencyReport,
  statusTooltip,
} from '../../../../src/ui/latency/latencyMarkdown.ts';
import { statusText } from '../../../../src/ui/latency/statusText.ts';
import type { Markdown } from '../../../../src/ui/surfaces/markdown.ts';
import { formatMs } from '../../../../src/ui/text/formatMs.ts';
import { Throttle } from '../../../../src/ui/text/throttle.ts';

const CALL = {
  id: 3,
  server: 'demo',
  title: 'tools/call t',
  initiator: { kind: 'user' },
  startedAt: 0,
  requests: [4],
} as const;
const failedCall = (outcome: 'error' | 'cancelled') =>
  ({
    ...CALL,
    tool: 't',
    outcome,
    ms: 3,
    error: new SluiceError('cancelled', 'x', { delivery: 'unknown' }),
  }) as const;

const MACHINE = { host: 'laptop', remote: undefined };

function snapshot(more: Partial<ServerSnapshot> = {}): ServerSnapshot {
  return {
    name: 'demo',
    url: 'http://127.0.0.1:3000/mcp',
    state: {
      kind: 'connected',
      info: {
        protocolVersion: '2026-07-28',
        era: 'modern',
        implementation: { name: 'sluice-demo', version: '1.0.0' },
        capabilities: {},
        instructions: undefined,
      },
    },
    inFlight: 0,
    latency: { count: 12, p50: 0.84, p95: 2.5, p99: 40.4, max: 41 },
    lastCall: {
      ...CALL,
      asked: false,
      tool: 'say_hello',
      outcome: 'ok',
      ms: 0.8,
      timing: { queued: 0, connect: 0, sent: 0.1, headers: 0.5, firstEvent: 0.1, response: 0.1, total: 0.8 },
      wire: { connection: 1, origin: 'reused', use: 4, httpVersion: '1.1', status: 200, body: 'json' },
      drain: { outcome: 'drained', ms: 0.2, bytes: 5 },
    },
    pool: { busy: 0, draining: 1, idle: 2, warm: 1, queued: 0, opened: 4, requests: 13, reused: 12 },
    findings: [],
    ...more,
  };
}

describe('the status bar', () => {
  it.each([
    {},
    { inFlight: 1 },
    { state: { kind: 'connecting' } },
    { lastCall: failedCall('error') },
    { lastCall: failedCall('cancelled') },
  ] as const)('tells the scope of a server that is not the user’s own: %j', (more) => {
    const shown = { ...snapshot(more), scope: 'workspace' };
    const { text, label } = statusText(shown);
    expect(text).toContain('demo (workspace)');
    expect(label).toContain('demo (workspace)');
    expect(statusTooltip([shown], shown, MACHINE).source).toContain('demo \\(workspace\\)');
  });

  it.each([
    ['the last latency', snapshot(), '$(plug) demo 0.8 ms'],
    ['a call in flight', snapshot({ inFlight: 1 }), '$(sync~spin) demo…'],
    ['several', snapshot({ inFlight: 3 }), '$(sync~spin) demo 3…'],
    ['that it connects', snapshot({ state: { kind: 'connecting' } }), '$(sync~spin) demo'],
    [
      'a server that is dead',
      snapshot({
        state: { kind: 'failed', error: new SluiceError('dns-failed', 'x', { delivery: 'not-sent' }) },
      }),
      '$(error) demo',
    ],
    ['a call that failed', snapshot({ lastCall: failedCall('error') }), '$(error) demo'],
    [
      'no figure for a call that was cancelled',
      snapshot({ lastCall: failedCall('cancelled') }),
      '$(plug) demo',
    ],
    ['itself before any server was used', undefined, '$(plug) Sluice'],
  ])('shows %s', (_, shown, text) => {
    expect(statusText(shown).text).toBe(text);
  });

  it('cancels on a click only while there is something to cancel', () => {
    expect(statusText(snapshot({ inFlight: 1 })).cancels).toBe(true);
    expect(statusText(snapshot()).cancels).toBe(false);
  });
});

describe('the tooltip', () => {
  const tooltip = statusTooltip([snapshot()], snapshot(), MACHINE);
  /** As it reads once the escapes are gone. */
  const read = ({ source }: Markdown) =>
    source.replace(/\\(?=[!-/:-@[-`{-~])/g, '').replaceAll('\u00a0', ' ');

  it('has the percentiles and the count of each server', () => {
    expect(read(tooltip)).toContain('| demo | 0.84 ms | 2.5 ms | 40.4 ms | 41 ms | 12 |');
    const unused = snapshot({ name: 'new', latency: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 } });
    expect(read(statusTooltip([snapshot(), unused], undefined, MACHINE))).toContain(
      '| new | – | – | – | – | 0 |',
    );
  });

  it('has the phases of the last call, its connection and its drain', () => {
    expect(read(tooltip)).toContain(
      '| queued | connect | sent | headers | first event | response | drained |',
    );
    expect(read(tooltip)).toContain('| 0 ms | 0 ms | 0.1 ms | 0.5 ms | 0.1 ms | 0.1 ms | 0.2 ms |');
    expect(read(tooltip)).toContain(
      '#1 reused (request 4), JSON, HTTP/1.1; rest of the response: rest read, connection kept',
    );
  });

  it('has the connections, the revision and the machine that connects', () => {
    expect(read(tooltip)).toContain('0 busy, 1 draining, 2 idle, 1 warm');
    expect(read(tooltip)).toContain('12 of 13 requests reused one; 4 opened');
    expect(read(tooltip)).toContain('connected, protocol 2026-07-28, sluice-demo 1.0.0');
    expect(read(tooltip)).toContain('Connects from laptop (this machine)');
    expect(read(statusTooltip([], undefined, { host: 'box', remote: 'ssh-remote' }))).toContain(
      '(remote, ssh-remote)',
    );
  });

  it('says why a server cannot be reached, and what to do', () => {
    const error = new SluiceError('connect-refused', 'Nothing listens', {
      delivery: 'not-sent',
      hint: 'Start it',
    });
    const markdown = read(statusTooltip([], snapshot({ state: { kind: 'failed', error } }), MACHINE));
    expect(markdown).toContain('failed: Nothing listens. Start it.');
  });

  it('links to commands that it is trusted for, and to no other', () => {
    const commands = [...tooltip.source.matchAll(/\(command:([\w.]+)/g)].map(([, command]) => command);
    expect(commands.length).toBeGreaterThan(2);
    for (const command of commands) expect(LATENCY_COMMANDS).toContain(command);
  });

  it('takes nothing from a hostile name but its letters', () => {
    const evil = '[x](command:evil) | $(flame) <b> `c`\n# h';
    const markdown = statusTooltip([snapshot({ name: evil })], snapshot({ name: evil }), MACHINE).source;
    expect(markdown).not.toMatch(/(?<!\\)\]\(command:evil/);
    expect(markdown).not.toContain('$(');
    expect(markdown).not.toMatch(/(?<!\\)[<`]/);
    expect(markdown.split('\n').some((line) => line.startsWith('# '))).toBe(false);
  });

  it('is also a page, with a section for each server', () => {
    const report = read(latencyReport([snapshot(), snapshot({ name: 'docs' })], MACHINE));
    expect(report).toContain('## demo');
    expect(report).toContain('## docs');
    expect(latencyReport([], MACHINE).source).toContain('No server was used yet');
  });
});

describe('words for people', () => {
  it.each([
    [0, '0 ms'],
    [0.834, '0.83 ms'],
    [9.996, '10 ms'],
    [41.26, '41.3 ms'],
    [250.4, '250 ms'],
    [999.6, '1 s'],
    [1254, '1.25 s'],
    [61_234, '61.2 s'],
  ])('write %d ms as %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});

describe('updates', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('never run within a call, come soon, then at most once a period, and lose no last request', () => {
    let runs = 0;
    const updates = new Throttle(() => {
      runs += 1;
    }, 100);
    updates.ask();
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
    for (let count = 0; count < 50; count += 1) updates.ask();
    vi.advanceTimersByTime(50);
    expect(runs).toBe(1);
    vi.advanceTimersByTime(50);
    expect(runs).toBe(2);
  });

  it('leave no timer behind while nobody asks', () => {
    const updates = new Throttle(() => {}, 100);
    updates.ask();
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    updates.ask();
    updates.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
