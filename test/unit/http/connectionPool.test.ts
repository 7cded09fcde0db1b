import type { Dispatcher } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_DRAIN, DEFAULT_POOL } from '../../../src/core/config/serverConfig.ts';
import type { SluiceError } from '../../../src/core/errors.ts';
import { type Connection, type OpenConnection, UNPROCESSED } from '../../../src/core/http/connection.ts';
import { ConnectionPool, type Lane } from '../../../src/core/http/connectionPool.ts';
import type { ExchangeHandler, HttpRequest } from '../../../src/core/http/exchange.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

const REQUEST: HttpRequest = { method: 'POST', path: '/mcp', headers: {} };
const never: OpenConnection = () => new Promise(() => undefined);

/** A connection that does with a request whatever the test likes. */
class FakeConnection implements Connection {
  readonly startedAt = systemClock.now();
  readonly openedAt = systemClock.now();
  readonly restingSince = Number.NEGATIVE_INFINITY;
  readonly capacity = 1;
  readonly isAsking = false;
  readonly ofDispatcher = false;
  readonly id: number;
  readonly httpVersion: '1.1' | '2';
  uses = 0;
  hasServed = false;
  usable = true;
  readonly #onRequest: (connection: FakeConnection, handler: Dispatcher.DispatchHandler) => void;
  readonly #onClose: (connection: Connection) => void;

  constructor(
    id: number,
    httpVersion: '1.1' | '2',
    onRequest: (connection: FakeConnection, handler: Dispatcher.DispatchHandler) => void,
    onClose: (connection: Connection) => void,
  ) {
    this.id = id;
    this.httpVersion = httpVersion;
    this.#onRequest = onRequest;
    this.#onClose = onClose;
  }

  dispatch(_: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.uses++;
    queueMicrotask(() => this.#onRequest(this, handler));
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
function poolOf(
  onRequest?: (connection: FakeConnection, handler: Dispatcher.DispatchHandler) => void,
  httpVersion: '1.1' | '2' = '1.1',
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
    origin: { href: 'http://h', host: 'h', port: 80, secure: false } as never,
    open,
    limits: { ...DEFAULT_POOL, maxConnections: 1 },
    drain: DEFAULT_DRAIN,
    clock: systemClock,
    observer: { onConnection() {} },
  });
  onTestFinished(() => pool.close());
  const fate = (lane?: Lane): Promise<SluiceError | 'answered'> =>
    new Promise((resolve) => {
      const handler: ExchangeHandler = {
        onHeaders() {},
        onData() {},
        onEnd: () => resolve('answered'),
        onError: resolve,
      };
      pool.dispatch(REQUEST, handler, lane);
    });
  return { pool, fate, opened: () => opened };
}

/** The first that settles of requests which all wait. */
function firstOf(count: number, ask: () => Promise<SluiceError | 'answered'>) {
  return Promise.race(Array.from({ length: count }, ask));
}

describe('a flood of requests', () => {
  it('waits for a connection up to 10,000 of them, and the next one is told at once', async () => {
    const { pool, fate } = poolOf();
    const first = firstOf(10_000, fate);
    expect(pool.counts().queued).toBe(10_000);
    expect(await Promise.race([first, fate()])).toMatchObject({ code: 'queue-full', delivery: 'not-sent' });
    expect(pool.counts().queued).toBe(10_000);
  });

  it('of long-lived streams has 16 connections, and the next one is told at once', async () => {
    const { fate, opened } = poolOf(() => undefined);
    const first = firstOf(16, () => fate('stream'));
    const next = await Promise.race([first, fate('stream')]);
    expect(next).toMatchObject({ code: 'queue-full', delivery: 'not-sent' });
    expect((next as SluiceError).message).toContain('16 long-lived streams');
    expect(opened()).toBe(16);
  });

  it('of what goes aside has 272 connections beside the calls, and the next one is told at once', async () => {
    const { fate, opened } = poolOf(() => undefined);
    void fate();
    await Promise.resolve();
    const first = firstOf(272, () => fate('aside'));
    expect(await Promise.race([first, fate('aside')])).toMatchObject({ code: 'queue-full' });
    expect(opened()).toBe(1 + 272);
  });
});

describe('a request whose connections are lost before it is written', () => {
  const lose = (connection: FakeConnection, handler: Dispatcher.DispatchHandler) => {
    connection.close();
    handler.onResponseError?.(undefined as never, new Error('closed'));
  };

  it('gets three others, and then it is known not to have been sent', async () => {
    const { fate, opened } = poolOf(lose);
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent', phase: 'sent' });
    expect(opened()).toBe(4);
  });

  it('gets 1,000 others where each had served somebody', async () => {
    const { fate, opened } = poolOf((connection, handler) => {
      connection.hasServed = true;
      lose(connection, handler);
    });
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent' });
    expect(opened()).toBe(1_001);
  });

  it('is refused three times over a connection that goes on, and then it is told', async () => {
    let refusals = 0;
    const { fate } = poolOf((_, handler) => {
      refusals++;
      handler.onRequestStart?.({ abort() {} } as never, undefined);
      handler.onResponseError?.(
        undefined as never,
        Object.assign(new Error('refused'), { code: UNPROCESSED }),
      );
    }, '2');
    expect(await fate()).toMatchObject({ code: 'connection-lost', delivery: 'not-sent' });
    expect(refusals).toBe(4);
  });
});
