import { type Answer, event, refusal } from './answer.ts';
import { Holds } from './holds.ts';
import type { Id } from './jsonrpc.ts';
import { SUBSCRIPTION_ID_META } from './modern.ts';
import { END, type Reply } from './reply.ts';

export type Filter = Readonly<Record<string, unknown>>;

/** Which member of a `subscriptions/listen` filter asks for which notification. */
const FILTERS: Readonly<Record<string, string>> = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
};

interface Stream {
  readonly reply: Reply;
  /** Of a modern stream: the id of its `subscriptions/listen`, and what it asked for. */
  readonly subscription?: { readonly id: Id; readonly filter: Filter };
}

export interface ServerStreamsOptions {
  /** Modern: the part of a filter that the server agrees to. */
  readonly agrees: (filter: Filter) => Filter;
  /** Legacy: whether a session asked for a resource's updates. */
  readonly subscribes: (session: string, uri: string) => boolean;
}

/** The long-lived streams on which the server speaks unasked: legacy GET streams, modern subscriptions. */
export class ServerStreams {
  readonly #open = new Map<string, Stream>();
  readonly #holds: Holds;
  readonly #options: ServerStreamsOptions;

  constructor(options: ServerStreamsOptions, changed: (open: number) => void) {
    this.#options = options;
    this.#holds = new Holds(() => changed(this.#holds.size));
  }

  /** Answers a legacy GET. Like the official SDK 1.x it gives a session one stream at a time. */
  get(session: string): Answer {
    return async (exchange) => {
      if (this.#open.has(session)) {
        const conflict = { code: -32000, message: 'Conflict: Only one SSE stream is allowed per session' };
        return refusal(409, conflict)(exchange);
      }
      return this.#serve(session, { reply: exchange.reply }, '', '');
    };
  }

  /** Answers a `subscriptions/listen`: the acknowledgement first, the response when the server ends it. */
  listen(id: Id, asked: Filter): Answer {
    const filter = this.#options.agrees(asked);
    const _meta = { [SUBSCRIPTION_ID_META]: id };
    const method = 'notifications/subscriptions/acknowledged';
    const first = event({ jsonrpc: '2.0', method, params: { _meta, notifications: filter } });
    const last = event({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta } });
    return ({ request, reply }) => {
      const stream = { reply, subscription: { id, filter } };
      return this.#serve(`${request.socket}/${id}`, stream, first, last);
    };
  }

  /** Sends a notification on every open stream that wants it. */
  async notify(method: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    const sent = [...this.#open].map(([key, { reply, subscription }]) => {
      if (!this.#wants(key, subscription?.filter, method, params)) return undefined;
      if (subscription === undefined) return reply.write(event({ jsonrpc: '2.0', method, params }));
      const _meta = { [SUBSCRIPTION_ID_META]: subscription.id };
      return reply.write(event({ jsonrpc: '2.0', method, params: { ...params, _meta } }));
    });
    await Promise.all(sent);
  }

  #wants(key: string, filter: Filter | undefined, method: string, { uri }: Filter): boolean {
    const isUpdate = method === 'notifications/resources/updated';
    if (filter === undefined) return !isUpdate || this.#options.subscribes(key, String(uri));
    if (!isUpdate) return filter[FILTERS[method] ?? ''] === true;
    const uris = filter['resourceSubscriptions'];
    return Array.isArray(uris) && uris.includes(uri);
  }

  /** The server ends every stream in good order. */
  end(): void {
    this.#holds.release();
  }

  async #serve(key: string, stream: Stream, first: string, last: string): Promise<void> {
    const { reply } = stream;
    this.#open.set(key, stream);
    await reply.write(reply.opening(), first);
    await this.#holds.hold(reply.closed);
    this.#open.delete(key);
    await reply.write(last, END);
  }
}
