/**
 * The stall of a server that leaves Nagle's algorithm on and writes an answer in more than one piece: the second piece
 * waits until the first one is acknowledged, and a system delays that on a connection which it takes for interactive,
 * as it does where we send soon after we received. On a connection that has rested, the same answer comes at once.
 *
 * How late is late, and how much rest is needed, differs between systems. So both are learnt: answers that come late
 * on connections used again soon raise a suspicion, rested connections are tried, and the contrast decides. It has to
 * show both ways: quick with rest, and then late without it once more. A tool that was slow twice, and answers from its
 * cache from then on, is quick with rest as well.
 *
 *     quiet --a few late in a row, hardly rested--> suspected --quick above, then late below--> known
 *       ^                                          |                                          |
 *       +---- rested ones are as late: it is slow -+                                          |
 *       +---- quick without rest, 3 times ---------+------------------------------------------+
 *       +---- 16 quick ones of other likenesses ---+
 *
 * A suspicion is one of a likeness, and nothing is asked of others for it. What is known is of the connection.
 */
export interface Lateness {
  /** Milliseconds that the connection had rested since its last byte came; `Infinity` where none ever had. */
  readonly rest: number;
  /** Milliseconds that a piece came after the one before it. */
  readonly ms: number;
  /** Only like is compared with like: one tool may take its time between the pieces where another does not. */
  readonly likeness: string;
}

/** What the observations say, and on what evidence. */
export type StallVerdict =
  | { readonly kind: 'quiet' }
  /** `suspected`: of one likeness, whose requests are to show whether it is so. */
  | { readonly kind: 'suspected' | 'known'; readonly stall: Stall };

export interface Stall {
  /** Milliseconds that a piece comes late on a connection that has not rested. */
  readonly ms: number;
  /** Milliseconds of rest after which it does not. */
  readonly rest: number;
  /** Observations on connections that had rested less, and how many of them were late. */
  readonly unrested: { readonly late: number; readonly all: number };
}

/** Milliseconds. Delayed acknowledgements start at 40 on Linux and are longer elsewhere. */
export const LATE = 20;
/** Milliseconds of rest beyond which lateness is no reason to think of a delayed acknowledgement. */
const UNRESTED = 500;
/** A system delays an acknowledgement about as long as it takes a connection for interactive. */
const REST_FOR_STALL = 1.15;
/** Between two pieces of one answer few tools take their time. */
const OF_THE_SERVER = { from: LATE, to: UNRESTED / REST_FOR_STALL, inARow: 2, alike: 1, overlook: 0 };
/** So much of a stall's length makes no difference to the rest: it is within what the rest has to spare. */
const GUESSED_WELL = 0.08;
/** Where that was too little. */
const MORE_REST = 2.5;
/** Observations on rested connections before a verdict. */
const ENOUGH = 3;
/** On either side, so many may speak against it. */
const EXCEPTIONS = 0.25;
/** With so much less rest than the stall is long, a connection stalls if any does. */
const SURELY_UNRESTED = 0.85;
/** Quick ones of other likenesses, with none of the suspected one among them, that end a suspicion. */
const PASSED_BY = 16;
/** Observations kept on either side. */
const WINDOW = 16;
/** Rested observations in a row after which one without rest is tried again. */
const TRY_AGAIN_AFTER = 200;
/** The same, once a trial came out quick. */
const TRY_AGAIN_SOON = 8;
/** Quick trials in a row that end the verdict. */
const LIFTED = 3;
/** Likenesses whose history is kept. */
const MAX_LIKENESSES = 64;

interface Sample {
  readonly rest: number;
  readonly ms: number;
}

/** Lateness that raises a suspicion. */
export interface Suspicious {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  /** So many late ones in a row. */
  readonly inARow: number;
  /** Of the longer one, what each differs by from the one before it at most: a timer's delay is alike each time, and chance is not. */
  readonly alike: number;
  /** Late ones that say nothing after one was quick without rest, whatever it asked: then the tool takes its time, and not the way. */
  readonly overlook: number;
}

export class StallEvidence {
  #state: 'quiet' | 'suspected' | 'known' = 'quiet';
  /** The likeness that raised the suspicion; a known stall is one of the connection and asks for none. */
  #likeness = '';
  #stallMs = 0;
  #rest = 0;
  #below: Sample[] = [];
  #above: Sample[] = [];
  #sinceTrial = 0;
  /** One was late without rest after others had been quick with it. */
  #confirmed = false;
  #passedBy = 0;
  /** Late ones that still say nothing, since one was quick without rest. */
  #overlooked = 0;
  readonly #suspicious: Suspicious;
  readonly #streaks = new Map<string, Sample[]>();
  /** Slow by themselves: so many late observations are ignored before they are suspected again. */
  readonly #slow = new Map<string, { left: number; next: number }>();

  /** @param suspicious how late raises a suspicion; what takes longer than any acknowledgement is delayed is the server's own time */
  constructor(suspicious: Suspicious = OF_THE_SERVER) {
    this.#suspicious = suspicious;
  }

  /** @returns whether what is known has changed */
  observe(seen: Lateness): boolean {
    if (this.#state === 'quiet')
      return seen.ms < this.#suspicious.from ? this.#forget(seen) : this.#wonder(seen);
    if (this.#state === 'suspected' && seen.likeness !== this.#likeness) return this.#passBy(seen);
    if (seen.likeness !== this.#likeness && this.#slow.has(seen.likeness)) return false;
    if (this.#state === 'suspected') this.#estimate(seen);
    const side = seen.rest < this.#rest ? this.#below : this.#above;
    this.#passedBy = 0;
    if (side === this.#below && this.#isLate(seen) && this.#above.some((one) => !this.#isLate(one)))
      this.#confirmed = true;
    side.push({ rest: seen.rest, ms: seen.ms });
    if (side.length > WINDOW) side.shift();
    this.#sinceTrial = side === this.#below ? 0 : this.#sinceTrial + 1;
    return this.#state === 'suspected' ? this.#decide() : this.#review(seen);
  }

  /** Nothing late is remembered: one more that is not late is no news. */
  get isQuiet(): boolean {
    return this.#state === 'quiet' && this.#streaks.size === 0;
  }

  suspects(likeness: string): boolean {
    return this.#state === 'suspected' && this.#likeness === likeness;
  }

  get verdict(): StallVerdict {
    if (this.#state === 'quiet') return { kind: 'quiet' };
    const late = this.#below.filter((one) => this.#isLate(one)).length;
    return {
      kind: this.#state,
      stall: { ms: this.#stallMs, rest: this.#rest, unrested: { late, all: this.#below.length } },
    };
  }

  /** Whether a connection that has not rested is to be used once, to see if it stalls. */
  get wantsTrial(): boolean {
    if (this.#state === 'quiet') return false;
    // Rest helped, or it was quick by itself: that is all that is left to tell.
    if (this.#state === 'suspected') return this.#above.length >= ENOUGH && this.#sinceTrial > 0;
    const last = this.#below.at(-1);
    const cameQuick = last !== undefined && !this.#isLate(last);
    return this.#sinceTrial >= (cameQuick ? TRY_AGAIN_SOON : TRY_AGAIN_AFTER);
  }

  /** Such a trial has begun; its outcome is observed later. */
  trying(): void {
    this.#sinceTrial = 0;
  }

  #wonder({ rest, ms, likeness }: Lateness): boolean {
    if (rest >= UNRESTED || ms > this.#suspicious.to) return false;
    const slow = this.#slow.get(likeness);
    if (slow !== undefined && slow.left > 0) {
      slow.left--;
      return false;
    }
    if (this.#overlooked > 0) {
      this.#overlooked--;
      return false;
    }
    const { inARow, alike } = this.#suspicious;
    const before = this.#streaks.get(likeness) ?? [];
    const last = before.at(-1)?.ms ?? ms;
    const isAlike = Math.abs(last - ms) <= alike * Math.max(last, ms);
    const streak = [...(isAlike ? before : []), { rest, ms }];
    this.#streaks.set(likeness, streak);
    bound(this.#streaks);
    if (streak.length < inARow) return false;
    this.#state = 'suspected';
    this.#likeness = likeness;
    this.#stallMs = middle(streak);
    this.#rest = restFor(this.#stallMs);
    this.#below = streak;
    this.#above = [];
    this.#confirmed = false;
    this.#passedBy = 0;
    this.#streaks.clear();
    return false;
  }

  /**
   * A busy machine makes a stall longer where it reads the late piece later, and shorter where it reads the one before it
   * later. So the middle one of the late ones tells how long it is, and a first guess that was far from it is made again.
   */
  #estimate(seen: Lateness): void {
    // With rest, what every piece takes on a long way is no stall.
    const tells = (one: Sample) => (one.rest < this.#rest ? one.ms >= LATE : this.#isLate(one));
    if (!tells(seen)) return;
    const stallMs = middle([...[...this.#below, ...this.#above].filter(tells), seen]);
    if (Math.abs(stallMs - this.#stallMs) < GUESSED_WELL * stallMs) return;
    const guess = this.#rest === restFor(this.#stallMs);
    this.#stallMs = stallMs;
    if (guess) this.#divide(restFor(stallMs));
  }

  /** Who is quick beside it does not prove it wrong, but it must not be in the way of other suspicions for ever. */
  #passBy({ ms }: Lateness): boolean {
    if (ms < LATE && ++this.#passedBy >= PASSED_BY) this.#clear(false);
    return false;
  }

  /** Quick: the late ones before it were chance, unless it had the rest that they may have lacked. */
  #forget({ rest, ms, likeness }: Lateness): boolean {
    if (rest < LATE && ms < LATE) this.#overlooked = this.#suspicious.overlook;
    const streak = this.#streaks.get(likeness);
    if (streak?.some((late) => rest < late.ms * REST_FOR_STALL)) this.#streaks.delete(likeness);
    return false;
  }

  #decide(): boolean {
    const lateAbove = this.#above.filter((one) => this.#isLate(one));
    // Late on a connection that rested as long as any: no rest helps.
    if (lateAbove.some(({ rest }) => rest >= UNRESTED)) this.#clear(true);
    // Quick on those that did not: it was chance, and says nothing of those that are late next.
    else if (this.#contrary().length >= LIFTED) this.#clear(false);
    // More rest than the first guess may be needed.
    else if (lateAbove.length === 2 && this.#above.length === 2) this.#widenOrClear();
    else if (this.#above.length < ENOUGH) return false;
    else if (lateAbove.length > this.#above.length * EXCEPTIONS) this.#widenOrClear();
    else if (this.#confirmed && this.#contrary().length <= this.#below.length * EXCEPTIONS) {
      this.#state = 'known';
      this.#sinceTrial = 0;
      return true;
    }
    return false;
  }

  #widenOrClear(): void {
    if (!this.#widen()) this.#clear(true);
  }

  #review(seen: Lateness): boolean {
    const late = this.#isLate(seen);
    if (seen.rest < this.#rest) {
      if (late) this.#stallMs += (seen.ms - this.#stallMs) / 8;
      else if (this.#lastQuickBelow() >= LIFTED) return this.#narrow() || this.#clear(false);
      return false;
    }
    const lateAbove = this.#above.filter((one) => this.#isLate(one)).length;
    if (!late || lateAbove <= this.#above.length * EXCEPTIONS || this.#above.length < ENOUGH) return false;
    return this.#widen() || this.#clear(true);
  }

  /** Those that were quick with less rest than was asked for: then less is enough, if the late ones lie below them. */
  #narrow(): boolean {
    const latest = Math.max(0, ...this.#below.filter((one) => this.#isLate(one)).map(({ rest }) => rest));
    const quick = this.#below.filter((one) => !this.#isLate(one) && one.rest > latest);
    const enough = Math.min(...quick.map(({ rest }) => rest));
    if (latest === 0 || !Number.isFinite(enough)) return false;
    this.#divide(enough);
    return true;
  }

  /** Late in spite of the rest that was thought to be enough: more, up to where rest cannot be the reason. */
  #widen(): boolean {
    const latest = Math.max(...this.#above.filter((one) => this.#isLate(one)).map(({ rest }) => rest));
    if (latest * MORE_REST > UNRESTED) return false;
    this.#divide(Math.min(UNRESTED, latest * MORE_REST));
    return true;
  }

  #divide(rest: number): void {
    const all = [...this.#below, ...this.#above];
    this.#rest = rest;
    this.#confirmed = false;
    this.#below = all.filter((one) => one.rest < rest).slice(-WINDOW);
    this.#above = all.filter((one) => one.rest >= rest).slice(-WINDOW);
  }

  #clear(slow: boolean): true {
    if (slow) {
      const next = (this.#slow.get(this.#likeness)?.next ?? 8) * 2;
      this.#slow.set(this.#likeness, { left: next, next });
      bound(this.#slow);
    }
    this.#state = 'quiet';
    this.#below = [];
    this.#above = [];
    return true;
  }

  #isLate({ ms }: { readonly ms: number }): boolean {
    return ms > this.#stallMs - Math.max(15, 0.35 * this.#stallMs);
  }

  /** Those that would have been late if there was a stall. */
  #contrary(): readonly Sample[] {
    const surely = SURELY_UNRESTED * this.#stallMs;
    return this.#below.filter((one) => one.rest < surely && !this.#isLate(one));
  }

  /** Quick ones at the end of those below. */
  #lastQuickBelow(): number {
    const lastLate = this.#below.findLastIndex((one) => this.#isLate(one));
    return this.#below.length - 1 - lastLate;
  }
}

/** The length of the middle one, in milliseconds; of two, the shorter one's. */
function middle(samples: readonly Sample[]): number {
  const lengths = samples.map(({ ms }) => ms).sort((one, other) => one - other);
  return lengths[(lengths.length - 1) >> 1] ?? 0;
}

/** The rest that is tried first. */
function restFor(stallMs: number): number {
  return Math.min(UNRESTED, stallMs * REST_FOR_STALL);
}

/** Forgets the oldest beyond the bound. */
function bound(map: Map<string, unknown>): void {
  if (map.size <= MAX_LIKENESSES) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
