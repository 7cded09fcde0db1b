import { LOG_LEVELS, type LogLevel, type LogMessage } from './mcpTypes.ts';
import { requireOffered } from './offered.ts';
import type { Requests } from './requests.ts';
import type { ServerEvents } from './serverEvents.ts';
import { readShape } from './shape.ts';
import { LOG_MESSAGE } from './shapes.ts';

/** The log messages of a server, and how many of them it is to send (2026-07-28 and before: Logging). */
export class Logging {
  readonly #requests: Requests;
  #level: LogLevel | undefined;

  constructor(requests: Requests, events: ServerEvents) {
    this.#requests = requests;
    requests.onNotification('notifications/message', ({ params }) => {
      if (!LOG_LEVELS.some((level) => level === params?.['level'])) return;
      const read = readShape(params, LOG_MESSAGE);
      if (read.kind === 'read') events.onLog?.(read.value as unknown as LogMessage);
    });
    requests.onRenewed(() => {
      if (this.#level !== undefined)
        this.setLevel(this.#level, undefined).catch((error: Error) =>
          requests.warn(`the new session has the server’s own log level: ${error.message}`),
        );
    });
  }

  /**
   * From now on: with each request where the revision has the level there, and else once for the session.
   * @throws SluiceError
   */
  async setLevel(level: LogLevel, signal: AbortSignal | undefined): Promise<void> {
    const { info, revision } = this.#requests;
    requireOffered(info, 'logging', 'log messages');
    this.#level = level;
    this.#requests.logLevel = level;
    if (revision.logLevel === 'per-session')
      await this.#requests.send('logging/setLevel', { level }, { signal, repeatable: true });
  }
}
