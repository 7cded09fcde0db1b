import { untilAborted } from '../async/untilAborted.ts';
import { assertNever, isSluiceError, SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject, type JsonRpcErrorResponse, type JsonRpcResult } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import type { CallLog } from '../transport/callLog.ts';
import { TASKS_EXTENSION } from './clientFeatures.ts';
import { tooManyRounds } from './inputRequired.ts';
import type { Task, TaskStatus, Tool } from './mcpTypes.ts';
import { offers, offersExtension } from './offered.ts';
import type { Revision } from './protocolVersion.ts';
import type { RequestOptions, Requests } from './requests.ts';
import { type RpcAnswer, readProgress } from './rpc.ts';
import { TaskNews } from './taskNews.ts';
import { saysNothing } from './toolResult.ts';

export interface TaskOptions {
  /** Calls a tool as a task where it leaves the choice (2025-11-25, `taskSupport` is `optional`). */
  readonly asTask?: boolean | undefined;
  /** Each state of the task that the call became, the first included. */
  readonly onTask?: ((task: Task) => void) | undefined;
}

/** Milliseconds between two polls, where the server names none, or one that is out of bounds. */
const POLL = { usual: 1_000, shortest: 100, longest: 60_000 } as const;
/** Milliseconds that a task is followed. */
const LONGEST_TASK = 86_400_000;
/** How often in a row a request about a task may be lost, each time after twice the pause: a task outlives its connections. */
const MAX_LOST = 3;
/** Inputs over the life of a task. */
const MAX_INPUTS = 256;

/** Whether a call of this tool is to be one of a task; 2026-07-28 leaves it to the server (Tool-Level Negotiation). */
export function callsAsTask(requests: Requests, tool: Tool | undefined, { asTask }: TaskOptions): boolean {
  const { revision, info } = requests;
  if (revision.tasks !== 'experimental' || !offers(info, 'tasks.requests.tools.call')) return false;
  const support = tool?.execution?.taskSupport;
  return support === 'required' || (support === 'optional' && asTask === true);
}

/**
 * The task that a call was answered with; undefined where it has its result. A task in another shape than the revision gives it is
 * followed with a warning, where the server declares tasks and the answer says nothing that a result of a tool would.
 * @throws SluiceError `not-mcp`
 */
export function taskIn({ result }: RpcAnswer, requests: Requests, calledAsTask: boolean): Task | undefined {
  const { revision, info } = requests;
  if (revision.tasks === 'none') return undefined;
  const isExtension = revision.tasks === 'extension';
  // "Receivers that do not declare the task capability MUST process requests of that type normally"
  const isSaid = isExtension ? result['resultType'] === 'task' : calledAsTask && isObject(result['task']);
  const isDeclared = isExtension ? offersExtension(info, TASKS_EXTENSION) : offers(info, 'tasks');
  if (!isSaid && !(isDeclared && saysNothing(result))) return undefined;
  const place = isExtension ? result : result['task'];
  const task = findTask(place, result, result['task']);
  if (isSaid && (task === undefined || task === place)) return readTask(place);
  if (task === undefined) return undefined;
  requests.warn(oddShape('tools/call', revision));
  return readTask(task);
}

/**
 * Follows a task to the result of the call: polls as often as the server says, answers what it asks in between
 * (2025-11-25, Tasks; ext-tasks for 2026-07-28). Who cancels the call cancels the task.
 *
 *     working --poll, early where another state is told--> input_required --answered--> working
 *        +--poll--> completed, failed --> the result, or the error | cancelled --> an error
 */
export class ToolTask {
  readonly #requests: Requests;
  readonly #clock: Clock;
  readonly #options: RequestOptions & TaskOptions;
  readonly #taskId: string;
  /** "Clients SHOULD track inputRequests keys to avoid responding to requests more than once." */
  readonly #responded = new Set<string>();
  /** What was answered, until the server has it: it is sent again where it was lost, and nobody is asked twice. */
  #update: Readonly<Record<string, unknown>> | undefined;
  /** By what was asked: how often in a row it was lost. */
  readonly #lost = new Map<string, number>();
  /** By all that was heard of it. */
  #mayRun = true;
  #isOdd = false;
  readonly #news: TaskNews;
  /** On the clock. */
  #polledAt = 0;
  /** Polls in a row that came early, for what was told unasked, and found nothing new. */
  #inVain = 0;

  constructor(
    requests: Requests,
    clock: Clock,
    taskId: string,
    options: RequestOptions & TaskOptions,
    news = new TaskNews(requests),
  ) {
    this.#news = news;
    this.#requests = requests;
    this.#clock = clock;
    this.#taskId = taskId;
    this.#options = options;
    if (options.running !== undefined) options.running.taskId = taskId;
  }

  /**
   * From whatever state it is in, though it began in an earlier connection.
   * @throws SluiceError as `finish` does; `jsonrpc-error` where the server does not know the task
   */
  async resume(): Promise<RpcAnswer> {
    const answered = await this.#ask('tasks/get');
    return this.finish(this.#read(answered.result), answered);
  }

  /** @throws SluiceError `task-failed`, and what the requests throw */
  async finish(task: Task, created: RpcAnswer): Promise<RpcAnswer> {
    const stop = this.#hearProgress(created.reply.message.id);
    try {
      return await this.#follow(task, created);
    } catch (error) {
      // Where the connection was closed, the task goes on: it can be taken up again by its id.
      const { signal } = this.#options;
      const isClosed = isSluiceError(signal?.reason) && signal.reason.code === 'closed';
      if (signal?.aborted === true && !isClosed)
        void cancelTask(this.#requests, this.#taskId, this.#options.call);
      // An answer to a question about the task is none to the call.
      throw this.#mayRun && isSluiceError(error) && error.delivery === 'answered'
        ? error.but({ delivery: 'unknown' })
        : error;
    } finally {
      stop();
    }
  }

  /** "The progressToken provided in the initial request remains valid throughout the task lifetime", on any stream. */
  #hearProgress(token: unknown): () => void {
    const { onProgress } = this.#options;
    return this.#requests.onNotification('notifications/progress', ({ params }) => {
      const progress = readProgress(params, token);
      if (progress !== undefined) onProgress?.(progress);
    });
  }

  async #follow(first: Task, created: RpcAnswer): Promise<RpcAnswer> {
    const { onTask } = this.#options;
    const until = this.#clock.now() + LONGEST_TASK;
    let task = first;
    let answered = created;
    for (;;) {
      this.#mayRun = task.status === 'working' || task.status === 'input_required';
      onTask?.(task);
      const result = await this.#resultAt(task, answered);
      if (result !== undefined) return result;
      if (this.#clock.now() > until) {
        void cancelTask(this.#requests, this.#taskId, this.#options.call);
        throw failed(`it is not done after ${LONGEST_TASK / 3_600_000} hours`);
      }
      const isEarly = await this.#wait(task);
      this.#polledAt = this.#clock.now();
      const polled = await this.#unlessLost('tasks/get', this.#ask('tasks/get'));
      if (polled === undefined) continue;
      answered = polled;
      const { status } = task;
      task = this.#read(polled.result);
      this.#inVain = isEarly && task.status === status ? this.#inVain + 1 : 0;
    }
  }

  #read(result: Readonly<Record<string, unknown>>): Task {
    const task = findTask(result, result['task']) ?? result;
    if (task !== result && !this.#isOdd) this.#requests.warn(oddShape('tasks/get', this.#requests.revision));
    this.#isOdd ||= task !== result;
    return readTask(task);
  }

  /** Undefined while there is none. */
  async #resultAt(task: Task, answered: RpcAnswer): Promise<RpcAnswer | undefined> {
    const inOneAnswer = this.#requests.revision.tasks === 'extension';
    switch (task.status) {
      case 'working':
        return undefined;
      case 'input_required':
        if (inOneAnswer) return this.#giveInput(task);
        // "it SHOULD preemptively call tasks/result": the requests come on its stream, and at last the result.
        // A person takes longer than many a proxy waits: whether the server is still there is what the polls tell.
        return this.#unlessLost('input', this.#ask('tasks/result', LONGEST_TASK), Number.POSITIVE_INFINITY);
      case 'completed':
        if (!inOneAnswer) return this.#unlessLost('tasks/result', this.#ask('tasks/result'));
        if (!isObject(task['result'])) throw failed('it is completed, but has no result');
        return { ...answered, result: task['result'], asked: true };
      case 'failed':
        // What the call would have been answered with: an error, or a result that says so.
        if (!inOneAnswer) return this.#unlessLost('tasks/result', this.#ask('tasks/result'));
        throw failed(task.statusMessage ?? 'it does not say why', task['error']);
      case 'cancelled':
        throw failed(
          `the server cancelled it${task.statusMessage === undefined ? '' : `: ${task.statusMessage}`}`,
        );
      default:
        return assertNever(task.status);
    }
  }

  async #giveInput({ inputRequests }: Task): Promise<undefined> {
    if (!isObject(inputRequests)) throw failed('it asks for input, and does not say which');
    const { signal, call } = this.#options;
    if (this.#update === undefined) {
      const fresh = Object.entries(inputRequests).filter(([key]) => !this.#responded.has(key));
      if (fresh.length === 0) return undefined;
      for (const [key] of fresh) this.#responded.add(key);
      if (this.#responded.size > MAX_INPUTS) throw tooManyRounds();
      const responses = await this.#requests.respondTo({ inputRequests: Object.fromEntries(fresh) }, signal);
      this.#update = { taskId: this.#taskId, ...responses };
    }
    const sent = this.#requests.send('tasks/update', this.#update, { signal, call, repeatable: true });
    if ((await this.#unlessLost('tasks/update', sent)) !== undefined) this.#update = undefined;
    return undefined;
  }

  /** The time of a task is no latency of the server's: it says when to ask again. */
  async #ask(method: string, timeout = this.#options.timeout): Promise<RpcAnswer> {
    const { signal, onProgress: _, ...options } = this.#options;
    const params = { taskId: this.#taskId };
    const answered = await this.#requests.send(method, params, {
      ...options,
      signal,
      timeout,
      repeatable: true,
    });
    return { ...answered, asked: true };
  }

  async #unlessLost(
    what: string,
    asking: Promise<RpcAnswer>,
    most = MAX_LOST,
  ): Promise<RpcAnswer | undefined> {
    try {
      const answered = await asking;
      this.#lost.delete(what);
      return answered;
    } catch (error) {
      const lost = (this.#lost.get(what) ?? 0) + 1;
      this.#lost.set(what, lost);
      if (!isSluiceError(error) || !isLost(error) || lost > most) throw error;
      return undefined;
    }
  }

  /**
   * "Requestors SHOULD respect the pollInterval provided in responses." Where the server tells of another state meanwhile, it is
   * asked for at once, and ever more seldom where that was not so.
   * @returns whether it is asked early
   */
  #wait(task: Task): Promise<boolean> {
    const given = task['pollIntervalMs'] ?? task['pollInterval'];
    const interval = typeof given === 'number' ? Math.max(given, POLL.shortest) : POLL.usual;
    const ms = Math.min(interval * 2 ** Math.max(0, ...this.#lost.values()), POLL.longest);
    const dueAt = this.#clock.now() + ms;
    let cancel = () => {};
    let stop = () => {};
    const waited = new Promise<boolean>((resolve) => {
      cancel = this.#clock.schedule(ms, () => resolve(false));
      const look = () => {
        const told = this.#news.statusOf(this.#taskId);
        if (told === undefined || told === task.status) return;
        const earliest = this.#polledAt + POLL.shortest * 2 ** this.#inVain;
        if (earliest >= dueAt) return;
        cancel();
        cancel = this.#clock.schedule(Math.max(0, earliest - this.#clock.now()), () => resolve(true));
      };
      stop = this.#news.listen(this.#taskId, look);
      look();
    });
    return untilAborted(waited, this.#options.signal).finally(() => {
      stop();
      cancel();
    });
  }
}

/**
 * The answer to a call that was cancelled before it was known as which task it runs: "For task-augmented requests, the
 * tasks/cancel request MUST be used instead of the notifications/cancelled notification" (2025-11-25, Cancellation).
 */
export function cancelCreated(
  answer: JsonRpcResult | JsonRpcErrorResponse,
  requests: Requests,
  call: CallLog,
): void {
  if (!('result' in answer)) return;
  const task = [answer.result['task'], answer.result].find((one) => isObject(one) && 'taskId' in one);
  const taskId = isObject(task) ? task['taskId'] : undefined;
  if (typeof taskId === 'string') void cancelTask(requests, taskId, call);
}

async function cancelTask(requests: Requests, taskId: string, call: CallLog): Promise<void> {
  const { revision, info } = requests;
  if (revision.tasks === 'experimental' && !offers(info, 'tasks.cancel')) return;
  try {
    await requests.send('tasks/cancel', { taskId }, { call, repeatable: true });
  } catch (error) {
    // It may have ended meanwhile, and then there is nothing to cancel.
    if (!isSluiceError(error) || (error.code !== 'closed' && error.code !== 'jsonrpc-error'))
      requests.warn(`the task ${taskId} was not cancelled: ${(error as Error).message}`);
  }
}

/** It says nothing of the task: the server did not get the request, or not the client its answer. */
function isLost({ code, delivery }: SluiceError): boolean {
  switch (code) {
    case 'cancelled':
    case 'closed':
    case 'config-invalid':
    case 'internal':
      return false;
    case 'rate-limited':
      return true;
    default:
      return delivery !== 'answered';
  }
}

const STATUSES: ReadonlySet<unknown> = new Set<TaskStatus>([
  'working',
  'input_required',
  'completed',
  'failed',
  'cancelled',
]);

export function isTaskStatus(value: unknown): value is TaskStatus {
  return STATUSES.has(value);
}

type Members = Readonly<Record<string, unknown>>;

/** The first that is recognisably a task, perhaps in a state that nobody knows. */
function findTask(...places: readonly unknown[]): Members | undefined {
  return places.find(
    (place): place is Members =>
      isObject(place) && typeof place['taskId'] === 'string' && typeof place['status'] === 'string',
  );
}

function oddShape(method: string, { version }: Revision): string {
  return `the answer to ${method} is a task, but not in the shape that ${version} gives it: it is followed as one`;
}

function readTask(value: unknown): Task {
  const { taskId, status, statusMessage, ...rest } = isObject(value) ? value : {};
  if (typeof taskId !== 'string' || !isTaskStatus(status))
    throw new SluiceError(
      'not-mcp',
      `The task cannot be followed: it has no "taskId", or no status that is known: ${excerpt(value)}`,
      {
        phase: 'response',
        delivery: 'unknown',
        hint: 'The fault is in the server: report it to its author.',
      },
    );
  const message = typeof statusMessage === 'string' ? { statusMessage } : {};
  return { ...rest, taskId, status, ...message };
}

/** @param error of JSON-RPC, where the task has one */
function failed(why: string, error?: unknown): SluiceError {
  const rpc =
    isObject(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string'
      ? { code: error['code'], message: error['message'], data: error['data'] }
      : undefined;
  const said = rpc === undefined ? why : `${rpc.message} (${rpc.code})`;
  return new SluiceError('task-failed', `The call became a task, and failed: ${said}`, {
    phase: 'response',
    delivery: 'answered',
    ...(rpc === undefined ? {} : { rpc }),
    hint: 'Look at the server’s log: the task ran there.',
  });
}
