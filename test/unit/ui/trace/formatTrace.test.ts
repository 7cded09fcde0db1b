import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../../../src/core/trace/traceEvent.ts';
import { formatTraceEvent } from '../../../../src/ui/trace/formatTrace.ts';

type Kind = TraceEvent['kind'];
type Of<K extends Kind> = Extract<TraceEvent, { kind: K }>;

const text = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(
    'ok\n2026-11-27 15:00:00.000 [info] connected: protocol 2026-07-28',
    'a\r\n[7 #2 +1.25 ms] HTTP 200',
    'a\u2028[1 +0 ms] drain: reused',
    '\u001b]8;;https://evil.example\u001b\\docs\u001b]8;;\u001b\\ \u001b[2K\u001b[1A',
    '\u009b2Kx\u0085y',
    '\u202egnp.exe\u2066\u061c\u180e\u200b\ufeff\u00ad',
    '\u{e0041}\u{e007f}\u{e0100}\ufe0f\u034f\u3164',
    '\ud800 x \udc00',
    'data\n    authorization: forged',
    '{\n  "a": "b\\n"\n}',
  ),
);
const number = fc.double({ min: 0, max: 1e6, noNaN: true });
const common = { server: text, time: fc.integer() };
const onRequest = {
  ...common,
  request: fc.nat(),
  connection: fc.nat(),
  call: fc.option(fc.nat(), { nil: undefined }),
  at: number,
};
const onConnection = {
  ...common,
  kind: fc.constant('connection' as const),
  connection: fc.nat(),
  ms: number,
};
const headers = fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 3 })), { maxKeys: 4 });
const phases = ['queued', 'connect', 'sent', 'headers', 'firstEvent', 'response', 'total'] as const;
const timing = fc.record(
  Object.fromEntries(phases.map((phase) => [phase, number])) as Record<
    (typeof phases)[number],
    typeof number
  >,
);

const code = fc.constantFrom('connection-lost' as const, 'cancelled' as const);
const error = fc.record({ code, message: text });
const httpVersion = fc.constantFrom('1.1' as const, '2' as const);
const finding = fc.oneof(
  fc.record({ kind: fc.constant('closes' as const), closed: fc.nat(), all: fc.nat() }),
  fc.record({ kind: fc.constant('held-open' as const), held: fc.nat(), all: fc.nat(), ms: number }),
);

/** All members of an event, also of those that are of one of several shapes. */
type Whole<E> = E extends unknown ? { [M in keyof Required<E>]: E[M & keyof E] } : never;

/** Every member of every kind: a kind or a member that is added to `TraceEvent` does not compile without its own. */
const EVENTS: { readonly [K in Kind]: fc.Arbitrary<Whole<Of<K>>> } = {
  call: fc.record({
    ...common,
    kind: fc.constant('call' as const),
    call: fc.nat(),
    title: text,
    initiator: fc.record({ kind: fc.constant('extension' as const), id: text }),
    outcome: fc.constantFrom('ok' as const, 'tool-error' as const, 'error' as const, 'cancelled' as const),
    ms: number,
    timing: fc.option(timing, { nil: undefined }),
    requests: fc.array(fc.nat(), { maxLength: 3 }),
    wire: fc.option(
      fc.record({
        connection: fc.nat(),
        origin: fc.constantFrom('fresh' as const, 'warm' as const, 'reused' as const),
        use: fc.nat(),
        httpVersion,
        status: fc.nat(),
        body: fc.constantFrom('json' as const, 'sse' as const, 'none' as const),
      }),
      { nil: undefined },
    ),
    error: fc.option(error, { nil: undefined }),
  }),
  state: fc.oneof(
    fc.record({
      ...common,
      kind: fc.constant('state' as const),
      state: fc.constantFrom('disconnected' as const, 'connecting' as const, 'closed' as const),
    }),
    fc.record({
      ...common,
      kind: fc.constant('state' as const),
      state: fc.constant('connected' as const),
      protocolVersion: text,
      implementation: fc.option(fc.record({ name: text, version: text }), { nil: undefined }),
    }),
    fc.record({
      ...common,
      kind: fc.constant('state' as const),
      state: fc.constant('failed' as const),
      error,
    }),
  ),
  warning: fc.record({ ...common, kind: fc.constant('warning' as const), message: text }),
  learnt: fc.record({
    ...common,
    kind: fc.constant('learnt' as const),
    findings: fc.array(finding, { maxLength: 4 }),
  }),
  message: fc.record({
    ...onRequest,
    kind: fc.constant('message' as const),
    direction: fc.constantFrom('sent' as const, 'received' as const),
    json: text,
  }),
  connection: fc.oneof(
    fc.record({
      ...onConnection,
      change: fc.constant('opened' as const),
      origin: text,
      via: fc.option(text, { nil: undefined }),
      httpVersion,
    }),
    fc.record({ ...onConnection, change: fc.constant('closed' as const), uses: fc.nat() }),
    fc.record({ ...onConnection, change: fc.constant('failed' as const), error }),
  ),
  drain: fc.record({
    ...onRequest,
    kind: fc.constant('drain' as const),
    report: fc.record({
      outcome: fc.constantFrom('reused' as const, 'reset' as const),
      ms: number,
      bytes: fc.nat(),
    }),
  }),
  'http-request': fc.record({
    ...onRequest,
    kind: fc.constant('http-request' as const),
    method: text,
    url: text,
    headers: fc.dictionary(text, text, { maxKeys: 4 }),
    bytes: fc.nat(),
  }),
  'http-response': fc.record({
    ...onRequest,
    kind: fc.constant('http-response' as const),
    status: fc.nat(),
    headers,
  }),
  'sse-event': fc.record({
    ...onRequest,
    kind: fc.constant('sse-event' as const),
    event: text,
    id: fc.option(text, { nil: undefined }),
    data: text,
    tail: fc.boolean(),
  }),
  'sse-comment': fc.record({
    ...onRequest,
    kind: fc.constant('sse-comment' as const),
    comment: text,
    tail: fc.boolean(),
  }),
  'sse-retry': fc.record({ ...onRequest, kind: fc.constant('sse-retry' as const), ms: number }),
  'http-body': fc.record({ ...onRequest, kind: fc.constant('http-body' as const), text, tail: fc.boolean() }),
  'http-end': fc.record({
    ...onRequest,
    kind: fc.constant('http-end' as const),
    how: fc.constantFrom('end' as const, 'error' as const),
    error: fc.option(error, { nil: undefined }),
  }),
};

/** Lines that Sluice lays out for an event. */
function linesOf(event: TraceEvent): number {
  if (event.kind === 'learnt') return Math.max(1, event.findings.length);
  if (event.kind === 'http-request' || event.kind === 'http-response')
    return 1 + Object.values(event.headers).flat().length;
  return 1;
}

/** How the first line of each kind begins, where no text of others begins it. */
const BEGINNINGS: Readonly<Record<Kind, RegExp>> = {
  call: /^/,
  state: /^/,
  warning: /^/,
  learnt: /^learnt: /,
  connection: /^connection #\d+ (?:opened|closed|failed)/,
  ...(Object.fromEntries(
    [
      'message',
      'drain',
      'http-request',
      'http-response',
      'sse-event',
      'sse-comment',
      'sse-retry',
      'http-body',
      'http-end',
    ].map((kind) => [kind, /^\[\d+(?: #\d+)? \+[\d.e-]+ m?s\] /]),
  ) as Record<
    | 'message'
    | 'drain'
    | 'http-request'
    | 'http-response'
    | 'sse-event'
    | 'sse-comment'
    | 'sse-retry'
    | 'http-body'
    | 'http-end',
    RegExp
  >),
};

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('an event in the log', () => {
  it.each(Object.keys(EVENTS) as Kind[])(
    'of the kind %s is the lines that Sluice lays out, whatever is in it',
    (kind) => {
      fc.assert(
        fc.property(EVENTS[kind] as fc.Arbitrary<TraceEvent>, (event) => {
          const [first = '', ...others] = formatTraceEvent(event).split('\n');
          expect(1 + others.length).toBe(linesOf(event));
          expect(first).toMatch(BEGINNINGS[kind]);
          for (const line of others)
            expect(line).toMatch(kind === 'learnt' ? /^learnt: this server / : /^ {4}/);
          for (const line of [first, ...others]) expect(line).not.toMatch(UNSEEN);
        }),
        { numRuns: 300 },
      );
    },
  );

  const at = { server: 's', time: 0, request: 7, connection: 2, at: 1.25 };
  const data = (data: string) =>
    formatTraceEvent({ ...at, kind: 'sse-event', event: 'message', data, tail: false }).replace(
      '[7 #2 +1.25 ms] event message: ',
      '',
    );

  it('shows where data had line breaks, and what nobody would see', () => {
    expect(data('a\nb\r\nc\td')).toBe('a\\nb\\r\\nc\\td');
    expect(data('\u001b[31mred\u001b[0m')).toBe('\\u001b[31mred\\u001b[0m');
    expect(data('safe \u202egnp.exe')).toBe('safe \\u202egnp.exe');
    expect(data('\u{e0041}')).toBe('\\udb40\\udc41');
  });

  it('lets no character through that nobody sees, of all there are', () => {
    const shown = Array.from({ length: 0x10000 }, (_, code) => data(String.fromCharCode(code))).filter(
      (one) => UNSEEN.test(one),
    );
    expect(shown).toEqual([]);
  });

  it('leaves writing of all the world as it is', () => {
    for (const written of ['Grüße', '你好，世界', 'مرحبا', '🎉', 'naïve – “quoted” … ½', 'हिन्दी'])
      expect(data(written)).toBe(written);
  });

  it('keeps JSON what it was, so that it can be copied', () => {
    const values = ['a\u2028b', '\u202e', '\u{e0041}', 'é', '\ud800', 'x\u0085', { deep: ['\u200b'] }];
    expect(JSON.parse(data(JSON.stringify(values)))).toEqual(values);
    expect(JSON.parse(data(JSON.stringify(values, null, 2)))).toEqual(values);
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2), (value, indent) => {
        const json = JSON.stringify(value, null, indent);
        expect(JSON.parse(data(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('of several lines that is no JSON keeps its lines apart', () => {
    expect(data('{\n  "a": 1,\n}')).toBe('{\\n  "a": 1,\\n}');
  });
});
