import type { Dispatcher } from 'undici';
import type { Connection } from './connection.ts';

/** What connections have in common that carry one request at a time, over HTTP/1.1. */
export abstract class SerialConnection implements Connection {
  readonly id: number;
  readonly startedAt: number;
  readonly openedAt: number;
  readonly capacity = 1;
  readonly isAsking = false;
  readonly httpVersion = '1.1';
  readonly isShared = false;
  readonly abortEndsIt = true;
  readonly checksItself = false;
  abstract readonly holdsWorker: boolean;
  abstract readonly ofDispatcher: boolean;
  abstract readonly usable: boolean;
  uses = 0;
  hasServed = false;
  restingSince: number;

  constructor(id: number, startedAt: number, openedAt: number, restingSince: number) {
    this.id = id;
    this.startedAt = startedAt;
    this.openedAt = openedAt;
    this.restingSince = restingSince;
  }

  abstract dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  abstract received(now: number): void;
  abstract close(): void;
}
