import { isObject } from '../jsonrpc/message.ts';
import type { Requests } from './requests.ts';

/** Tasks whose last state is remembered: one may be told of before the call is answered that became it. */
const MAX_TASKS = 64;

/**
 * What a server tells of its tasks unasked. "Requestors MUST NOT rely on receiving this notification" (2025-11-25, Tasks): it says
 * when to ask, and a poll says what the state is.
 */
export class TaskNews {
  readonly #statuses = new Map<string, string>();
  readonly #listeners = new Map<string, () => void>();

  constructor(requests: Pick<Requests, 'onNotification'>) {
    requests.onNotification('notifications/tasks/status', ({ params }) => {
      // Some put the task where the answers have it.
      const task = isObject(params?.['task']) ? params['task'] : params;
      if (typeof task?.['taskId'] === 'string' && typeof task['status'] === 'string')
        this.#told(task['taskId'], task['status']);
    });
  }

  /** The state that was told last; undefined where none was. */
  statusOf(taskId: string): string | undefined {
    return this.#statuses.get(taskId);
  }

  /** Calls back whenever the state of a task is told. Returns a function that ends it. */
  listen(taskId: string, listener: () => void): () => void {
    this.#listeners.set(taskId, listener);
    return () => {
      this.#listeners.delete(taskId);
      this.#statuses.delete(taskId);
    };
  }

  #told(taskId: string, status: string): void {
    this.#statuses.delete(taskId);
    this.#statuses.set(taskId, status);
    const [oldest] = this.#statuses.keys();
    if (this.#statuses.size > MAX_TASKS && oldest !== undefined) this.#statuses.delete(oldest);
    this.#listeners.get(taskId)?.();
  }
}
