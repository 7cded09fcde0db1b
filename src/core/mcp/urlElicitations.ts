import { untilAborted } from '../async/untilAborted.ts';
import { SluiceError } from '../errors.ts';
import { isObject, type JsonRpcNotification } from '../jsonrpc/message.ts';
import type { Clock } from '../metrics/clock.ts';
import { type ClientFeatures, type ClientIdentity, fulfil } from './clientFeatures.ts';
import type { ElicitOrigin, ElicitRequest, ElicitResult } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';

/** Elicitations of one error. */
const MAX_ELICITATIONS = 32;
/** Interactions that are remembered; older ones that never ended are forgotten. */
const MAX_KNOWN = 1000;

/**
 * What elicitations in url mode sent the user to, by id, until the server says that it is done (2025-11-25,
 * Elicitation: Completion Notifications).
 */
export class UrlElicitations {
  readonly #clock: Clock;
  readonly #onComplete: (id: string) => void;
  /** Resolved when complete. */
  readonly #known = new Map<string, PromiseWithResolvers<void>>();

  constructor(clock: Clock, onComplete: (id: string) => void) {
    this.#clock = clock;
    this.#onComplete = onComplete;
  }

  /** The same identity, whose user's elicitations are remembered here. */
  watch(identity: ClientIdentity): ClientIdentity {
    const { elicit } = identity.features;
    if (elicit === undefined) return identity;
    const watched = (request: ElicitRequest, signal: AbortSignal, origin: ElicitOrigin) =>
      this.#ask(request, () => elicit(request, signal, origin));
    return { ...identity, features: { ...identity.features, elicit: watched } };
  }

  /** "Clients MUST ignore notifications referencing unknown or already-completed IDs." */
  completed({ params }: JsonRpcNotification): void {
    const id = params?.['elicitationId'];
    const known = typeof id === 'string' ? this.#known.get(id) : undefined;
    if (typeof id !== 'string' || known === undefined) return;
    this.#known.delete(id);
    known.resolve();
    this.#onComplete(id);
  }

  /**
   * Sends the user to what an error -32042 asks for, and waits until the server says that all of it is done.
   * @param timeout milliseconds for the user, after the last address was opened
   * @throws SluiceError the error itself where the user will not; `input-required-failed` where it cannot be waited for
   */
  async satisfy(
    error: SluiceError,
    features: ClientFeatures,
    revision: Revision,
    signal: AbortSignal,
    timeout: number,
  ): Promise<void> {
    const pending: Promise<void>[] = [];
    for (const params of elicitationsOf(error)) {
      const asked = fulfil('elicitation/create', params, features, revision, signal, 'call');
      // The user is being asked by now: it may be complete, and forgotten, before the user's answer is here.
      const known = this.#known.get(params.elicitationId);
      const { action } = await untilAborted(asked, signal);
      if (action !== 'accept') throw error;
      if (known !== undefined) pending.push(known.promise);
    }
    const late = Promise.withResolvers<never>();
    const cancelTimeout = this.#clock.schedule(timeout, () => late.reject(notDone(error)));
    try {
      await untilAborted(Promise.race([Promise.all(pending), late.promise]), signal);
    } finally {
      cancelTimeout();
    }
  }

  async #ask(request: ElicitRequest, answer: () => Promise<ElicitResult>): Promise<ElicitResult> {
    const id = request.elicitationId;
    if (request.mode !== 'url' || id === undefined) return answer();
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    // The interaction may be over before the one who showed its address says that it was opened.
    if (!this.#known.has(id)) this.#known.set(id, Promise.withResolvers());
    const result = await answer();
    if (result.action !== 'accept') this.#known.delete(id);
    return result;
  }
}

function elicitationsOf(
  error: SluiceError,
): readonly (Record<string, unknown> & { elicitationId: string })[] {
  const data = error.rpc?.data;
  const list = isObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_ELICITATIONS) throw error;
  return list.map((one) => {
    // "Any elicitations returned in the error MUST be URL mode elicitations and have an elicitationId property."
    if (!isObject(one) || one['mode'] !== 'url' || typeof one['elicitationId'] !== 'string') throw error;
    return { ...one, elicitationId: one['elicitationId'] };
  });
}

function notDone(error: SluiceError): SluiceError {
  return new SluiceError(
    'input-required-failed',
    `${error.message}: the server has not said that it is done`,
    {
      phase: 'response',
      delivery: 'answered',
      ...(error.rpc === undefined ? {} : { rpc: error.rpc }),
      hint: 'Finish it in the browser, then call again.',
    },
  );
}
