/** Milliseconds in which a server may ask `MOST_QUESTIONS`. */
const WINDOW_MS = 60_000;
/** Questions that a server may ask in a minute without an accepted answer. A question that the user accepts does not count. */
export const MOST_QUESTIONS = 6;
/** Questions that the user declined or left, one after the other: then it is offered to ignore the next. */
export const OFFER_AFTER = 2;
/** Questions that the user left without an answer, one after the other: then the next are ignored. */
export const IGNORE_AFTER = 4;

/** How much of the user's attention one server has taken. */
export interface Attention {
  /** When it asked what was shown in the last minute and not accepted, in milliseconds of a monotonic clock. */
  readonly shownAt: readonly number[];
  /** Declined or left in a row. */
  readonly refused: number;
  /** Left in a row. */
  readonly left: number;
  readonly isIgnored: boolean;
  /** When a question was last turned away because there had been too many. */
  readonly turnedAwayAt: number | undefined;
}

export const FRESH: Attention = {
  shownAt: [],
  refused: 0,
  left: 0,
  isIgnored: false,
  turnedAwayAt: undefined,
};

export type Verdict =
  | { readonly kind: 'show' }
  /** `isNews`: the user has not been told yet. */
  | { readonly kind: 'too-many'; readonly isNews: boolean }
  | { readonly kind: 'ignored' };

/** How a question that was shown ended. `ignored`: the user chose to hear no more until the next call. */
export type QuestionEnd = 'accepted' | 'declined' | 'left' | 'ignored';

/** Whether a question may be shown that is asked now. */
export function asked(before: Attention, now: number): readonly [Attention, Verdict] {
  if (before.isIgnored) return [before, { kind: 'ignored' }];
  const shownAt = before.shownAt.filter((at) => at > now - WINDOW_MS);
  if (shownAt.length < MOST_QUESTIONS) return [{ ...before, shownAt: [...shownAt, now] }, { kind: 'show' }];
  const isNews = before.turnedAwayAt === undefined || before.turnedAwayAt <= now - WINDOW_MS;
  return [
    { ...before, shownAt, turnedAwayAt: now },
    { kind: 'too-many', isNews },
  ];
}

/** @param askedAt when the question was asked that ended so */
export function ended(before: Attention, how: QuestionEnd, askedAt: number): Attention {
  switch (how) {
    case 'accepted': {
      const at = before.shownAt.indexOf(askedAt);
      return { ...before, shownAt: before.shownAt.filter((_, n) => n !== at), refused: 0, left: 0 };
    }
    case 'declined':
      return { ...before, refused: before.refused + 1, left: 0 };
    case 'left': {
      const left = before.left + 1;
      return {
        ...before,
        refused: before.refused + 1,
        left,
        isIgnored: before.isIgnored || left >= IGNORE_AFTER,
      };
    }
    case 'ignored':
      return { ...before, isIgnored: true };
  }
}

/** The user calls a tool of the server: it is heard again. What it asked within the last minute still counts. */
export function called({ shownAt }: Attention): Attention {
  return { ...FRESH, shownAt };
}

export function offersToIgnore({ refused }: Attention): boolean {
  return refused >= OFFER_AFTER;
}
