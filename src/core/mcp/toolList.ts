import { SluiceError } from '../errors.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { headerParamsOf } from './headerParams.ts';
import type { Tool } from './mcpTypes.ts';

export interface ToolListOptions {
  /** One page of `tools/list`; the first where `cursor` is undefined. */
  readonly fetchPage: (
    cursor: string | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<Readonly<Record<string, unknown>>>;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Whether `x-mcp-header` has a meaning in this revision. */
  readonly readsHeaderParams: boolean;
}

/** Pages of one list; a server that has more repeats itself. */
const MAX_PAGES = 200;

/** The tools of a server, kept as long as the server says (2026-07-28, Caching), or until it says that they changed. */
export class ToolList {
  readonly #options: ToolListOptions;
  #tools: readonly Tool[] | undefined;
  #freshUntil = 0;
  #loading: Promise<readonly Tool[]> | undefined;

  constructor(options: ToolListOptions) {
    this.#options = options;
  }

  /** Fresh ones; callers at the same time share one request. */
  get(signal: AbortSignal | undefined, refresh = false): Promise<readonly Tool[]> {
    if (!refresh && this.#tools !== undefined && this.#options.clock.now() < this.#freshUntil)
      return Promise.resolve(this.#tools);
    this.#loading ??= this.#load(signal).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** The definition of one tool, however old; undefined where the server does not list it, or lists nothing. */
  async find(name: string, signal: AbortSignal | undefined): Promise<Tool | undefined> {
    // A call needs no list: where there is none, the server decides about it.
    const tools = this.#tools ?? (await this.get(signal).catch(() => [] as readonly Tool[]));
    return tools.find((tool) => tool.name === name);
  }

  /** `notifications/tools/list_changed`. */
  invalidate(): void {
    this.#freshUntil = 0;
  }

  async #load(signal: AbortSignal | undefined): Promise<readonly Tool[]> {
    const { fetchPage, clock } = this.#options;
    const tools: Tool[] = [];
    const cursors = new Set<string>();
    let freshFor = Number.POSITIVE_INFINITY;
    let cursor: string | undefined;
    do {
      const page = await fetchPage(cursor, signal);
      if (!Array.isArray(page['tools'])) throw malformed('it has no "tools"');
      for (const tool of page['tools']) if (this.#accepts(tool)) tools.push(tool);
      freshFor = Math.min(freshFor, readTtl(page['ttlMs']));
      cursor = typeof page['nextCursor'] === 'string' ? page['nextCursor'] : undefined;
      if (cursor === undefined) break;
      if (cursors.has(cursor))
        throw malformed(`its cursor ${JSON.stringify(cursor)} comes back: the list never ends`);
      cursors.add(cursor);
    } while (cursors.size < MAX_PAGES);
    if (cursor !== undefined) throw malformed(`it has more than ${MAX_PAGES} pages`);
    this.#tools = tools;
    this.#freshUntil = clock.now() + freshFor;
    return tools;
  }

  #accepts(tool: unknown): tool is Tool {
    const { warn, readsHeaderParams } = this.#options;
    if (!isObject(tool) || typeof tool['name'] !== 'string' || !isObject(tool['inputSchema'])) {
      warn(
        `a tool was left out of tools/list, because it has no "name" or no "inputSchema": ${JSON.stringify(tool)?.slice(0, 200)}`,
      );
      return false;
    }
    if (!readsHeaderParams) return true;
    const params = headerParamsOf(tool as unknown as Tool);
    if (params.kind === 'invalid')
      warn(`the tool ${tool['name']} was left out of tools/list, because its ${params.reason}`);
    return params.kind === 'valid';
  }
}

/** Absent or negative is 0: stale at once. */
function readTtl(ttlMs: unknown): number {
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0;
}

function malformed(problem: string): SluiceError {
  return new SluiceError('not-mcp', `The answer to tools/list cannot be used: ${problem}`, {
    phase: 'response',
    delivery: 'answered',
    hint: 'The server’s author has to mend this.',
  });
}
