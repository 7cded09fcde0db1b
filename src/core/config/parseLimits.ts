import { checkLimits } from './checkLimits.ts';
import type { ProblemList, SettingsPath } from './configProblem.ts';
import {
  BUILT_IN_LIMITS,
  DRAIN_KEYS,
  type Limits,
  MESSAGE_KEYS,
  POOL_KEYS,
  type UncheckedLimits,
} from './limits.ts';
import {
  checkKeys,
  readAutoOrNumber,
  readChoice,
  readNumber,
  readObject,
  type Unchecked,
} from './readValue.ts';
import {
  DRAIN_RANGES,
  type DrainConfig,
  HTTP2_CHOICES,
  MESSAGE_RANGES,
  type MessageConfig,
  POOL_RANGES,
  type PoolConfig,
  REQUEST_TIMEOUT_RANGE,
  REUSE_CHOICES,
} from './serverConfig.ts';

/** Limits of all servers. They disable no server: where one is wrong, its default is used, and the hint says so. */
export function parseDefaultLimits(raw: UncheckedLimits, problems: ProblemList): Limits {
  const limits = readLimits(raw, {
    at: (...keys) => [`sluice.${keys.join('.')}`],
    absent: BUILT_IN_LIMITS,
    problems,
    afterwards: (value) => `; ${JSON.stringify(value)} is used until then`,
  });
  return checkLimits(limits, raw).reduce((sound, { severity, finding, key: [section, key], mended }) => {
    const hint = mended === undefined ? finding.hint : `${finding.hint}; ${mended.told} until then`;
    problems[severity]([`sluice.${section}.${key}`], { ...finding, hint });
    return mended === undefined ? sound : mended.apply(sound);
  }, limits);
}

/** Limits of one server: what it leaves out is as for all servers. */
export function parseServerLimits(
  entry: Unchecked<keyof UncheckedLimits>,
  at: SettingsPath,
  defaults: Limits,
  problems: ProblemList,
): Limits {
  const raw = {
    ...entry,
    pool: readObject(entry.pool, [...at, 'pool'], '{ "maxConnections": 4 }', problems),
    drain: readObject(entry.drain, [...at, 'drain'], '{ "timeout": 100 }', problems),
    message: readObject(entry.message, [...at, 'message'], '{ "maxValues": 5000000 }', problems),
  };
  checkKeys(raw.pool, POOL_KEYS, [...at, 'pool'], problems);
  checkKeys(raw.drain, DRAIN_KEYS, [...at, 'drain'], problems);
  checkKeys(raw.message, MESSAGE_KEYS, [...at, 'message'], problems);
  const limits = readLimits(raw, { at: (...keys) => [...at, ...keys], absent: defaults, problems });
  for (const { severity, finding, key } of checkLimits(limits, raw))
    problems[severity]([...at, ...key], finding);
  return limits;
}

interface Reading {
  /** The way to a key, for example to `pool`, `reuse`. */
  readonly at: (...keys: string[]) => SettingsPath;
  readonly absent: Limits;
  readonly problems: ProblemList;
  /** What the hint says of the value that is used until the setting is corrected; empty where none is. */
  readonly afterwards?: (value: number | string) => string;
}

function readLimits(
  { pool, drain, message = {}, http2, requestTimeout }: UncheckedLimits,
  { at, absent, problems, afterwards = () => '' }: Reading,
): Limits {
  const poolNumber = (key: Exclude<keyof PoolConfig, 'warmConnections' | 'reuse'>) =>
    readNumber(
      pool[key],
      at('pool', key),
      POOL_RANGES[key],
      absent.pool[key],
      problems,
      afterwards(absent.pool[key]),
    );
  const drainNumber = (key: keyof DrainConfig) =>
    readNumber(
      drain[key],
      at('drain', key),
      DRAIN_RANGES[key],
      absent.drain[key],
      problems,
      afterwards(absent.drain[key]),
    );
  const messageNumber = (key: keyof MessageConfig) =>
    readNumber(
      message[key],
      at('message', key),
      MESSAGE_RANGES[key],
      absent.message[key],
      problems,
      afterwards(absent.message[key]),
    );
  return {
    pool: {
      maxConnections: poolNumber('maxConnections'),
      warmConnections: readAutoOrNumber(
        pool.warmConnections,
        at('pool', 'warmConnections'),
        POOL_RANGES.warmConnections,
        absent.pool.warmConnections,
        problems,
        afterwards(absent.pool.warmConnections),
      ),
      reuse: readChoice(
        pool.reuse,
        at('pool', 'reuse'),
        REUSE_CHOICES,
        absent.pool.reuse,
        problems,
        afterwards(absent.pool.reuse),
      ),
      idleTimeout: poolNumber('idleTimeout'),
      queueTimeout: poolNumber('queueTimeout'),
    },
    drain: { timeout: drainNumber('timeout'), maxBytes: drainNumber('maxBytes') },
    message: { maxBytes: messageNumber('maxBytes'), maxValues: messageNumber('maxValues') },
    http2: readChoice(http2, at('http2'), HTTP2_CHOICES, absent.http2, problems, afterwards(absent.http2)),
    requestTimeout: readNumber(
      requestTimeout,
      at('requestTimeout'),
      REQUEST_TIMEOUT_RANGE,
      absent.requestTimeout,
      problems,
      afterwards(absent.requestTimeout),
    ),
  };
}
