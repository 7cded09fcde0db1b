import { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { GetPromptResult, Prompt } from './mcpTypes.ts';
import { offers, requireOffered } from './offered.ts';
import { PagedList } from './pagedList.ts';
import type { RequestOptions, Requests } from './requests.ts';
import type { ServerEvents } from './serverEvents.ts';
import type { Subscriptions } from './subscriptions.ts';

/** The prompts of a server: their list, and what they become with arguments (2026-07-28, Prompts). */
export class Prompts {
  readonly #requests: Requests;
  readonly #subscriptions: Subscriptions;
  readonly #list: PagedList<Prompt>;

  constructor(requests: Requests, subscriptions: Subscriptions, clock: Clock, events: ServerEvents) {
    this.#requests = requests;
    this.#subscriptions = subscriptions;
    this.#list = new PagedList({
      requests,
      method: 'prompts/list',
      member: 'prompts',
      accepts: (entry) => this.#accepts(entry),
      clock,
    });
    requests.onChange('notifications/prompts/list_changed', () => {
      this.#list.invalidate();
      events.onPromptsChanged?.();
    });
  }

  async list(signal: AbortSignal | undefined, refresh: boolean): Promise<readonly Prompt[]> {
    const { info, revision } = this.#requests;
    requireOffered(info, 'prompts', 'prompts');
    if (revision.subscriptions === 'listen' && offers(info, 'prompts.listChanged'))
      this.#subscriptions.watch('promptsListChanged');
    return this.#list.get(signal, refresh);
  }

  /** @throws SluiceError */
  async get(
    name: string,
    args: Readonly<Record<string, string>>,
    options: RequestOptions,
  ): Promise<GetPromptResult> {
    requireOffered(this.#requests.info, 'prompts', 'prompts');
    const params = { name, arguments: args };
    const { result } = await this.#requests.complete('prompts/get', params, { ...options, repeatable: true });
    return readPrompt(result);
  }

  #accepts(entry: unknown): entry is Prompt {
    if (isObject(entry) && typeof entry['name'] === 'string') return true;
    this.#requests.warn(`an entry was left out of prompts/list, because it has no "name": ${excerpt(entry)}`);
    return false;
  }
}

function readPrompt(result: Readonly<Record<string, unknown>>): GetPromptResult {
  const { messages } = result;
  if (Array.isArray(messages) && messages.every((one) => isObject(one) && isObject(one['content'])))
    return { ...result, messages };
  throw new SluiceError(
    'not-mcp',
    'The answer to prompts/get cannot be used: its "messages" are no list of messages with a "content"',
    { phase: 'response', delivery: 'answered', hint: 'The server’s author has to mend this.' },
  );
}
