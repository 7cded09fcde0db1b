import type { Clock } from '../metrics/clock.ts';
import { type MessageSource, textSource } from './messageSource.ts';

/** Milliseconds for the body of an answer that says no: what it adds to the status is not worth a long wait. */
const REFUSAL_TIMEOUT = 1_000;

/** Reads such a body; `done` gets its beginning once, in any case. */
export function refusalSource(
  clock: Clock,
  done: (body: string) => void,
  onBody: (text: string) => void,
): MessageSource {
  const source = textSource((body) => {
    cancel();
    done(body);
  }, onBody);
  const cancel = clock.schedule(REFUSAL_TIMEOUT, () => source.end());
  return source;
}
