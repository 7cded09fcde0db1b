import type { SseEvent } from '../sse/sseEvents.ts';

/** Milliseconds before a stream is asked for again whose server named no time. */
const DEFAULT_RETRY = 1_000;
const MAX_RETRY = 3_600_000;
/** Characters of an id; a longer one fits into no header. */
const MAX_ID = 4_096;
/** Ids that are kept, to know again what comes twice. */
const MAX_IDS = 1_000;

/** Where a stream that broke off is taken up again (2025-11-25, Resumability and Redelivery). */
export class ResumePoint {
  #lastId: string | undefined;
  #retryMs = DEFAULT_RETRY;
  /** Of the connection that is read now, and of those before it. */
  #ids = new Set<string>();
  readonly #earlier = new Set<string>();

  get isKnown(): boolean {
    return this.#lastId !== undefined;
  }

  /** Milliseconds to wait, as the server wants it. */
  get retryMs(): number {
    return this.#retryMs;
  }

  get headers(): Readonly<Record<string, string>> {
    // The header is UTF-8 (HTML, server-sent events), and a header's characters are bytes here.
    return this.#lastId === undefined
      ? {}
      : { 'last-event-id': Buffer.from(this.#lastId, 'utf8').toString('latin1') };
  }

  onRetry(ms: number): void {
    this.#retryMs = Math.min(ms, MAX_RETRY);
  }

  /** An empty id takes back the last one. */
  onId(id: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a header must not have
    this.#lastId = id === '' || id.length > MAX_ID || /[\x00-\x1f\x7f]/.test(id) ? undefined : id;
    if (this.#lastId !== undefined) keep(this.#ids, id);
  }

  /** From here on, what an earlier connection has brought is not news. */
  reconnecting(): void {
    for (const id of this.#ids) keep(this.#earlier, id);
    this.#ids = new Set();
  }

  isRepeat({ id }: SseEvent): boolean {
    return id !== undefined && this.#earlier.has(id);
  }
}

function keep(ids: Set<string>, id: string): void {
  ids.delete(id);
  ids.add(id);
  if (ids.size > MAX_IDS) for (const oldest of ids) return void ids.delete(oldest);
}
