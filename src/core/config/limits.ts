import type { Unchecked } from './readValue.ts';
import {
  DEFAULT_DRAIN,
  DEFAULT_HTTP2,
  DEFAULT_MESSAGE,
  DEFAULT_POOL,
  DEFAULT_REQUEST_TIMEOUT,
  type DrainConfig,
  type Http2Choice,
  type MessageConfig,
  type PoolConfig,
} from './serverConfig.ts';

/** How one server's connections are used, and what bounds its calls. */
export interface Limits {
  readonly pool: PoolConfig;
  readonly drain: DrainConfig;
  readonly message: MessageConfig;
  readonly http2: Http2Choice;
  readonly requestTimeout: number;
}

export const BUILT_IN_LIMITS: Limits = {
  pool: DEFAULT_POOL,
  drain: DEFAULT_DRAIN,
  message: DEFAULT_MESSAGE,
  http2: DEFAULT_HTTP2,
  requestTimeout: DEFAULT_REQUEST_TIMEOUT,
};

export const POOL_KEYS = Object.keys(DEFAULT_POOL) as (keyof PoolConfig)[];
export const DRAIN_KEYS = Object.keys(DEFAULT_DRAIN) as (keyof DrainConfig)[];
export const MESSAGE_KEYS = Object.keys(DEFAULT_MESSAGE) as (keyof MessageConfig)[];

/** As they stand in settings: `sluice.pool.maxConnections` is `pool.maxConnections` here. */
export interface UncheckedLimits {
  readonly pool: Unchecked<keyof PoolConfig>;
  readonly drain: Unchecked<keyof DrainConfig>;
  readonly message?: Unchecked<keyof MessageConfig>;
  readonly http2?: unknown;
  readonly requestTimeout?: unknown;
}
