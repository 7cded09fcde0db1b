import { untilAborted } from '../async/untilAborted.ts';
import { isSluiceError, SluiceError } from '../errors.ts';
import { isObject, type JsonRpcNotification, type RequestId } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { notOffered } from './offered.ts';
import type { Requests } from './requests.ts';

export type ListChange = 'toolsListChanged' | 'promptsListChanged' | 'resourcesListChanged';

/** What a stream tells of: what was asked for, or the part of it that the server agreed to. */
type Filter = { readonly [change in ListChange]?: true } & {
  readonly resourceSubscriptions?: readonly string[];
};

interface Stream {
  /** The filter that was asked for, as JSON. */
  readonly wanted: string;
  readonly abort: AbortController;
  readonly acknowledged: Promise<Filter>;
  /** Undefined until it is acknowledged. */
  agreed: Filter | undefined;
  /** On the clock. */
  agreedAt: number;
  ended: boolean;
  /** Something came on it that it should not have: told once. */
  warned: boolean;
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const CANCELLED = 'notifications/cancelled';
const MEMBER_OF: Readonly<Record<string, keyof Filter>> = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
  'notifications/resources/updated': 'resourceSubscriptions',
};

/** Milliseconds before the first try to open a stream again that was lost; each further one waits twice as long. */
const FIRST_DELAY = 1_000;
/** Tries in a row; after them it is opened again when it is next needed. */
const MAX_TRIES = 6;
/** Milliseconds after which a stream that is lost was none of a row of failures. */
const STEADY = 60_000;

/**
 * The one stream on which a server of 2026-07-28 tells what changed (Subscriptions). It is opened when something is
 * first used whose changes the server offers to tell, and for something more a new one takes its place: the old one ends
 * when the new one is acknowledged, so that nothing is missed in between.
 *
 *     opening --acknowledged--> open --dropped--> waiting, twice as long each time --> opening
 *        |                       +----ended by the server, in good order -----------> closed until the next use
 *        +--refused--> closed, and not asked for the same again
 */
export class Subscriptions {
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #lists = new Set<ListChange>();
  readonly #uris = new Set<string>();
  #current: Stream | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;
  #tries = 0;
  /** There was a time without a stream: what changed in it was not told. */
  #gap = false;
  #refused: string | undefined;
  #closed = false;

  constructor(requests: Requests, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
    requests.onRenewed(() => {
      if (!this.#areOffered) this.#forget();
    });
  }

  /** The server may be another one by now, of a revision without them. */
  get #areOffered(): boolean {
    return this.#requests.revision.subscriptions === 'listen';
  }

  #forget(): void {
    this.#lists.clear();
    this.#uris.clear();
    this.#refused = undefined;
    this.#open().catch(() => undefined);
  }

  /** From now on the server is to tell of this; where it will not, nobody is the worse for it. */
  watch(change: ListChange): void {
    this.#lists.add(change);
    if (this.#cancelRetry === undefined && this.#refused !== this.#wanted())
      this.#open().catch(() => undefined);
  }

  /** @throws SluiceError `not-offered` where the server does not agree to it, and what the request throws */
  async subscribe(uri: string, signal: AbortSignal | undefined): Promise<void> {
    this.#uris.add(uri);
    try {
      const { resourceSubscriptions = [] } = await untilAborted(this.#open(), signal);
      if (!resourceSubscriptions.includes(uri))
        throw notOffered(
          `to report changes to ${uri}`,
          'it left it out of the subscription that it acknowledged',
        );
    } catch (error) {
      this.#uris.delete(uri);
      throw error;
    }
  }

  unsubscribe(uri: string): void {
    if (this.#uris.delete(uri)) this.#open().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#current?.abort.abort();
  }

  /** One at a time: whoever comes while one is opened gets the next, which is for everything that is wanted by then. */
  #open(): Promise<Filter> {
    const opened = this.#opening.catch(() => undefined).then(() => this.#replace());
    this.#opening = opened;
    return opened;
  }

  async #replace(): Promise<Filter> {
    const before = this.#current;
    const wanted = this.#wanted();
    if (this.#closed) throw closed();
    if (before?.wanted === wanted) return before.acknowledged;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (wanted === '{}') {
      this.#current = undefined;
      before?.abort.abort();
      return {};
    }
    const stream = this.#start(wanted);
    this.#current = stream;
    try {
      const agreed = await stream.acknowledged;
      before?.abort.abort();
      if (this.#gap) this.#requests.outdated();
      this.#gap = false;
      return agreed;
    } catch (error) {
      this.#current = before?.ended === false ? before : undefined;
      if (!this.#areOffered) throw error;
      if (isRefusal(error)) this.#refuse(wanted, error);
      else if (this.#current === undefined) this.#retryLater(error);
      throw error;
    }
  }

  #start(wanted: string): Stream {
    const { promise, resolve, reject } = Promise.withResolvers<Filter>();
    const stream: Stream = {
      wanted,
      abort: new AbortController(),
      acknowledged: promise,
      agreed: undefined,
      agreedAt: 0,
      ended: false,
      warned: false,
    };
    const ended = () => {
      reject(notOffered('subscriptions', 'it ended a subscription before it acknowledged it'));
      this.#ended(stream, undefined);
    };
    const onNotification = (notification: JsonRpcNotification, requestId: RequestId) => {
      const { method, params } = notification;
      // "A server MUST send notifications/cancelled … when it tears down that subscription"; of another id it is invalid.
      if (method === CANCELLED && params?.['requestId'] === requestId) {
        ended();
        return stream.abort.abort();
      }
      if (method !== ACKNOWLEDGED) return this.#told(stream, notification);
      stream.agreed = readFilter(params?.['notifications'], wanted);
      stream.agreedAt = this.#clock.now();
      resolve(stream.agreed);
    };
    const params = { notifications: JSON.parse(wanted) as Filter };
    // When it is opened again is decided here, and not by whoever sends it.
    const options = { signal: stream.abort.signal, repeatable: false, stream: onNotification };
    this.#requests.send('subscriptions/listen', params, options).then(ended, (error: unknown) => {
      reject(error);
      this.#ended(stream, error);
    });
    return stream;
  }

  /** Only what was agreed upon counts: the rest of what is wanted is found out by asking. */
  #told(stream: Stream, notification: JsonRpcNotification): void {
    const { method } = notification;
    const member = MEMBER_OF[method];
    if (member !== undefined && stream.agreed?.[member] !== undefined)
      return this.#requests.notified(notification);
    if (stream.warned) return;
    stream.warned = true;
    const because = stream.agreed === undefined ? 'not acknowledged yet' : 'not asked for';
    this.#requests.warn(`${method} was ignored on a subscription, where it was ${because}`);
  }

  /** @param error undefined where the server ended it in good order */
  #ended(stream: Stream, error: unknown): void {
    if (stream.ended) return;
    stream.ended = true;
    // What was never acknowledged is told to whoever waits for that.
    if (stream.agreed === undefined || stream.abort.signal.aborted || stream !== this.#current) return;
    this.#current = undefined;
    this.#gap = true;
    if (this.#clock.now() - stream.agreedAt >= STEADY) this.#tries = 0;
    if (isSluiceError(error) && error.code === 'queue-full') return this.#refuse(stream.wanted, error);
    if (error !== undefined) return this.#retryLater(error);
    if (this.#uris.size > 0)
      this.#requests.warn(
        'the server ended the subscription to its resources; it is opened again when needed',
      );
  }

  #refuse(wanted: string, error: unknown): void {
    this.#refused = wanted;
    const isOurs = isSluiceError(error) && error.code === 'queue-full';
    const what = isOurs
      ? 'there is no subscription'
      : 'the server refuses subscriptions/listen, which it offers';
    this.#requests.warn(`${what}: ${(error as Error).message}`);
  }

  #retryLater(error: unknown): void {
    if (this.#closed || (isSluiceError(error) && (error.code === 'closed' || error.code === 'cancelled')))
      return;
    this.#gap = true;
    if (this.#tries === MAX_TRIES) {
      this.#tries = 0;
      return this.#requests.warn(
        `the subscription was lost ${MAX_TRIES + 1} times in a row, and is opened again when it is next needed: ${(error as Error).message}`,
      );
    }
    const ms = FIRST_DELAY * 2 ** this.#tries++;
    this.#cancelRetry = this.#clock.schedule(ms, () => {
      this.#cancelRetry = undefined;
      this.#open().catch(() => undefined);
    });
  }

  #wanted(): string {
    const lists = Object.fromEntries([...this.#lists].map((change) => [change, true]));
    return JSON.stringify(
      this.#uris.size === 0 ? lists : { ...lists, resourceSubscriptions: [...this.#uris] },
    );
  }
}

/** "The client SHOULD check the acknowledged filter against what it requested." */
function readFilter(value: unknown, wanted: string): Filter {
  const asked = JSON.parse(wanted) as Filter;
  const given: Record<string, unknown> = isObject(value) ? value : {};
  const { resourceSubscriptions: uris, ...lists } = asked;
  const agreed = Object.keys(lists).flatMap((change) => (given[change] === true ? [[change, true]] : []));
  const agreedUris = given['resourceSubscriptions'];
  return {
    ...Object.fromEntries(agreed),
    ...(uris === undefined || !Array.isArray(agreedUris)
      ? {}
      : { resourceSubscriptions: uris.filter((uri) => agreedUris.includes(uri)) }),
  };
}

/** The server looked at it and said no, or there is no place for it; anything else may be otherwise the next time. */
function isRefusal(error: unknown): boolean {
  if (!isSluiceError(error) || (error.status ?? 0) >= 500) return false;
  switch (error.code) {
    case 'jsonrpc-error':
    case 'not-offered':
    case 'queue-full':
    case 'http-status':
    case 'not-found':
    case 'not-mcp':
    case 'unauthorized':
    case 'forbidden':
    case 'redirected':
      return true;
    default:
      return false;
  }
}

function closed(): SluiceError {
  return new SluiceError('closed', 'The connection was closed', { delivery: 'not-sent' });
}
