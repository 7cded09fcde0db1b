import type { Dispatcher } from 'undici';
import { onTestFinished } from 'vitest';
import {
  DEFAULT_DRAIN,
  DEFAULT_POOL,
  type DrainConfig,
  type PoolConfig,
} from '../../../src/core/config/serverConfig.ts';
import type { Connection, OpenConnection } from '../../../src/core/http/connection.ts';
import { ConnectionPool } from '../../../src/core/http/connectionPool.ts';
import { originOf } from '../../../src/core/http/origin.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

const never: OpenConnection = () => new Promise(() => undefined);

export type OnRequest = (
  connection: FakeConnection,
  handler: Dispatcher.DispatchHandler,
  options: Dispatcher.DispatchOptions,
) => void;

/** A connection that does with a request whatever the test likes. */
export class FakeConnection implements Connection {
  readonly startedAt = systemClock.now();
  readonly openedAt = systemClock.now();
  readonly restingSince = Number.NEGATIVE_INFINITY;
  readonly capacity = 1;
  readonly isAsking = false;
  readonly ofDispatcher = false;
  readonly id: number;
  readonly httpVersion: '1.1' | '2';
  readonly isShared: boolean;
  readonly abortEndsIt: boolean;
  readonly checksItself: boolean;
  readonly holdsWorker: boolean;
  uses = 0;
  hasServed = false;
  usable = true;
  readonly #onRequest: OnRequest;
  readonly #onClose: (connection: Connection) => void;

  constructor(
    id: number,
    httpVersion: '1.1' | '2',
    onRequest: OnRequest,
    onClose: (connection: Connection) => void,
  ) {
    this.id = id;
    this.httpVersion = httpVersion;
    this.isShared = httpVersion === '2';
    this.abortEndsIt = !this.isShared;
    this.checksItself = this.isShared;
    this.holdsWorker = !this.isShared;
    this.#onRequest = onRequest;
    this.#onClose = onClose;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    queueMicrotask(() => this.#onRequest(this, handler, options));
  }

  received(): void {
    this.hasServed = true;
  }

  close(): void {
    if (!this.usable) return;
    this.usable = false;
    this.#onClose(this);
  }
}

/** @param onRequest what each of its connections does with a request; nothing where absent: none can be opened */
export function poolOf(
  onRequest?: OnRequest,
  httpVersion: '1.1' | '2' = '1.1',
  drain: DrainConfig = DEFAULT_DRAIN,
  limits: Partial<PoolConfig> = { maxConnections: 1 },
) {
  let opened = 0;
  const open: OpenConnection =
    onRequest === undefined
      ? never
      : async (id, { onClose }) => {
          opened++;
          return new FakeConnection(id, httpVersion, onRequest, onClose);
        };
  const pool = new ConnectionPool({
    origin: originOf(new URL('http://h/')),
    open,
    limits: { ...DEFAULT_POOL, ...limits },
    drain,
    clock: systemClock,
    observer: { onConnection() {} },
  });
  onTestFinished(() => pool.close());
  return { pool, opened: () => opened };
}

/** A whole response, in one turn. */
export function respond(
  handler: Dispatcher.DispatchHandler,
  status: number,
  headers: Record<string, string>,
  body = '',
): void {
  const controller = { abort() {} } as unknown as Dispatcher.DispatchController;
  handler.onRequestStart?.(controller, undefined);
  (handler as { onRequestSent?(): void }).onRequestSent?.();
  handler.onResponseStart?.(controller, status, headers, '');
  if (body !== '') handler.onResponseData?.(controller, Buffer.from(body));
  handler.onResponseEnd?.(controller, {});
}

/** The connection is lost after the request was written. */
export function lose(connection: FakeConnection, handler: Dispatcher.DispatchHandler): void {
  handler.onRequestStart?.({ abort() {} } as unknown as Dispatcher.DispatchController, undefined);
  connection.close();
  handler.onResponseError?.(undefined as never, new Error('closed'));
}
