import { SluiceError } from '../errors.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import { isObject } from '../jsonrpc/message.ts';
import { type ClientFeatures, fulfil } from './clientFeatures.ts';
import type { Revision } from './protocolVersion.ts';

/** Rounds of one request: a server that asks more often is in a loop. */
export const MAX_ROUNDS = 16;
/** Inputs of one round. */
const MAX_INPUTS = 32;

/** What the retry of a request carries besides its own parameters. */
export interface InputResponses {
  readonly inputResponses?: Readonly<Record<string, unknown>>;
  readonly requestState?: unknown;
}

/**
 * Answers an `InputRequiredResult` (2026-07-28, Multi Round-Trip Requests): every input request, one after the other
 * since a person answers them, and the state echoed as it came.
 * @throws SluiceError `input-required-failed`
 */
export async function respondToInputRequests(
  result: Readonly<Record<string, unknown>>,
  features: ClientFeatures,
  revision: Revision,
  signal: AbortSignal,
): Promise<InputResponses> {
  const { inputRequests, requestState } = result;
  if (inputRequests === undefined && requestState === undefined)
    throw failed('its input_required result has neither "inputRequests" nor "requestState"');
  const state = requestState === undefined ? {} : { requestState };
  if (inputRequests === undefined) return state;
  if (!isObject(inputRequests)) throw failed('its "inputRequests" is not an object');
  const entries = Object.entries(inputRequests);
  if (entries.length > MAX_INPUTS) throw failed(`it asks for ${entries.length} inputs at once`);
  // Not as members of an object that is there: a key may be `__proto__`.
  const responses: [string, unknown][] = [];
  for (const [key, request] of entries) {
    if (!isObject(request) || typeof request['method'] !== 'string')
      throw failed(`its input request ${excerpt(key)} has no "method"`);
    signal.throwIfAborted();
    const answer = await fulfil(request['method'], request['params'], features, revision, signal, 'call');
    responses.push([key, answer]);
  }
  return { inputResponses: Object.fromEntries(responses), ...state };
}

export function tooManyRounds(): SluiceError {
  return failed(`it still asks for input after ${MAX_ROUNDS} rounds`);
}

function failed(problem: string): SluiceError {
  return new SluiceError(
    'input-required-failed',
    `The server asks for input in a way that cannot be answered: ${problem}`,
    {
      phase: 'response',
      delivery: 'answered',
      hint: 'See the page on multi round-trip requests of the specification.',
    },
  );
}
