import type { MessageConfig } from '../config/serverConfig.ts';
import type { JsonBound, JsonBounds } from '../jsonrpc/jsonSize.ts';

/** What one message of a server may be. */
export interface MessageBounds extends MessageConfig, JsonBounds {}

/**
 * Levels of a message, the envelope's two included. Parsing takes a million of them; what is done with a value
 * afterwards (writing it again, comparing it, showing it) takes a few thousand. No honest value has a hundred.
 */
export const MAX_DEPTH = 512;

export function messageBounds(config: MessageConfig): MessageBounds {
  return { ...config, maxDepth: MAX_DEPTH };
}

/** Why no more of a body is read. */
export interface Excess {
  /** `faults`: events in a row that are not messages. */
  readonly bound: 'bytes' | JsonBound | 'faults';
  readonly max: number;
  /** What had come of the message by then. */
  readonly bytes: number;
}

/** Completes "the answer has …". */
export function describeExcess({ bound, max, bytes }: Excess): string {
  switch (bound) {
    case 'bytes':
      return `more than ${Number((max / 1024 / 1024).toFixed(1))} MiB`;
    case 'values':
      return `more to parse in its first ${Math.ceil(bytes / 1000)} kB than ${max} numbers`;
    case 'depth':
      return `objects and arrays nested more than ${max} deep`;
    case 'faults':
      return `${max} events in a row that are not messages`;
  }
}

/** What helps; undefined where no setting does. */
export function settingFor({ bound }: Excess): string | undefined {
  if (bound === 'bytes') return 'sluice.message.maxBytes';
  return bound === 'values' ? 'sluice.message.maxValues' : undefined;
}
