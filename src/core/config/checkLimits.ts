import type { Mistake } from './configProblem.ts';
import type { Limits, UncheckedLimits } from './limits.ts';
import { DEFAULT_DRAIN, DEFAULT_POOL } from './serverConfig.ts';

/** Two limits, each good in itself, that do not go together. */
export interface Conflict {
  /** An error cannot work; a warning has no effect. */
  readonly severity: 'error' | 'warning';
  /** The key to underline: the one of the two that these settings write. */
  readonly key: readonly ['pool' | 'drain', string];
  readonly finding: Mistake;
  /** The limits of all servers disable none: what is used in place of the two. */
  readonly mended?: { readonly told: string; readonly apply: (limits: Limits) => Limits };
}

/** @param written as the settings at hand say it, without what they inherit */
export function checkLimits(limits: Limits, written: UncheckedLimits): readonly Conflict[] {
  return [checkDrain, checkWarm, checkIdle, checkQueue].flatMap((check) => check(limits, written) ?? []);
}

/**
 * A draining connection holds its place under the cap. If it may hold it for as long as a call waits for a place,
 * calls can fail with every connection doing nothing but draining.
 */
function checkDrain({ pool, drain }: Limits, written: UncheckedLimits): Conflict | undefined {
  if (drain.timeout < pool.queueTimeout) return undefined;
  return {
    severity: 'error',
    key: written.drain.timeout === undefined ? ['pool', 'queueTimeout'] : ['drain', 'timeout'],
    finding: {
      found: `found drain.timeout ${drain.timeout} and pool.queueTimeout ${pool.queueTimeout}, so that calls can fail while connections only drain`,
      hint: `write a drain.timeout below ${pool.queueTimeout}, or a longer pool.queueTimeout`,
    },
    mended: {
      told: `${DEFAULT_DRAIN.timeout} and ${DEFAULT_POOL.queueTimeout} are used`,
      apply: (sound) => ({
        ...sound,
        pool: { ...sound.pool, queueTimeout: DEFAULT_POOL.queueTimeout },
        drain: { ...sound.drain, timeout: DEFAULT_DRAIN.timeout },
      }),
    },
  };
}

/** As many warm connections as the cap are fine, because calls use them. More can never be open. */
function checkWarm({ pool }: Limits, written: UncheckedLimits): Conflict | undefined {
  const { warmConnections, maxConnections } = pool;
  if (warmConnections === 'auto' || warmConnections <= maxConnections) return undefined;
  return {
    severity: 'error',
    key: ['pool', written.pool.warmConnections === undefined ? 'maxConnections' : 'warmConnections'],
    finding: {
      found: `found pool.warmConnections ${warmConnections} and pool.maxConnections ${maxConnections}: more warm connections than may be open at once`,
      hint: `write a pool.warmConnections up to ${maxConnections}, or a greater pool.maxConnections`,
    },
    mended: warmUsed(Math.min(maxConnections, warmConnections)),
  };
}

/** A warm connection is idle until a call takes it: here it would be closed at once and opened again, without end. */
function checkIdle({ pool }: Limits, written: UncheckedLimits): Conflict | undefined {
  const { warmConnections, idleTimeout } = pool;
  if (warmConnections === 'auto' || warmConnections === 0 || idleTimeout > 0) return undefined;
  return {
    severity: 'error',
    key: ['pool', written.pool.warmConnections === undefined ? 'idleTimeout' : 'warmConnections'],
    finding: {
      found: `found pool.warmConnections ${warmConnections} and pool.idleTimeout 0, so that each would be closed as soon as it is open`,
      hint: 'write a pool.idleTimeout above 0, or 0 for pool.warmConnections',
    },
    mended: warmUsed(0),
  };
}

/** A call that waits is over when its time is up, in the queue too. */
function checkQueue({ pool, requestTimeout }: Limits, written: UncheckedLimits): Conflict | undefined {
  if (written.pool.queueTimeout === undefined || pool.queueTimeout < requestTimeout) return undefined;
  return {
    severity: 'warning',
    key: ['pool', 'queueTimeout'],
    finding: {
      found: `found ${pool.queueTimeout}, which has no effect, as requestTimeout ends a call after ${requestTimeout}`,
      hint: `write a pool.queueTimeout below ${requestTimeout}, or a longer requestTimeout`,
    },
  };
}

function warmUsed(warmConnections: number): NonNullable<Conflict['mended']> {
  return {
    told: `${warmConnections} warm connections are used`,
    apply: (sound) => ({ ...sound, pool: { ...sound.pool, warmConnections } }),
  };
}
