import type { DrainOutcome } from '../metrics/requestTiming.ts';

/**
 * After the response, the rest of its stream is read so that the connection is fit for the next call.
 * The caller has its answer by then; these budgets bound what the rest may cost. Time runs from the response and
 * nothing extends it: a server that sends a comment every second must not keep a connection for ever.
 */
export interface DrainBudget {
  /** Milliseconds. */
  readonly timeout: number;
  readonly maxBytes: number;
}

/** What the drain has seen since the response. */
export type DrainEvent =
  | { readonly kind: 'end' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'aborted' };

/**
 * @param bytes read after the response, those of this event included
 * @param prompt whether the end came in the same read as the response
 * @returns the outcome, or undefined while the drain goes on
 */
export function judgeDrain(
  event: DrainEvent,
  bytes: number,
  prompt: boolean,
  budget: DrainBudget,
): DrainOutcome | undefined {
  switch (event.kind) {
    case 'end':
      return prompt && bytes === 0 ? 'reused' : 'drained';
    case 'bytes':
      return bytes > budget.maxBytes ? 'budget-bytes' : undefined;
    case 'timeout':
      return bytes === 0 ? 'held-open' : 'budget-time';
    case 'closed':
      return 'closed-by-server';
    case 'aborted':
      return 'reset';
  }
}

/** Whether the connection may carry another request after a drain that ended so. */
export function leavesConnectionFit(outcome: DrainOutcome): boolean {
  return outcome === 'reused' || outcome === 'drained';
}
