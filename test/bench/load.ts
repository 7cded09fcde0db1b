import { setTimeout as after } from 'node:timers/promises';
import type { BenchClient } from './clients/benchClient.ts';

/** What a client is to do in one turn. */
export interface Load {
  /** Calls that count. */
  readonly calls: number;
  /** Calls before them that do not: they would measure the pause in which others had their turn. */
  readonly leadIn: number;
  /** No call begins after so many milliseconds. */
  readonly maxMs: number;
  /** Milliseconds between an answer and the next call, and before the first one. */
  readonly gapMs: number;
  readonly atOnce: number;
  /** Of each result. */
  readonly bytes: number;
}

export interface Turn {
  /** Milliseconds of each call that counts, in the order of the answers. */
  readonly ms: readonly number[];
  /** Calls a second, those that do not count included. */
  readonly perSecond: number;
}

/** Calls in sequence, or so many sequences at once. A result that is not what was asked for ends it. */
export async function perform(client: BenchClient, load: Load): Promise<Turn> {
  const { calls, leadIn, maxMs, gapMs, atOnce, bytes } = load;
  const ms: number[] = [];
  const startedAt = performance.now();
  let left = leadIn + calls;
  const sequence = async () => {
    while (left > 0 && performance.now() - startedAt < maxMs) {
      left -= 1;
      // Before each, the first too: another load may have ended just now.
      if (gapMs > 0) await after(gapMs);
      const calledAt = performance.now();
      const text = await client.call(bytes);
      ms.push(performance.now() - calledAt);
      if (text.length !== bytes) throw new Error(`asked for ${bytes} bytes, was given ${text.length}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sequence));
  const perSecond = (ms.length / (performance.now() - startedAt)) * 1000;
  return { ms: ms.slice(leadIn), perSecond };
}
