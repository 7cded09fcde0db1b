import type { WireRules } from '../transport/wireRules.ts';

/** One revision of the protocol: everything in which it differs from the others, and nothing elsewhere asks. */
export interface Revision extends WireRules {
  /** Modern revisions describe themselves on every request; legacy ones begin with a handshake (2026-07-28, Versioning). */
  readonly era: 'modern' | 'legacy';
  /** Modes of elicitation that a client can declare. */
  readonly elicitation: 'form-and-url' | 'form' | 'none';
}

const LEGACY = { era: 'legacy', mirrorsBody: false, cancellation: 'notification' } as const;

/** The newest first. */
export const REVISIONS: readonly Revision[] = [
  {
    version: '2026-07-28',
    era: 'modern',
    versionHeader: true,
    mirrorsBody: true,
    cancellation: 'close-stream',
    elicitation: 'form-and-url',
  },
  { version: '2025-11-25', ...LEGACY, versionHeader: true, elicitation: 'form-and-url' },
  { version: '2025-06-18', ...LEGACY, versionHeader: true, elicitation: 'form' },
  { version: '2025-03-26', ...LEGACY, versionHeader: false, elicitation: 'none' },
  // Never asked for: some servers answer with it over Streamable HTTP, which it does not know.
  { version: '2024-11-05', ...LEGACY, versionHeader: false, elicitation: 'none' },
];

export function revisionOf(version: string): Revision | undefined {
  return REVISIONS.find((revision) => revision.version === version);
}

export const LATEST_MODERN = newestOf('modern');
export const LATEST_LEGACY = newestOf('legacy');

/** The newest revision of an era that both sides speak. */
export function newestShared(supported: readonly unknown[], era: Revision['era']): Revision | undefined {
  return REVISIONS.find((revision) => revision.era === era && supported.includes(revision.version));
}

function newestOf(era: Revision['era']): Revision {
  const found = REVISIONS.find((revision) => revision.era === era);
  if (found === undefined) throw new Error(`no ${era} revision`);
  return found;
}
