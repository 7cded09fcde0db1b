import { refusal } from './answer.ts';
import type { Id } from './jsonrpc.ts';
import { CAPABILITIES_META } from './modern.ts';
import { failure, http, type Outcome, result } from './outcome.ts';
import type { ToolCall } from './toolCall.ts';
import type { Caller } from './toolCalls.ts';
import type { LabTool } from './tools.ts';

export type Step = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';
const RELATED_TASK = 'io.modelcontextprotocol/related-task';
const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;
const MISSING_CAPABILITY = -32021;
const TIMES = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' };
const QUESTION = {
  mode: 'form',
  message: 'Who are you?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
};

interface Running {
  readonly taskId: string;
  readonly tool: LabTool;
  /** What is left: each poll takes one, but for the last, and for `input_required` until there is input. */
  steps: readonly Step[];
  name: unknown;
  readonly progressToken: Id | undefined;
}

/** Tools that run as tasks. No timer: a task moves on by one step whenever the client asks for it. */
export class LabTasks {
  readonly #tasks = new Map<string, Running>();
  #count = 0;

  /** Undefined where the call is none of a task. */
  create({ era, request }: Caller, tool: LabTool): Outcome | undefined {
    if (tool.steps === undefined) return undefined;
    const { params = {} } = request;
    const extensions = params._meta?.[CAPABILITIES_META]?.['extensions'] as
      | Record<string, unknown>
      | undefined;
    if (era === 'modern' && extensions?.[TASKS_EXTENSION] === undefined) {
      const data = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } };
      return http(
        refusal(400, { code: MISSING_CAPABILITY, message: 'Missing capability', data }, request.id),
      );
    }
    if (era === 'legacy' && params['task'] === undefined) {
      const execution = tool.definition['execution'] as { taskSupport?: string } | undefined;
      if (execution?.taskSupport !== 'required') return undefined;
      return failure(request, { code: METHOD_NOT_FOUND, message: 'This tool is called as a task' });
    }
    this.#count += 1;
    const task: Running = {
      taskId: `lab-task-${this.#count}`,
      tool,
      steps: tool.steps,
      name: undefined,
      progressToken: params._meta?.progressToken,
    };
    this.#tasks.set(task.taskId, task);
    return era === 'modern'
      ? result(era, request, { resultType: 'task', ...stateOf(era, task) })
      : result(era, request, { task: stateOf(era, task) });
  }

  /** As `tasks/list` of 2025-11-25 has them. */
  get states(): readonly object[] {
    return [...this.#tasks.values()].map((task) => stateOf('legacy', task));
  }

  /** @param asking does what can ask back; undefined where the method is none of a task's */
  async perform(
    caller: Caller,
    asking: (run: (call: ToolCall) => Promise<object>) => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    const { era, request } = caller;
    const { method, params } = request;
    const task = this.#tasks.get(String(params?.['taskId']));
    if (task === undefined) return failure(request, { code: INVALID_PARAMS, message: 'Task not found' });
    switch (`${era} ${method}`) {
      case 'modern tasks/get':
      case 'legacy tasks/get': {
        if (task.steps.length > 1 && task.steps[0] !== 'input_required') task.steps = task.steps.slice(1);
        return result(era, request, stateOf(era, task));
      }
      case 'modern tasks/update': {
        const { who } = (params?.inputResponses ?? {}) as { who?: { content?: { name?: string } } };
        this.#answer(task, who);
        return result(era, request, {});
      }
      case 'legacy tasks/result':
        return asking(async (call) => {
          const { taskId, progressToken } = task;
          const _meta = { [RELATED_TASK]: { taskId } };
          if (progressToken !== undefined)
            await call.notify('notifications/progress', { progressToken, progress: 1, total: 1, _meta });
          if (task.steps[0] === 'input_required') {
            const params = { ...QUESTION, _meta };
            const { who } = await call.ask({ who: { method: 'elicitation/create', params } });
            this.#answer(task, who as { content?: { name?: string } });
          }
          task.steps = task.steps.slice(-1);
          return { ...resultOf(task), _meta };
        });
      case 'modern tasks/cancel':
      case 'legacy tasks/cancel':
        task.steps = ['cancelled'];
        return result(era, request, era === 'modern' ? {} : stateOf(era, task));
      default:
        return undefined;
    }
  }

  #answer(task: Running, who: { content?: { name?: string } } | undefined): void {
    if (task.steps[0] !== 'input_required') return;
    task.name = who?.content?.name;
    task.steps = task.steps.slice(1);
  }
}

function stateOf(era: Caller['era'], task: Running): Record<string, unknown> {
  const { taskId, tool } = task;
  const status = task.steps[0] ?? 'completed';
  const statusMessage = `${task.steps.length} steps to go`;
  const pollMs = tool.pollMs ?? 100;
  if (era === 'legacy') return { taskId, status, statusMessage, ...TIMES, ttl: 60_000, pollInterval: pollMs };
  const inputRequests = { who: { method: 'elicitation/create', params: QUESTION } };
  return {
    taskId,
    status,
    statusMessage,
    ...TIMES,
    ttlMs: 60_000,
    pollIntervalMs: pollMs,
    ...(status === 'input_required' && { inputRequests }),
    ...(status === 'completed' && { result: { ...resultOf(task), resultType: 'complete' } }),
    ...(status === 'failed' && { error: { code: -32603, message: 'the work went wrong' } }),
  };
}

function resultOf({ name, steps }: Running) {
  const text = name === undefined ? 'done' : `done for ${name}`;
  return { content: [{ type: 'text', text }], isError: steps.at(-1) === 'failed' };
}
