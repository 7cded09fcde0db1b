import { describeValue, type Finding, type ProblemList, type SettingsPath } from './configProblem.ts';
import { checkKeys, readNumber, readObject, type Unchecked } from './readValue.ts';
import {
  DEFAULT_DRAIN,
  DEFAULT_POOL,
  DEFAULT_REQUEST_TIMEOUT,
  DRAIN_RANGES,
  type DrainConfig,
  POOL_RANGES,
  type PoolConfig,
  type Range,
  REQUEST_TIMEOUT_RANGE,
} from './serverConfig.ts';

/** What bounds the calls of one server. */
export interface Limits {
  readonly pool: PoolConfig;
  readonly drain: DrainConfig;
  readonly requestTimeout: number;
}

export const BUILT_IN_LIMITS: Limits = {
  pool: DEFAULT_POOL,
  drain: DEFAULT_DRAIN,
  requestTimeout: DEFAULT_REQUEST_TIMEOUT,
};

/** As they stand in settings: `sluice.pool.maxConnections` is `pool.maxConnections` here. */
export interface UncheckedLimits {
  readonly pool: Unchecked<keyof PoolConfig>;
  readonly drain: Unchecked<keyof DrainConfig>;
  readonly requestTimeout?: unknown;
}

/** Limits of all servers. They disable no server: where one is wrong, its default is used, and the hint says so. */
export function parseDefaultLimits(raw: UncheckedLimits, problems: ProblemList): Limits {
  const read = <Key extends string>(
    section: string,
    values: Unchecked<Key>,
    ranges: Readonly<Record<Key, Range>>,
    absent: Readonly<Record<Key, number>>,
  ) =>
    mapNumbers(ranges, (key) =>
      readNumber(
        values[key],
        [`sluice.${section}.${key}`],
        ranges[key],
        absent[key],
        problems,
        `; ${absent[key]} is used until then`,
      ),
    );
  const limits = {
    pool: read('pool', raw.pool, POOL_RANGES, DEFAULT_POOL),
    drain: read('drain', raw.drain, DRAIN_RANGES, DEFAULT_DRAIN),
    requestTimeout: readNumber(
      raw.requestTimeout,
      ['sluice.requestTimeout'],
      REQUEST_TIMEOUT_RANGE,
      DEFAULT_REQUEST_TIMEOUT,
      problems,
      `; ${DEFAULT_REQUEST_TIMEOUT} is used until then`,
    ),
  };
  const starving = checkDrain(limits);
  if (starving === undefined) return limits;
  const culprit = raw.drain.timeout === undefined ? 'sluice.pool.queueTimeout' : 'sluice.drain.timeout';
  problems.error([culprit], {
    ...starving,
    hint: `${starving.hint}; ${DEFAULT_DRAIN.timeout} and ${DEFAULT_POOL.queueTimeout} are used until then`,
  });
  return {
    ...limits,
    pool: { ...limits.pool, queueTimeout: DEFAULT_POOL.queueTimeout },
    drain: { ...limits.drain, timeout: DEFAULT_DRAIN.timeout },
  };
}

/** Limits of one server: what it leaves out is as for all servers. */
export function parseServerLimits(
  entry: Unchecked<'pool' | 'drain' | 'requestTimeout'>,
  at: SettingsPath,
  defaults: Limits,
  problems: ProblemList,
): Limits {
  const pool: Unchecked<keyof PoolConfig> = readObject(
    entry.pool,
    [...at, 'pool'],
    '{ "maxConnections": 4 }',
    problems,
  );
  const drain: Unchecked<keyof DrainConfig> = readObject(
    entry.drain,
    [...at, 'drain'],
    '{ "timeout": 100 }',
    problems,
  );
  checkKeys(pool, Object.keys(POOL_RANGES), [...at, 'pool'], problems);
  checkKeys(drain, Object.keys(DRAIN_RANGES), [...at, 'drain'], problems);
  const limits = {
    pool: mapNumbers(POOL_RANGES, (key) =>
      readNumber(pool[key], [...at, 'pool', key], POOL_RANGES[key], defaults.pool[key], problems),
    ),
    drain: mapNumbers(DRAIN_RANGES, (key) =>
      readNumber(drain[key], [...at, 'drain', key], DRAIN_RANGES[key], defaults.drain[key], problems),
    ),
    requestTimeout: readNumber(
      entry.requestTimeout,
      [...at, 'requestTimeout'],
      REQUEST_TIMEOUT_RANGE,
      defaults.requestTimeout,
      problems,
    ),
  };
  const starving = checkDrain(limits);
  if (starving !== undefined) {
    const culprit = drain.timeout === undefined ? ['pool', 'queueTimeout'] : ['drain', 'timeout'];
    problems.error([...at, ...culprit], starving);
  }
  return limits;
}

/**
 * A draining connection holds its place under the cap. If it may hold it for as long as a call waits for a place,
 * calls can fail with every connection doing nothing but draining.
 */
function checkDrain({ pool, drain }: Limits): Finding | undefined {
  if (drain.timeout < pool.queueTimeout) return undefined;
  return {
    found: `found drain.timeout ${describeValue(drain.timeout)} and pool.queueTimeout ${pool.queueTimeout}, so that calls can fail while connections only drain`,
    hint: `write a drain.timeout below ${pool.queueTimeout}, or a longer pool.queueTimeout`,
  };
}

function mapNumbers<Key extends string>(
  ranges: Readonly<Record<Key, Range>>,
  read: (key: Key) => number,
): Record<Key, number> {
  const keys = Object.keys(ranges) as Key[];
  return Object.fromEntries(keys.map((key) => [key, read(key)])) as Record<Key, number>;
}
