import type { Peer } from './peer.ts';
import { peerTools as simpleTools } from './peerTools.ts';

/** What the SDK peers with more than tools offer: the same for both majors of the SDK. */
export const peerResources = [
  { uri: 'peer://text', name: 'text', title: 'A text', mimeType: 'text/plain' },
  { uri: 'peer://bytes', name: 'bytes', mimeType: 'application/octet-stream' },
];
export const peerTemplates = [{ uriTemplate: 'peer://files/{path}', name: 'files' }];
export const peerPrompts = [{ name: 'review', arguments: [{ name: 'language', required: true }] }];

const inputSchema = { type: 'object' as const };
/** Two to a page. */
export const peerTools = [
  ...simpleTools,
  { name: 'ask-all', description: 'Asks a model and for the roots.', inputSchema },
  { name: 'log-in', description: 'Sends the user to another place.', inputSchema },
  { name: 'chatty', description: 'Logs once.', inputSchema },
  { name: 'hang', description: 'Answers when it is called off, and so never.', inputSchema },
];

export function page<T>(
  entries: readonly T[],
  cursor: string | undefined,
): { entries: T[]; nextCursor?: string } {
  const start = Number(cursor ?? 0);
  const end = start + 2;
  return { entries: entries.slice(start, end), ...(end < entries.length && { nextCursor: String(end) }) };
}

export const SAMPLING = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Capital of France?' } }],
  maxTokens: 9,
};
export const LOG_IN = { mode: 'url' as const, message: 'Log in', url: 'https://example.com/login' };

export function readPeer(uri: string) {
  return uri === 'peer://bytes'
    ? { contents: [{ uri, blob: 'AAEC' }] }
    : { contents: [{ uri, text: 'Hello' }] };
}

export function promptOf(args: Readonly<Record<string, string>> | undefined) {
  const text = `Review this ${args?.['language']} code.`;
  return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] };
}

export function suggestions(typed: string) {
  return { completion: { values: ['perl', 'php', 'python'].filter((one) => one.startsWith(typed)) } };
}

export function said(value: unknown) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }] };
}

/** What becomes of the first call of `hang`. */
export class Hanging {
  readonly #begun = Promise.withResolvers<void>();
  readonly #calledOff = Promise.withResolvers<void>();

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  get calledOff(): Promise<void> {
    return this.#calledOff.promise;
  }

  until(signal: AbortSignal): Promise<never> {
    this.#begun.resolve();
    return new Promise((_, reject) => {
      const onAbort = () => {
        this.#calledOff.resolve();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/** What the SDK peers can be asked for and told, besides what goes over the wire. */
export interface OfferingPeer extends Peer {
  readonly hanging: Hanging;
  /** Tells whoever listens. */
  readonly notify: {
    toolsChanged(): void;
    promptsChanged(): void;
    resourcesChanged(): void;
    resourceUpdated(uri: string): void;
  };
}
