import type { WireRules } from '../transport/wireRules.ts';

/** One revision of the protocol: everything in which it differs from the others, and nothing elsewhere asks. */
export interface Revision extends WireRules {
  /** Modern revisions describe themselves on every request; legacy ones begin with a handshake (2026-07-28, Versioning). */
  readonly era: 'modern' | 'legacy';
  /** The transport that it defines; which one a server has is found out apart from it (Transports). */
  readonly transport: 'streamable-http' | 'http+sse';
  /** Modes of elicitation that a client can declare. */
  readonly elicitation: 'form-and-url' | 'form' | 'none';
  /** Url elicitations have ids: their end is notified, and -32042 asks for them (2025-11-25, Elicitation). */
  readonly elicitationIds: boolean;
  /** Whether what a server wants sampled may come with tools for the model (from 2025-11-25, Sampling). */
  readonly sampling: 'with-tools' | 'plain';
  /** `notifications/roots/list_changed`; 2026-07-28 asks for the roots anew each time (Roots). */
  readonly rootsChanges: boolean;
  /** How changes of a resource are asked for (2026-07-28, Subscriptions; before: Resources, Subscriptions). */
  readonly subscriptions: 'listen' | 'subscribe';
  /** The log level: on each request, or once for the session (Logging). */
  readonly logLevel: 'per-request' | 'per-session';
  /** Completion knows the arguments that were filled in already; 2024-11-05 has no capability for it (Completion). */
  readonly completion: 'with-context' | 'plain' | 'undeclared';
  /** Tool calls as tasks: an extension (ext-tasks), an experiment of 2025-11-25, or not at all. */
  readonly tasks: 'extension' | 'experimental' | 'none';
  /** Skills are an extension over 2026-07-28 and later (ext-skills, Protocol Revision). */
  readonly skills: 'extension' | 'none';
}

const LEGACY = {
  era: 'legacy',
  transport: 'streamable-http',
  mirrorsBody: false,
  streamsByGet: true,
  cancellation: 'notification',
  elicitationIds: false,
  sampling: 'plain',
  rootsChanges: true,
  subscriptions: 'subscribe',
  logLevel: 'per-session',
  completion: 'with-context',
  tasks: 'none',
  skills: 'none',
} as const;

/** The newest first. */
export const REVISIONS: readonly Revision[] = [
  {
    version: '2026-07-28',
    era: 'modern',
    transport: 'streamable-http',
    versionHeader: true,
    mirrorsBody: true,
    streamsByGet: false,
    cancellation: 'close-stream',
    elicitation: 'form-and-url',
    elicitationIds: false,
    sampling: 'with-tools',
    rootsChanges: false,
    subscriptions: 'listen',
    logLevel: 'per-request',
    completion: 'with-context',
    tasks: 'extension',
    skills: 'extension',
  },
  {
    version: '2025-11-25',
    ...LEGACY,
    versionHeader: true,
    elicitation: 'form-and-url',
    elicitationIds: true,
    sampling: 'with-tools',
    tasks: 'experimental',
  },
  { version: '2025-06-18', ...LEGACY, versionHeader: true, elicitation: 'form' },
  {
    version: '2025-03-26',
    ...LEGACY,
    versionHeader: false,
    elicitation: 'none',
    completion: 'plain',
  },
  // Its own transport is HTTP+SSE; some servers answer with it over Streamable HTTP, which it does not know.
  {
    version: '2024-11-05',
    ...LEGACY,
    transport: 'http+sse',
    versionHeader: false,
    elicitation: 'none',
    completion: 'undeclared',
  },
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
