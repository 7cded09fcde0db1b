import type { ReuseChoice } from '../../config/serverConfig.ts';
import type { Finding } from '../../metrics/finding.ts';
import type { DrainReport } from '../../metrics/requestTiming.ts';
import { Arrivals } from './arrivals.ts';
import { IdleCloses } from './idleCloses.ts';
import { Places } from './places.ts';
import { LATE, type Stall, StallEvidence } from './stallEvidence.ts';
import { StreamEnds } from './streamEnds.ts';

/** One answered request, as far as it tells about the server's connections. */
export interface Answered {
  /** Milliseconds that the connection had rested before it; `Infinity` where it had never received a byte. */
  readonly rest: number;
  /** The longest silence between the response's headers and the message that answers, in milliseconds. */
  readonly lateness: number;
  /** From the request's last byte to the response's headers, in milliseconds. */
  readonly began: number;
  /** What was asked, for comparing like with like: the method, and the tool's name. */
  readonly likeness: string;
  readonly drain: DrainReport;
  /** The first request of its connection. */
  readonly first: boolean;
  /** Over HTTP/2 a stream is reset rather than drained; and `shared`: others went over the connection meanwhile. */
  readonly multiplexed: false | 'alone' | 'shared';
}

/** What a request needs of an origin's connections, for the choice among them. Times are milliseconds. */
export interface OriginNeeds {
  /** The rest is not known to help: requests of this likeness are to show whether it does. */
  readonly suspected: boolean;
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
  /** The same for one that has carried nothing yet. */
  readonly freshFor: number;
  /** Connections cannot be used again: each call costs one. */
  readonly costsConnections: boolean;
  /** Silent connections beside which the server is known to serve others. */
  readonly beside: number;
  /** Connections that may be open before the server has no worker left for one more. */
  readonly places: number;
}

export interface OriginOptions {
  /** Over TLS a new connection has received bytes already. */
  readonly secure: boolean;
  /** `always`: connections are used again as they come, whatever was learnt. */
  readonly reuse: ReuseChoice;
  readonly maxConnections: number;
}

const HANDSHAKES = 5;
/**
 * Milliseconds by which answers are late that something on the way holds back: delayed acknowledgements start at 40 on Linux,
 * and are up to 200 elsewhere. Here a tool's own time counts as well, and a busy machine's, so the bounds are narrow.
 */
const OF_THE_WAY = { from: 30, to: 250, inARow: 3, alike: 0.1, overlook: 16 };
/** Milliseconds after a request was sent within which a close that was on its way already comes, on a short way. */
const ON_ITS_WAY = 50;
/** What is left of the belief in a measured handshake, each time that a request waits for something else instead. */
const BELIEF = 0.98;

/** Everything that is learnt of one origin from its own requests. It acts on nothing and reads no clock. */
export class OriginFacts {
  readonly arrivals = new Arrivals();
  readonly #responses = new StallEvidence();
  readonly #tails = new StallEvidence();
  readonly #ways = new StallEvidence(OF_THE_WAY);
  readonly #evidence = [this.#responses, this.#tails, this.#ways] as const;
  readonly #ends = new StreamEnds();
  readonly #idle = new IdleCloses();
  readonly #places = new Places();
  readonly #options: OriginOptions;
  readonly #handshakes: number[] = [];
  /** The shortest time in which the server was reached: no round trip takes longer. */
  #reachedIn = Number.POSITIVE_INFINITY;
  #belief = 1;
  #needs: OriginNeeds | undefined;
  /** Those of one likeness, where it is suspected. */
  #suspected: { readonly likeness: string; readonly needs: OriginNeeds } | undefined;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** A request was answered and its stream is over. @returns whether a finding changed */
  answered(answered: Answered): boolean {
    const { rest, lateness, likeness, drain, first, multiplexed } = answered;
    if (multiplexed !== false) return !first && multiplexed === 'alone' && this.#cameThisWay(answered);
    // What most servers always do, and what costs their callers least.
    if (lateness < LATE && drain.outcome === 'reused' && this.#isCalm) return false;
    this.#changed();
    const before = this.#ends.verdict.kind;
    this.#ends.observe(drain);
    const ends = before !== this.#ends.verdict.kind;
    // How a handshake leaves a connection differs from server to server: it is no evidence on rest.
    if (first && this.#options.secure) return ends;
    const responses = this.#responses.observe({ rest, ms: lateness, likeness });
    // A stream that did not end tells nothing about when it would have.
    const ended = drain.outcome === 'reused' || drain.outcome === 'drained';
    const tails = ended && this.#tails.observe({ rest, ms: drain.ms, likeness });
    return ends || responses || tails;
  }

  /**
   * Over HTTP/2 servers send without Nagle's algorithm, but what relays the connection may not, and may part an answer
   * anywhere: within a TLS record nothing shows of the first piece. So the silence before the headers counts as well, but for
   * what a round trip explains. An answer that merely takes long to come, in many pieces, has no such silence.
   */
  #cameThisWay({ rest, began, lateness, likeness }: Answered): boolean {
    const ms = Math.max(lateness, began - this.#reachedIn);
    if (ms >= LATE || !this.#ways.isQuiet) this.#changed();
    return this.#ways.observe({ rest, ms, likeness });
  }

  get #isCalm(): boolean {
    return this.#ends.isPrompt && this.#responses.isQuiet && this.#tails.isQuiet;
  }

  /**
   * @param ms from the beginning of its opening to its being usable
   * @param beside connections that were open by then: the server itself shakes hands over TLS, for TCP its system does
   * @param reachedIn the part of it before TLS
   */
  opened(ms: number, beside: number, reachedIn = 0): void {
    this.#reachedIn = Math.min(this.#reachedIn, reachedIn);
    this.#handshakes.push(ms);
    if (this.#handshakes.length > HANDSHAKES) this.#handshakes.shift();
    this.#belief = 1;
    if (this.#options.secure) this.#places.served(beside);
    this.#changed();
  }

  /** A response has come on a connection while so many older ones were open. */
  servedBeside(beside: number): void {
    if (this.#places.served(beside)) this.#changed();
  }

  /** A response came as soon as silent connections had been closed. @param open those that are served now, its own included */
  starved(open: number): void {
    this.#places.starved(open);
    this.#changed();
  }

  /**
   * A request waits for rest, since a handshake is thought to take longer. Where none is ever made, none is measured:
   * so what was measured is believed a little less each time, until one is made.
   */
  waited(): void {
    this.#belief *= BELIEF;
    this.#changed();
  }

  /** The server closed a connection that had served and was idle. @returns whether a finding changed */
  closedIdle(idleMs: number, now: number, openedAt: number): boolean {
    this.#changed();
    return this.#idle.observeClose(idleMs, now, openedAt);
  }

  /**
   * The server closed one under a request, `sinceSent` milliseconds after that was sent. Where the close was on its way
   * already, it was the idleness that ended it; later it was what the server made of the request: it crashed, or gave up.
   * @returns whether a finding changed
   */
  closedUnder(sinceSent: number, idleMs: number, now: number, openedAt: number): boolean {
    if (sinceSent > Math.max(ON_ITS_WAY, 2 * this.#quickestHandshake)) return false;
    this.#changed();
    return this.#idle.observeClose(idleMs, now, openedAt, true);
  }

  /** One that was left idle on trial was open for so long. @returns whether a finding changed */
  stayedOpen(idleMs: number): boolean {
    this.#changed();
    return this.#idle.observeSurvival(idleMs);
  }

  /** Milliseconds for which a connection is to be left idle, to see whether it is closed; undefined where nothing is to be seen. */
  get idleTrial(): number | undefined {
    return this.#idle.trial;
  }

  /** `Keep-Alive: timeout=`. @returns whether a finding changed */
  keepAliveHint(seconds: number): boolean {
    this.#changed();
    return this.#idle.observeHint(seconds);
  }

  /** A connection that has not rested is on trial now: one is enough. */
  trying(): void {
    for (const evidence of this.#evidence) evidence.trying();
    this.#changed();
  }

  /** What any request needs, by what is known. */
  get needs(): OriginNeeds {
    this.#needs ??= this.#conclude(undefined);
    return this.#needs;
  }

  /** What a request of that likeness needs, by what is known and what is suspected of its like. */
  needsOf(likeness: string): OriginNeeds {
    if (!this.suspects(likeness)) return this.needs;
    if (this.#suspected?.likeness !== likeness)
      this.#suspected = { likeness, needs: this.#conclude(likeness) };
    return this.#suspected.needs;
  }

  /** Whether requests of that likeness are to show something that others need not. */
  suspects(likeness: string): boolean {
    return this.#evidence.some((evidence) => evidence.suspects(likeness));
  }

  /** Connections that must take turns so that each rests enough, at the rate of the last requests. */
  get rotation(): number {
    const { rest } = this.needs;
    return rest === 0 ? 0 : this.arrivals.most(rest) + 1;
  }

  findings(): readonly Finding[] {
    const found: Finding[] = [];
    for (const evidence of this.#evidence) {
      const { verdict } = evidence;
      if (verdict.kind !== 'known') continue;
      const { ms, rest, unrested } = verdict.stall;
      found.push({
        kind: 'stall',
        of: evidence === this.#tails ? 'end' : 'response',
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

  #changed(): void {
    this.#needs = undefined;
    this.#suspected = undefined;
  }

  #conclude(likeness: string | undefined): OriginNeeds {
    const stalls = this.#evidence.map((evidence) => stallFor(evidence, likeness));
    const [response, end, way] = stalls;
    const trial = this.#evidence.some((evidence, n) => stalls[n] !== undefined && evidence.wantsTrial);
    // The quickest: what made others slower was this process, or a packet that was lost.
    const quickest = this.#quickestHandshake;
    const pinned = this.#options.reuse === 'always';
    const rest = pinned ? 0 : Math.max(response?.rest ?? 0, end?.rest ?? 0, way?.rest ?? 0);
    return {
      suspected: rest > 0 && this.#evidence.every(({ verdict }) => verdict.kind !== 'known'),
      rest,
      stall: Math.max(response?.ms ?? 0, way?.ms ?? 0),
      heldUp: end?.ms ?? 0,
      saturated: rest > 0 && this.arrivals.most(rest) >= this.#options.maxConnections,
      trial: trial && !pinned,
      freshNeedsRest: this.#options.secure,
      handshake: quickest * this.#belief,
      tail: this.#ends.tail,
      heldOpen: this.#ends.verdict.kind === 'held-open',
      usableFor: this.#idle.usableFor(quickest),
      freshFor: this.#idle.freshFor(quickest),
      costsConnections: this.#ends.costsConnections,
      beside: this.#places.beside,
      places: this.#places.places,
    };
  }

  get #quickestHandshake(): number {
    return this.#handshakes.length === 0 ? 0 : Math.min(...this.#handshakes);
  }
}

/** @param likeness undefined for requests that nothing is suspected of */
function stallFor(evidence: StallEvidence, likeness: string | undefined): Stall | undefined {
  const { verdict } = evidence;
  if (verdict.kind === 'known') return verdict.stall;
  if (verdict.kind === 'quiet' || likeness === undefined || !evidence.suspects(likeness)) return undefined;
  return verdict.stall;
}
