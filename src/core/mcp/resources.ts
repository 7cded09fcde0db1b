import { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonRpcNotification } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { ReadResourceResult, Resource, ResourceContents, ResourceTemplate } from './mcpTypes.ts';
import { offers, requireOffered } from './offered.ts';
import { PagedList } from './pagedList.ts';
import { ReadCache } from './readCache.ts';
import { readListed } from './readListed.ts';
import type { RequestOptions, Requests } from './requests.ts';
import type { ServerEvents } from './serverEvents.ts';
import { readShape } from './shape.ts';
import { RESOURCE, RESOURCE_CONTENTS, RESOURCE_TEMPLATE } from './shapes.ts';
import type { Subscriptions } from './subscriptions.ts';

/** The resources of a server: their lists, what they contain, and what changes (2026-07-28, Resources). */
export class Resources {
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  readonly #list: PagedList<Resource>;
  readonly #templates: PagedList<ResourceTemplate>;
  readonly #read: ReadCache;
  /** Subscribed to, in either way. */
  readonly #watched = new Set<string>();

  constructor(requests: Requests, subscriptions: Subscriptions, clock: Clock, events: ServerEvents) {
    this.#requests = requests;
    this.#subscriptions = subscriptions;
    this.#read = new ReadCache(clock);
    this.#list = new PagedList({
      requests,
      method: 'resources/list',
      member: 'resources',
      read: (entry) => {
        const read = readListed<Resource>(requests, 'resources/list', 'resource', entry, RESOURCE);
        return read && named(read, read.uri);
      },
      clock,
    });
    this.#templates = new PagedList({
      requests,
      method: 'resources/templates/list',
      member: 'resourceTemplates',
      read: (entry) => {
        const method = 'resources/templates/list';
        const read = readListed<ResourceTemplate>(requests, method, 'template', entry, RESOURCE_TEMPLATE);
        return read && named(read, read.uriTemplate);
      },
      clock,
    });
    requests.onChange('notifications/resources/list_changed', () => {
      this.#list.invalidate();
      this.#templates.invalidate();
      events.onResourcesChanged?.();
    });
    requests.onNotification('notifications/resources/updated', (notification) => {
      const uri = uriOf(notification);
      if (uri !== undefined) this.#read.forget(uri);
    });
    requests.onChange(
      'notifications/resources/updated',
      (notification) => {
        const uri = uriOf(notification);
        if (uri !== undefined) events.onResourceUpdated?.(uri);
      },
      (notification) => uriOf(notification) ?? '',
    );
    requests.onOutdated(() => {
      this.#read.clear();
      for (const uri of this.#watched) events.onResourceUpdated?.(uri);
    });
    requests.onRenewed(() => this.#subscribeAnew());
  }

  async list(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly Resource[]> {
    this.#watchLists();
    return this.#list.get(signal, refresh);
  }

  async templates(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly ResourceTemplate[]> {
    this.#watchLists();
    return this.#templates.get(signal, refresh);
  }

  /** @throws SluiceError */
  async read(uri: string, options: RequestOptions, refresh: boolean): Promise<ReadResourceResult> {
    requireOffered(this.#requests.info, 'resources', 'resources');
    const kept = refresh ? undefined : this.#read.get(uri);
    if (kept !== undefined) return kept;
    const asOf = this.#read.asOf();
    const { result, asked } = await this.#requests.complete(
      'resources/read',
      { uri },
      { ...options, repeatable: true },
    );
    const read = readContents(result, uri, this.#requests);
    // "Results produced by retrying a request … MUST NOT be cached, as they depend on inputs"
    if (!asked) this.#read.keep(uri, read, asOf);
    return read;
  }

  /** @throws SluiceError `not-offered` where the server does not tell of changes to this */
  async subscribe(uri: string, signal: AbortSignal | undefined): Promise<void> {
    const { info, revision } = this.#requests;
    requireOffered(info, 'resources.subscribe', 'to report changes to resources');
    if (revision.subscriptions === 'listen') await this.#subscriptions.subscribe(uri, signal);
    else await this.#requests.send('resources/subscribe', { uri }, { signal, repeatable: true });
    this.#watched.add(uri);
  }

  async unsubscribe(uri: string, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#watched.delete(uri)) return;
    if (this.#requests.revision.subscriptions === 'listen') this.#subscriptions.unsubscribe(uri);
    else await this.#requests.send('resources/unsubscribe', { uri }, { signal, repeatable: true });
  }

  #watchLists(): void {
    const { info, revision } = this.#requests;
    requireOffered(info, 'resources', 'resources');
    if (revision.subscriptions === 'listen' && offers(info, 'resources.listChanged'))
      this.#subscriptions.watch('resourcesListChanged');
  }

  /** A new session knows nothing of what the lost one was asked to tell. */
  #subscribeAnew(): void {
    for (const uri of this.#watched)
      this.subscribe(uri, undefined).catch((error: Error) =>
        this.#requests.warn(`the server no longer reports changes to ${uri}: ${error.message}`),
      );
  }
}

function uriOf({ params }: JsonRpcNotification): string | undefined {
  return typeof params?.['uri'] === 'string' ? params['uri'] : undefined;
}

/** The name of an entry that has none is what it is read by. */
function named<T extends { readonly name: string }>(entry: T, by: string): T {
  return typeof entry.name === 'string' ? entry : { ...entry, name: by };
}

/** @param uri that was read, for contents that have none of their own */
function readContents(
  result: Readonly<Record<string, unknown>>,
  uri: string,
  requests: Pick<Requests, 'warn'>,
): ReadResourceResult {
  const held = result['contents'];
  const list = Array.isArray(held) ? held : [held];
  const contents = list.flatMap((one): readonly ResourceContents[] => {
    const shaped = readShape(one, RESOURCE_CONTENTS);
    if (shaped.kind === 'unusable') return [];
    return [{ uri, ...shaped.value }];
  });
  if (contents.length < list.length && contents.length > 0)
    requests.warn(
      `${list.length - contents.length} of the contents of ${excerpt(uri)} were left out, because they are not objects`,
    );
  if (contents.length > 0 || (Array.isArray(held) && held.length === 0)) return { ...result, contents };
  throw new SluiceError(
    'not-mcp',
    'The answer to resources/read cannot be used: its "contents" are not a list of contents',
    { phase: 'response', delivery: 'answered', hint: 'The fault is in the server: report it to its author.' },
  );
}
