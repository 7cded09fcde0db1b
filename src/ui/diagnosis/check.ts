/**
 * - `costs`: callers wait for it.
 * - `risk`: calls may fail or be lost for it.
 * - `note`: worth knowing, nothing to mend.
 * - `good`: as it should be.
 * - `untested`: not seen, and why.
 */
export type Verdict = 'costs' | 'risk' | 'note' | 'good' | 'untested';

/** One thing that was looked at. All texts are plain: whoever writes a document escapes them. */
export interface Check {
  readonly topic: string;
  readonly verdict: Verdict;
  /** What was seen, with its figures, in one sentence without the topic. */
  readonly seen: string;
  /** Why it matters, in a sentence or two; only where something is to change. */
  readonly why?: string;
  /** What the server's author can change, one thing each. */
  readonly change?: readonly string[];
}
