import { excerpt } from '../jsonrpc/excerpt.ts';
import type { Clock } from '../metrics/clock.ts';
import type { Task } from './mcpTypes.ts';
import { notOffered, requireOffered } from './offered.ts';
import { PagedList } from './pagedList.ts';
import { readListed } from './readListed.ts';
import type { Requests } from './requests.ts';
import { TASK } from './shapes.ts';
import { isTaskStatus } from './toolTask.ts';

/** The tasks that a server runs, whoever began them (2025-11-25, Tasks; ext-tasks for 2026-07-28). */
export class Tasks {
  readonly #requests: Requests;
  readonly #list: PagedList<Task>;

  constructor(requests: Requests, clock: Clock) {
    this.#requests = requests;
    this.#list = new PagedList({
      requests,
      method: 'tasks/list',
      member: 'tasks',
      read: (entry) => {
        const task = readListed<Task>(requests, 'tasks/list', 'task', entry, TASK);
        if (task === undefined || isTaskStatus(task.status)) return task;
        requests.warn(`a task was left out of tasks/list, because its status is not known: ${excerpt(task)}`);
        return undefined;
      },
      clock,
    });
  }

  /** As they are now. @throws SluiceError `not-offered`, as by every server of a revision but 2025-11-25 */
  async list(signal: AbortSignal | undefined): Promise<readonly Task[]> {
    const { info, revision } = this.#requests;
    if (revision.tasks !== 'experimental')
      throw notOffered('a list of its tasks', `${revision.version} has no such list`);
    requireOffered(info, 'tasks.list', 'a list of its tasks');
    return this.#list.get(signal, true);
  }

  /**
   * "The server acknowledges the intent": the task may still come to another end.
   * @throws SluiceError `jsonrpc-error` where it is over already
   */
  async cancel(taskId: string, signal: AbortSignal | undefined): Promise<void> {
    const { info, revision } = this.#requests;
    requireTasks(this.#requests);
    if (revision.tasks === 'experimental') requireOffered(info, 'tasks.cancel', 'to cancel tasks');
    await this.#requests.send('tasks/cancel', { taskId }, { signal, repeatable: true });
  }
}

/** @throws SluiceError `not-offered`. Of 2026-07-28 the server decides by itself what becomes a task. */
export function requireTasks({ info, revision }: Requests): void {
  if (revision.tasks === 'none') throw notOffered('tasks', `${revision.version} has none`);
  if (revision.tasks === 'experimental') requireOffered(info, 'tasks', 'tasks');
}
