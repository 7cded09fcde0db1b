import { failure, type Outcome, result } from './outcome.ts';
import { completionOf, getPrompt, type Prompts } from './prompts.ts';
import { type Resources, readResource, resourceTemplates } from './resources.ts';
import type { Sessions } from './sessions.ts';
import { SKILLS_EXTENSION, type Skills, skillFile } from './skills.ts';
import { LabTasks, TASKS_EXTENSION } from './tasks.ts';
import { Refused } from './toolCall.ts';
import type { Caller, ToolCalls } from './toolCalls.ts';

export interface OffersOptions {
  readonly resources: Resources;
  readonly prompts: Prompts;
  readonly skills: Skills;
  readonly sessions: Sessions;
  readonly calls: ToolCalls;
  readonly listTtlMs: number;
  /** Entries of one page of a list. */
  readonly pageSize: number;
  /** Whether it declares that it tells of changes. */
  readonly changes: boolean;
}

const RESOURCE_NOT_FOUND = { modern: -32602, legacy: -32002 } as const;

/** What the lab's server offers besides its tools: resources, prompts, completion, logging, tasks. */
export class Offers {
  readonly tasks = new LabTasks();
  readonly #options: OffersOptions;

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  capabilities(era: Caller['era']): Readonly<Record<string, unknown>> {
    const { changes } = this.#options;
    const listChanged = changes ? { listChanged: true } : {};
    return {
      tools: listChanged,
      resources: { ...listChanged, ...(changes && { subscribe: true }) },
      prompts: listChanged,
      completions: {},
      logging: {},
      ...(era === 'modern'
        ? { extensions: { [TASKS_EXTENSION]: {}, [SKILLS_EXTENSION]: {} } }
        : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
    };
  }

  /** One page of a list, with what says how long it may be kept. */
  page(caller: Caller, member: string, entries: readonly object[]): Outcome {
    const { request } = caller;
    const { pageSize } = this.#options;
    const { cursor } = (request.params ?? {}) as { cursor?: string };
    const start = cursor === undefined ? 0 : Number(/^after-(\d+)$/.exec(cursor)?.[1]);
    const end = start + pageSize;
    return this.cacheable(caller, {
      [member]: entries.slice(start, end),
      ...(end < entries.length && { nextCursor: `after-${end}` }),
    });
  }

  /** A result that may be kept for a time. */
  cacheable({ era, request }: Caller, members: Readonly<Record<string, unknown>>): Outcome {
    return result(era, request, { ...members, ...this.#cache(era) });
  }

  #cache(era: Caller['era']) {
    return era === 'modern' ? { ttlMs: this.#options.listTtlMs, cacheScope: 'private' } : {};
  }

  /** Undefined where the method is none of these. */
  async perform(caller: Caller): Promise<Outcome | undefined> {
    const { resources, prompts, skills, calls, sessions } = this.#options;
    const { era, request, received } = caller;
    const { method, params = {} } = request;
    const session = received.headers['mcp-session-id'];
    switch (method) {
      case 'resources/list':
        return this.page(caller, 'resources', definitions(resources));
      case 'resources/templates/list':
        return this.page(caller, 'resourceTemplates', resourceTemplates);
      case 'prompts/list':
        return this.page(caller, 'prompts', definitions(prompts));
      case 'resources/read':
        return calls.perform(caller, async (call) => ({
          ...(skillFile(skills, params.uri ?? '') ??
            (await readResource(resources, params.uri ?? '', RESOURCE_NOT_FOUND[era], call))),
          ...this.#cache(era),
        }));
      case 'prompts/get':
        return calls.perform(caller, (call) => getPrompt(prompts, params.name ?? '', call));
      case 'completion/complete':
        return result(era, request, completionOf(params));
    }
    if (`${era} ${method}` === 'legacy tasks/list') return this.page(caller, 'tasks', this.tasks.states);
    if (method.startsWith('tasks/'))
      return this.tasks.perform(caller, (run) =>
        calls.perform(caller, async (call) => ({ ...(await run(call)) })),
      );
    if (era === 'modern') return this.#performSkills(caller);
    switch (method) {
      case 'resources/subscribe':
        if (!resources.has(params.uri ?? ''))
          return calls.perform(caller, () => Promise.reject(new Refused(-32002, 'Resource not found')));
        sessions.subscribe(session, params.uri ?? '');
        return result(era, request, {});
      case 'resources/unsubscribe':
        sessions.unsubscribe(session, params.uri ?? '');
        return result(era, request, {});
      case 'logging/setLevel':
        sessions.logLevels.set(session ?? '', String(params['level']));
        return result(era, request, {});
      default:
        return undefined;
    }
  }

  #performSkills(caller: Caller): Outcome | undefined {
    const { skills } = this.#options;
    const { method, params = {} } = caller.request;
    if (method === 'skills/list') {
      const entries = [...skills.values()].map(({ entry }) => entry);
      return this.page(caller, 'skills', entries);
    }
    if (method !== 'skills/get') return undefined;
    const skill = skills.get(params.uri ?? '')?.entry;
    if (skill !== undefined) return this.cacheable(caller, { skill });
    return failure(caller.request, { code: -32602, message: `No skill is served at ${params.uri}` });
  }
}

function definitions(offered: ReadonlyMap<string, { readonly definition: object }>): readonly object[] {
  return [...offered.values()].map(({ definition }) => definition);
}
