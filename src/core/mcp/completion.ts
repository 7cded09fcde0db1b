import { SluiceError } from '../errors.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Completion, CompletionRequest } from './mcpTypes.ts';
import { requireOffered } from './offered.ts';
import type { Requests } from './requests.ts';

/** "Array of suggestions (max 100)" */
const MAX_VALUES = 100;

/**
 * Suggestions for an argument of a prompt or of a resource's template (2026-07-28, Completion).
 * @throws SluiceError
 */
export async function complete(
  requests: Requests,
  { ref, argument, context }: CompletionRequest,
  signal: AbortSignal | undefined,
): Promise<Completion> {
  const { completion } = requests.revision;
  if (completion !== 'undeclared') requireOffered(requests.info, 'completions', 'completion');
  const filledIn =
    context === undefined || completion !== 'with-context' ? {} : { context: { arguments: context } };
  const params = { ref, argument, ...filledIn };
  const { result } = await requests.send('completion/complete', params, { signal, repeatable: true });
  const given = result['completion'];
  if (!isObject(given) || !Array.isArray(given['values']))
    throw new SluiceError('not-mcp', 'The answer to completion/complete cannot be used: it has no "values"', {
      phase: 'response',
      delivery: 'answered',
      hint: 'The fault is in the server: report it to its author.',
    });
  const { values, total, hasMore } = given;
  const texts = values.filter((value) => typeof value === 'string');
  return {
    values: texts.slice(0, MAX_VALUES),
    ...(typeof total === 'number' ? { total } : {}),
    ...(texts.length > MAX_VALUES || hasMore === true ? { hasMore: true } : {}),
  };
}
