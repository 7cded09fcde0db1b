import { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { ContentBlock, GetPromptResult, Prompt, PromptMessage } from './mcpTypes.ts';
import { offers, requireOffered } from './offered.ts';
import { PagedList } from './pagedList.ts';
import { readListed } from './readListed.ts';
import type { RequestOptions, Requests } from './requests.ts';
import type { ServerEvents } from './serverEvents.ts';
import { PROMPT } from './shapes.ts';
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
      read: (entry) => readListed<Prompt>(requests, 'prompts/list', 'prompt', entry, PROMPT),
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
    return readPrompt(result, name, this.#requests);
  }
}

/** Messages that are none cost only themselves. */
function readPrompt(
  { description, ...result }: Readonly<Record<string, unknown>>,
  name: string,
  requests: Pick<Requests, 'warn'>,
): GetPromptResult {
  const held = result['messages'];
  const list = Array.isArray(held) ? held : [];
  const messages = list.flatMap((one, index) => {
    const read = readMessage(one);
    if (read === undefined)
      requests.warn(
        `message ${index + 1} of the prompt ${excerpt(name)} was left out, because it has no "content": ${excerpt(one)}`,
      );
    return read ?? [];
  });
  const about = typeof description === 'string' ? { description } : {};
  if (Array.isArray(held) && (messages.length > 0 || held.length === 0))
    return { ...result, ...about, messages };
  throw new SluiceError(
    'not-mcp',
    'The answer to prompts/get cannot be used: its "messages" are not a list of messages with a "content"',
    { phase: 'response', delivery: 'answered', hint: 'The fault is in the server: report it to its author.' },
  );
}

/** A message for each of its blocks: some servers write several into one, or a text in the place of a block. */
function readMessage(message: unknown): readonly PromptMessage[] | undefined {
  if (!isObject(message)) return undefined;
  const { content } = message;
  const role = message['role'] === 'assistant' ? 'assistant' : 'user';
  const blocks = (Array.isArray(content) ? content : [content]).flatMap((one) => {
    if (typeof one === 'string') return [{ type: 'text', text: one }];
    return isObject(one) ? [one as ContentBlock] : [];
  });
  return blocks.length === 0 ? undefined : blocks.map((block) => ({ ...message, role, content: block }));
}
