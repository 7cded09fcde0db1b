import type { Clock } from '../metrics/clock.ts';
import { codingOf, undoing } from './contentCoding.ts';
import { type MessageSource, textSource } from './messageSource.ts';

/** Milliseconds for the body of an answer that says no: what it adds to the status is not worth a long wait. */
const REFUSAL_TIMEOUT = 1_000;

/**
 * Reads such a body, which a proxy may have compressed although the request forbids it: it decides about the era and the
 * session. `done` gets its beginning once, in any case.
 */
export function refusalSource(
  clock: Clock,
  contentEncoding: string | undefined,
  done: (body: string) => void,
  onBody: (text: string) => void,
): MessageSource {
  const source = textSource((body) => {
    cancel();
    done(body);
  }, onBody);
  const cancel = clock.schedule(REFUSAL_TIMEOUT, () => source.end());
  const coding = codingOf(contentEncoding);
  switch (coding.kind) {
    case 'plain':
      return source;
    case 'compressed':
      return undoing(coding.undo, source, () => source.end());
    case 'unreadable':
      return { body: 'none', push() {}, end: (ended) => source.end(ended) };
  }
}
