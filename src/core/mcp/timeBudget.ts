import { type Context, createContext, Script } from 'node:vm';

let context: Context | undefined;
let script: Script | undefined;

/**
 * Runs a task that computes, and stops it where it takes longer: a regular expression that a server sends may run for
 * years. Costs some tenths of a millisecond.
 * @throws Error where the time is up, and what the task throws
 */
export function within<T>(ms: number, task: () => T): T {
  context ??= createContext({});
  script ??= new Script('run()');
  let result: { readonly value: T } | undefined;
  context['run'] = () => {
    result = { value: task() };
  };
  try {
    script.runInContext(context, { timeout: ms });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
  } finally {
    context['run'] = undefined;
  }
  if (result === undefined) throw new Error(`it takes longer than ${ms} ms`);
  return result.value;
}
