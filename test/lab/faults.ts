import type { Socket } from 'node:net';
import { type Answer, type Exchange, event, httpAnswer, jsonAnswer } from './answer.ts';
import type { Http1Reply } from './http1Reply.ts';
import type { Http2Reply } from './http2Reply.ts';
import type { Response } from './jsonrpc.ts';
import { status } from './modes/statuses.ts';
import { END, type HttpVersion } from './reply.ts';
import { type LabTool, text } from './tools.ts';

/** Numbers from 0 to 1 that look random and are the same in each run (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often a tool may run: `plain` says nothing of it. */
export const TOOLS = ['plain', 'reads', 'sets'] as const;
export type FaultyTool = (typeof TOOLS)[number];

/** Tools that answer with the nonce they were called with. @param onRun before anything else */
export function nonceTools(onRun: (nonce: string) => void): readonly LabTool[] {
  const hints = { plain: {}, reads: { readOnlyHint: true }, sets: { idempotentHint: true } };
  return TOOLS.map((name) => ({
    definition: { name, inputSchema: { type: 'object' }, annotations: hints[name] },
    run: async ({ args: { nonce } }) => {
      onRun(String(nonce));
      return text(String(nonce));
    },
  }));
}

type Fault = (exchange: Exchange, soon: number) => Promise<void>;

/** Runs the tool, and gives its answer to a fault. */
function afterRunning(fault: (response: Response, exchange: Exchange, soon: number) => unknown): Fault {
  return async (exchange, soon) => {
    const outcome = await exchange.run();
    if (outcome.kind === 'response') await fault(outcome.response, exchange, soon);
    else if (outcome.kind === 'http') await outcome.answer(exchange);
    else exchange.reply.hangUp();
  };
}

const answered: Fault = afterRunning((response, exchange) => jsonAnswer(200, response)(exchange));
const HALF_A_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/js';
const half = (response: Response) => event(response).slice(0, 40);
const ofHttp1 = ({ reply }: Exchange) => reply as Http1Reply;
const ofHttp2 = ({ reply }: Exchange) => reply as Http2Reply;
/** The end comes in a moment, while the next request may be on its way. */
const later = (soon: number, end: () => void) => void setTimeout(end, soon);

/** What may happen in either version: RST is RST_STREAM in HTTP/2. */
const BOTH: readonly Fault[] = [
  async ({ reply }) => reply.reset(),
  afterRunning((_, { reply }) => reply.reset()),
  afterRunning(async (response, { reply }) => {
    await reply.write(reply.opening(), half(response));
    reply.reset();
  }),
  (exchange) => status(500)(exchange),
  (exchange) => status(503)(exchange),
  afterRunning((_, exchange) => status(503)(exchange)),
  // Slow to begin, and slow on its way.
  afterRunning(async (response, { reply, hold }, soon) => {
    await hold(soon);
    await reply.write(reply.opening());
    await hold(soon);
    await reply.write(event(response), END);
  }),
  // Says nothing any more.
  afterRunning((_, { hold }) => hold()),
];

const FAULTS: Readonly<Record<HttpVersion, readonly Fault[]>> = {
  '1.1': [
    ...BOTH,
    async ({ reply }) => reply.hangUp(),
    afterRunning((_, { reply }) => reply.hangUp()),
    afterRunning(async (_, { reply }) => {
      await reply.write(HALF_A_HEAD);
      reply.reset();
    }),
    afterRunning(async (_, { reply }) => {
      await reply.write(HALF_A_HEAD);
      reply.hangUp();
    }),
    afterRunning(async (response, { reply }) => {
      await reply.write(reply.opening(), half(response));
      reply.hangUp();
    }),
    async (exchange, soon) => {
      await answered(exchange, soon);
      exchange.reply.reset();
    },
    async (exchange, soon) => {
      await answered(exchange, soon);
      exchange.reply.hangUp();
    },
    // The race of keep-alive: the next request may be written when the end is on its way.
    async (exchange, soon) => {
      await answered(exchange, soon);
      later(soon, () => ofHttp1(exchange).hangUp());
    },
    async (exchange, soon) => {
      await answered(exchange, soon);
      later(soon, () => ofHttp1(exchange).reset());
    },
    afterRunning(async (response, exchange) => {
      exchange.reply.headers.set('Connection', 'close');
      await httpAnswer(200, { type: 'application/json', body: JSON.stringify(response) })(exchange);
      exchange.reply.hangUp();
    }),
    // Bytes that nobody asked for, behind the answer.
    async (exchange, soon) => {
      await answered(exchange, soon);
      later(
        soon,
        () => void exchange.reply.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'),
      );
    },
  ],
  '2': [
    ...BOTH,
    async (exchange) => ofHttp2(exchange).refuse(),
    async (exchange) => ofHttp2(exchange).destroySession(),
    afterRunning((_, exchange) => ofHttp2(exchange).destroySession()),
    async (exchange, soon) => {
      await answered(exchange, soon);
      ofHttp2(exchange).goAway();
    },
    async (exchange, soon) => {
      ofHttp2(exchange).announceGoAway();
      await answered(exchange, soon);
    },
    async (exchange, soon) => {
      await answered(exchange, soon);
      later(soon, () => ofHttp2(exchange).destroySession());
    },
  ],
};

/** Of all requests: the rest are answered as they should be. */
const SHARE = 0.2;
/** Each of so many connections is broken off as it is accepted, or 5 to 45 ms after. */
const ACCEPTED = 10;

export interface Faults {
  readonly mode: Answer;
  readonly onAccept: (socket: Socket) => void;
  /** How many there were of each kind; the last are those of connections. */
  readonly counts: readonly number[];
}

/** Every fault that a version of HTTP has, one kind after the other; `seed` says when. */
export function faultsOf(version: HttpVersion, seed: number): Faults {
  const next = numbersFrom(seed);
  const faults = FAULTS[version];
  const counts = Array.from({ length: faults.length + 1 }, () => 0);
  const soon = () => 5 + Math.floor(next() * 40);
  let requests = 0;
  let connections = 0;
  const count = (kind: number) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  return {
    counts,
    mode: async (exchange) => {
      if (next() >= SHARE) return answered(exchange, 0);
      const kind = requests++ % faults.length;
      count(kind);
      await faults[kind]?.(exchange, soon());
    },
    onAccept: (socket) => {
      if (++connections % ACCEPTED !== 0) return;
      count(faults.length);
      const kind = connections / ACCEPTED;
      const end = () => (kind % 2 === 0 ? socket.resetAndDestroy() : socket.destroySoon());
      if (kind % 4 < 2) end();
      else later(soon(), end);
    },
  };
}
