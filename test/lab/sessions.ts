import type { ClientCapabilities } from './jsonrpc.ts';

/** The sessions of the legacy era. Ids count up, so that a test can name them: `lab-session-1` is the first. */
export class Sessions {
  readonly #capabilities = new Map<string, ClientCapabilities>();
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

  delete(id: string): boolean {
    return this.#capabilities.delete(id);
  }

  /** As after a restart of the server: every session that clients still hold is answered with 404. */
  forget(): void {
    this.#capabilities.clear();
  }
}
