import { createHash } from 'node:crypto';
import type { ServerSettings } from './serverConfig.ts';
import { serverStrings } from './serverStrings.ts';

/**
 * What a consent to a workspace's server is kept for: member of its entry (`url`, `headers.X-Team`, `tls.ca`) to a digest of
 * what stands there, variables as they are written. A digest, as a header may hold a credential. Limits, `protocol` and `enabled`
 * send nothing elsewhere, and are not in it.
 */
export type ConsentTerms = Readonly<Record<string, string>>;

/** The same for the same entry, whatever the order of its keys. */
export function consentTerms(settings: ServerSettings): ConsentTerms {
  const terms = serverStrings(settings).map(({ path, text }) => [path.join('.'), digest(text)] as const);
  // `true` is what holds where nothing is written.
  if (settings.tls.rejectUnauthorized === false) terms.push(['tls.rejectUnauthorized', digest('false')]);
  return Object.fromEntries(terms.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The members that are not as they were: changed, added or gone. Empty where the consent holds. */
export function changedTerms(allowed: ConsentTerms, now: ConsentTerms): readonly string[] {
  const members = new Set([...Object.keys(allowed), ...Object.keys(now)]);
  return [...members].filter((member) => allowed[member] !== now[member]).sort();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
