import { describe, expect, it } from 'vitest';
import { endlessLine, hugeEvent } from '../../lab/modes/broken.ts';
import { http2ModeNames, type Mode, type ModeName, modeNames } from '../../lab/modes.ts';
import { tlsIdentity } from '../../lab/tls.ts';
import { AT_ONCE, CALLS, run, type ServerSide } from './serverSide.ts';

/** What the server must have seen of the calls, and what their callers were told. */
interface Expected {
  /** Calls that ran, of `CALLS`. */
  readonly ran: number | readonly [number, number];
  readonly answered: number | readonly [number, number];
  /** Code and delivery of each failure. */
  readonly failures?: readonly string[];
  /** The most connections that this may take: as many as calls at once where they can be used again. */
  readonly connections: 'reused' | 'one a call';
  /** How often one call may arrive, where the server did not take it the first time. */
  readonly arrivals?: number;
}

const answers: Expected = { ran: CALLS, answered: CALLS, connections: 'reused' };
const answersOnce: Expected = { ...answers, connections: 'one a call' };

const refuses = (failure: string): Expected => ({
  ran: 0,
  answered: 0,
  failures: [failure],
  connections: 'reused',
});

/** The tool runs, and its answer cannot be read. */
const breaks = (failure: string, connections: Expected['connections'] = 'reused'): Expected => ({
  ran: CALLS,
  answered: 0,
  failures: [failure],
  connections,
});

/** Two calls meet the server's close on their way; by then it is known. */
const learnt: Expected = {
  ran: [CALLS - 2, CALLS],
  answered: [CALLS - 2, CALLS],
  failures: ['connection-lost/unknown'],
  connections: 'one a call',
};

const expected: Record<ModeName, Expected> = {
  prompt: answers,
  json: answers,
  'tail-stall': answersOnce,
  'split-stall': answersOnce,
  'head-stall': answersOnce,
  'hold-open': answersOnce,
  trickle: answersOnce,
  'chatty-tail': answersOnce,
  'slow-headers': { ...refuses('request-timeout/unknown'), connections: 'one a call' },
  silence: { ...refuses('request-timeout/unknown'), connections: 'one a call' },
  'early-eof': breaks('stream-ended/unknown'),
  reset: breaks('connection-lost/unknown', 'one a call'),
  'fin-after-request': breaks('connection-lost/unknown', 'one a call'),
  'reset-after-request': breaks('connection-lost/unknown', 'one a call'),
  'json-cut': breaks('connection-lost/unknown', 'one a call'),
  'wrong-id': breaks('stream-ended/unknown'),
  'duplicate-response': answers,
  'bad-json': breaks('not-mcp/answered'),
  'wrong-content-type': breaks('not-mcp/answered'),
  // A server that takes a request up and says no more may run it all the same.
  'accepted-request': breaks('not-mcp/unknown'),
  'huge-event': answers,
  'endless-line': {
    ...breaks('connection-lost/unknown', 'one a call'),
    // On a slow machine its four megabytes take longer than the call's time.
    failures: ['connection-lost/unknown', 'request-timeout/unknown'],
  },
  'byte-at-a-time': answersOnce,
  'cut-multi-byte': answersOnce,
  'cr-only': answersOnce,
  'cut-crlf': answersOnce,
  bom: answersOnce,
  'many-lines': answersOnce,
  // No client asks for it, and every one reads it.
  gzip: answers,
  '401': refuses('unauthorized/answered'),
  '403': refuses('forbidden/answered'),
  '404': refuses('not-found/answered'),
  '405': refuses('http-status/answered'),
  '429': refuses('rate-limited/answered'),
  '500': refuses('http-status/answered'),
  '503': refuses('http-status/unknown'),
  // After the first one all go to where it led.
  'redirect-307': answers,
  'redirect-308': answers,
  'redirect-loop': { ...refuses('redirected/answered'), arrivals: 6 },
  'no-keepalive': answersOnce,
  'close-idle': learnt,
  'idle-timeout': answers,
  'keep-alive-hint': answers,
  'stale-fin': learnt,
  'stale-rst': learnt,
  // The first call is turned away with its session, unrun, and made again in a new one.
  'session-lost': { ...answers, arrivals: 2 },
  'session-anew': answers,
  resumable: answers,
  'goaway-idle': answersOnce,
  // What was not processed is sent again, over a connection that has carried nothing.
  'goaway-mid': { ...answersOnce, arrivals: 4 },
  'refused-stream': { ...answers, arrivals: 2 },
  'goaway-after-request': breaks('connection-lost/unknown', 'one a call'),
  'goaway-words': breaks('connection-lost/unknown', 'one a call'),
};

/** Modes whose own size would make this a test of patience. */
const smaller: Partial<Record<ModeName, Mode>> = {
  'huge-event': hugeEvent({ bytes: 1024 * 1024 }),
  'endless-line': endlessLine({ upToBytes: 4 * 1024 * 1024 }),
};

const LEGACY: readonly ModeName[] = ['session-lost', 'session-anew', 'resumable'];

function options(mode: ModeName) {
  return {
    mode: smaller[mode] ?? mode,
    era: LEGACY.includes(mode) ? ('legacy' as const) : ('modern' as const),
  };
}

const TRUSTING = { tls: { rejectUnauthorized: false } };

/** Milliseconds: short only where a call is to run out of time; a busy machine is no silent server. */
function patience(mode: ModeName): { requestTimeout: number } {
  const runsOut = expected[mode].failures?.some((failure) => failure.startsWith('request-timeout')) === true;
  return { requestTimeout: runsOut ? 500 : 20_000 };
}

function within(range: Expected['ran']): { min: number; max: number } {
  return typeof range === 'number' ? { min: range, max: range } : { min: range[0], max: range[1] };
}

/**
 * Connections beside those that carry calls: of the stream on which a legacy server speaks unasked, and of the one that
 * takes its place in a new session.
 */
function streamsOf(mode: ModeName): number {
  if (!LEGACY.includes(mode)) return 0;
  return mode === 'session-lost' ? 2 : 1;
}

/**
 * Connections of what goes aside of the calls while all connections are taken: there, each call under way may ask for the
 * rest of its stream while others are still being connected.
 */
function asideOf(mode: ModeName): number {
  return mode === 'resumable' ? AT_ONCE : 0;
}

/** @param cap sockets that may be open at any moment */
function judge(seen: ServerSide, mode: ModeName, cap: number): void {
  const { ran, answered, failures = [], connections, arrivals = 1 } = expected[mode];
  expect(Math.max(...seen.arrivals), 'a call arrived more often than it may').toBeLessThanOrEqual(arrivals);
  if (!mode.startsWith('redirect-3'))
    expect(Math.min(...seen.arrivals), 'a call never arrived').toBeGreaterThan(0);
  expect(seen.ran).toBeGreaterThanOrEqual(within(ran).min);
  expect(seen.ran).toBeLessThanOrEqual(within(ran).max);
  expect(seen.ran, 'answered, but not run').toBeGreaterThanOrEqual(seen.answered);
  expect(seen.answered).toBeGreaterThanOrEqual(within(answered).min);
  expect(seen.answered).toBeLessThanOrEqual(within(answered).max);
  const told = new Set(seen.failures.map(({ code, delivery }) => `${code}/${delivery}`));
  expect([...told].filter((one) => !failures.includes(one))).toEqual([]);
  const streams = streamsOf(mode);
  const aside = asideOf(mode);
  expect(seen.maxOpen).toBeLessThanOrEqual(cap + Math.min(streams, 1) + aside);
  // Those that were opened ahead of calls that did not come are at most the cap.
  const most = connections === 'reused' ? Math.min(cap, CALLS) : CALLS + cap;
  expect(seen.accepted).toBeLessThanOrEqual(most + 1 + streams + aside);
  if (connections === 'reused')
    expect(seen.acceptedInSequence, 'used once, though fit for more').toBeLessThanOrEqual(2 + streams);
  expect(seen, 'sockets left open, or closed twice').toMatchObject({ left: 0, closed: seen.accepted });
}

describe('what the server sees of calls that may run only once', () => {
  it.each(modeNames)('over HTTP/1.1, %s', async (mode) => {
    judge(await run(options(mode), patience(mode)), mode, 16);
  });

  it.each(modeNames)('over TLS, %s', async (mode) => {
    const tls = await tlsIdentity('private-ca');
    judge(await run({ ...options(mode), tls }, { ...patience(mode), ...TRUSTING }), mode, 16);
  });

  it.each(http2ModeNames)('over HTTP/2, %s', async (mode) => {
    const tls = await tlsIdentity('private-ca');
    const lab = { ...options(mode), tls, http2: 'only' } as const;
    const seen = await run(lab, { ...patience(mode), ...TRUSTING });
    // One connection carries all, unless the server gives it up.
    judge(seen, mode, mode.startsWith('goaway') ? 16 : 1);
  });

  it('is at most two connections of a prompt server where calls come one after another', async () => {
    const seen = await run({ mode: 'prompt' }, {}, { atOnce: 0 });
    expect(seen.maxOpen).toBeLessThanOrEqual(2);
    expect(seen.accepted).toBeLessThanOrEqual(2);
  });
});
