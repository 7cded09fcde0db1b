import type { ClientCapabilities } from './jsonrpc.ts';

/** The sessions of the legacy era. Ids count up, so that a test can name them: `lab-session-1` is the first. */
export class Sessions {
  readonly #capabilities = new Map<string, ClientCapabilities>();
  /** What each asked for by `logging/setLevel`. */
  readonly logLevels = new Map<string, string>();
  /** The resources that each subscribed to. */
  readonly #subscribed = new Map<string, Set<string>>();
  #minted = 0;

  /** Every session that is alive. */
  get ids(): readonly string[] {
    return [...this.#capabilities.keys()];
  }

  mint(capabilities: ClientCapabilities): string {
    this.#minted += 1;
    const id = `lab-session-${this.#minted}`;
    this.#capabilities.set(id, capabilities);
    return id;
  }

  has(id: string): boolean {
    return this.#capabilities.has(id);
  }

  capabilities(id: string | undefined): ClientCapabilities {
    return this.#capabilities.get(id ?? '') ?? {};
  }

  subscribe(id: string | undefined, uri: string): void {
    const uris = this.#subscribed.get(id ?? '') ?? new Set();
    this.#subscribed.set(id ?? '', uris.add(uri));
  }

  unsubscribe(id: string | undefined, uri: string): void {
    this.#subscribed.get(id ?? '')?.delete(uri);
  }

  subscribes(id: string, uri: string): boolean {
    return this.#subscribed.get(id)?.has(uri) ?? false;
  }

  delete(id: string): boolean {
    return this.#capabilities.delete(id);
  }

  /** As after a restart of the server: every session that clients still hold is answered with 404. */
  forget(): void {
    this.#capabilities.clear();
    this.#subscribed.clear();
    this.logLevels.clear();
  }
}
