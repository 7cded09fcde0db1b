import type { ReuseChoice } from '../../config/serverConfig.ts';
import type { DrainReport } from '../../metrics/requestTiming.ts';
import { Arrivals } from './arrivals.ts';
import { IdleCloses } from './idleCloses.ts';
import { LATE, StallEvidence, type StallVerdict } from './stallEvidence.ts';
import { StreamEnds } from './streamEnds.ts';

/** One answered request, as far as it tells about the server's connections. */
export interface Answered {
  /** Milliseconds that the connection had rested before it; `Infinity` where it had never received a byte. */
  readonly rest: number;
  /** The longest silence between the response's headers and the message that answers, in milliseconds. */
  readonly lateness: number;
  /** What was asked, for comparing like with like: the method, and the tool's name. */
  readonly likeness: string;
  readonly drain: DrainReport;
  /** The first request of its connection. */
  readonly first: boolean;
  /** Over HTTP/2 streams share a connection, and a stream is reset rather than drained. */
  readonly multiplexed: boolean;
}

/** What an origin's connections need, for the choice among them. Times are milliseconds. */
export interface OriginNeeds {
  /** Rest after which a connection answers without a stall; 0 where there is none. */
  readonly rest: number;
  /** What a call waits longer on a connection that has not rested. 0 where only the end of the stream is late. */
  readonly stall: number;
  /** How long the end of a stream holds up a connection that has not rested. */
  readonly heldUp: number;
  /** As many requests come, while one connection rests, as there may be connections. */
  readonly saturated: boolean;
  /** A connection that has not rested is to be used once, to see whether the stall is still there. */
  readonly trial: boolean;
  /** A new connection has received bytes already, and has to rest as well. */
  readonly freshNeedsRest: boolean;
  readonly handshake: number;
  /** Within which a stream that ends does end, after its response. */
  readonly tail: number;
  /** Streams are left open: waiting for the end of one is in vain. */
  readonly heldOpen: boolean;
  /** Idleness after which a connection is not used any more. */
  readonly usableFor: number;
  /** Connections cannot be used again: each call costs one. */
  readonly costsConnections: boolean;
}

/** What was learnt of an origin, with its evidence, for people to read. Times are milliseconds. */
export type Finding =
  | {
      readonly kind: 'stall';
      /** `response`: callers wait. `end`: only the connection is held up. */
      readonly of: 'response' | 'end';
      readonly ms: number;
      readonly rest: number;
      readonly late: number;
      readonly all: number;
      /** Connections that take turns. */
      readonly rotating: number;
    }
  /** `ms`: for so long at least. */
  | { readonly kind: 'held-open'; readonly held: number; readonly all: number; readonly ms: number }
  | { readonly kind: 'closes'; readonly closed: number; readonly all: number }
  | { readonly kind: 'keep-alive'; readonly ms: number; readonly from: 'hint' | 'observed' };

export interface OriginOptions {
  /** Over TLS a new connection has received bytes already. */
  readonly secure: boolean;
  /** `always`: connections are used again as they come, whatever was learnt. */
  readonly reuse: ReuseChoice;
  readonly maxConnections: number;
}

const HANDSHAKES = 5;
/** What is left of the belief in a measured handshake, each time that a request waits for something else instead. */
const BELIEF = 0.98;

/** Everything that is learnt of one origin from its own requests. It acts on nothing and reads no clock. */
export class OriginFacts {
  readonly arrivals = new Arrivals();
  readonly #responses = new StallEvidence();
  readonly #tails = new StallEvidence();
  readonly #ends = new StreamEnds();
  readonly #idle = new IdleCloses();
  readonly #options: OriginOptions;
  readonly #handshakes: number[] = [];
  #belief = 1;
  #needs: OriginNeeds | undefined;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** A request was answered and its stream is over. @returns whether a finding changed */
  answered({ rest, lateness, likeness, drain, first, multiplexed }: Answered): boolean {
    if (multiplexed) return false;
    // What most servers always do, and what costs their callers least.
    if (lateness < LATE && drain.outcome === 'reused' && this.#isCalm) return false;
    this.#needs = undefined;
    const before = this.#ends.verdict.kind;
    this.#ends.observe(drain);
    const ends = before !== this.#ends.verdict.kind;
    // How a handshake leaves a connection differs from server to server: it is no evidence on rest.
    if (first && this.#options.secure) return ends;
    const responses = this.#responses.observe({ rest, ms: lateness, likeness });
    // A stream that did not end tells nothing about when it would have.
    const ended = drain.outcome === 'reused' || drain.outcome === 'drained';
    const tails = ended && this.#tails.observe({ rest, ms: drain.ms, likeness: '' });
    return ends || responses || tails;
  }

  get #isCalm(): boolean {
    return this.#ends.isPrompt && this.#responses.isQuiet && this.#tails.isQuiet;
  }

  /** @param ms from the beginning of its opening to its being usable */
  opened(ms: number): void {
    this.#handshakes.push(ms);
    if (this.#handshakes.length > HANDSHAKES) this.#handshakes.shift();
    this.#belief = 1;
    this.#needs = undefined;
  }

  /**
   * A request waits for rest, since a handshake is thought to take longer. Where none is ever made, none is measured:
   * so what was measured is believed a little less each time, until one is made.
   */
  waited(): void {
    this.#belief *= BELIEF;
    this.#needs = undefined;
  }

  /** The server closed a connection that had served and was idle. @returns whether a finding changed */
  closedIdle(idleMs: number, now: number, openedAt: number): boolean {
    this.#needs = undefined;
    return this.#idle.observeClose(idleMs, now, openedAt);
  }

  /** `Keep-Alive: timeout=`. @returns whether a finding changed */
  keepAliveHint(seconds: number): boolean {
    this.#needs = undefined;
    return this.#idle.observeHint(seconds);
  }

  /** A connection that has not rested is on trial now: one is enough. */
  trying(): void {
    this.#responses.trying();
    this.#tails.trying();
    this.#needs = undefined;
  }

  get needs(): OriginNeeds {
    this.#needs ??= this.#conclude();
    return this.#needs;
  }

  /** Connections that must take turns so that each rests enough, at the rate of the last requests. */
  get rotation(): number {
    const { rest } = this.needs;
    return rest === 0 ? 0 : this.arrivals.most(rest) + 1;
  }

  findings(): readonly Finding[] {
    const found: Finding[] = [];
    for (const [of, evidence] of [['response', this.#responses] as const, ['end', this.#tails] as const]) {
      const { verdict } = evidence;
      if (verdict.kind !== 'known') continue;
      const { ms, rest, unrested } = verdict.stall;
      found.push({
        kind: 'stall',
        of,
        ms,
        rest,
        late: unrested.late,
        all: unrested.all,
        rotating: this.rotation,
      });
    }
    const end = this.#ends.verdict;
    if (end.kind === 'held-open') found.push(end);
    if (end.kind === 'closed') found.push({ kind: 'closes', closed: end.closed, all: end.all });
    const { keepAlive } = this.#idle;
    if (keepAlive !== undefined) found.push({ kind: 'keep-alive', ...keepAlive });
    return found;
  }

  #conclude(): OriginNeeds {
    const response = this.#responses.verdict;
    const end = this.#tails.verdict;
    // The quickest: what made others slower was this process, or a packet that was lost.
    const quickest = this.#handshakes.length === 0 ? 0 : Math.min(...this.#handshakes);
    const pinned = this.#options.reuse === 'always';
    const rest = pinned ? 0 : Math.max(restOf(response), restOf(end));
    const usableFor = this.#idle.usableFor(quickest);
    return {
      rest,
      stall: response.kind === 'quiet' ? 0 : response.stall.ms,
      heldUp: end.kind === 'quiet' ? 0 : end.stall.ms,
      saturated: rest > 0 && this.arrivals.most(rest) >= this.#options.maxConnections,
      trial: !pinned && (this.#responses.wantsTrial || this.#tails.wantsTrial),
      freshNeedsRest: this.#options.secure,
      handshake: quickest * this.#belief,
      tail: this.#ends.tail,
      heldOpen: this.#ends.verdict.kind === 'held-open',
      usableFor,
      costsConnections: this.#ends.costsConnections,
    };
  }
}

function restOf(verdict: StallVerdict): number {
  return verdict.kind === 'quiet' ? 0 : verdict.stall.rest;
}
