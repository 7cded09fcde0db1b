import { exceeds } from '../budget.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Tool } from './mcpTypes.ts';
import { readKeptInfo, type ServerInfo } from './serverInfo.ts';
import type { Session } from './session.ts';

/**
 * What a server said of itself and its tools, as JSON, so that the first call of the next connect need not ask for it again.
 * "Clients […] MAY persist it across restarts of the same server configuration, re-probing if the cached assumption later
 * fails" (2026-07-28, Versioning: Backward Compatibility).
 */
export interface ServerMemory {
  readonly info: ServerInfo;
  /** Milliseconds. */
  readonly roundTrip?: number | undefined;
  /** Absent where they are more than is kept. */
  readonly tools?: readonly Tool[] | undefined;
}

/** What was kept, read. */
export interface Remembered {
  readonly info: ServerInfo;
  readonly roundTrip: number | undefined;
  /** Not read yet: each entry is read as one of a list that the server sent. */
  readonly tools: readonly unknown[];
}

/** Of what is kept of a server itself, and of its tools: where that is too much, it is asked for again. */
const MOST_KEPT = { values: 20_000, depth: 64, characters: 256 * 1024 } as const;

/**
 * @param holdsSecret of the settings: a server may repeat what it was sent, and this is kept where others may read it
 * @returns undefined where nothing is to be kept
 */
export function memoryOf(
  { info, roundTrip }: Pick<Session, 'info' | 'roundTrip'>,
  listed: readonly Tool[],
  holdsSecret: (value: unknown) => boolean,
): ServerMemory | undefined {
  if (exceeds(info, MOST_KEPT) !== undefined || holdsSecret(info)) return undefined;
  const areKept = exceeds(listed, MOST_KEPT) === undefined;
  return { info, roundTrip, ...(areKept && { tools: listed.filter((tool) => !holdsSecret(tool)) }) };
}

/** The place where it is kept may give back anything: undefined where that is no memory of a server. */
export function readServerMemory(value: unknown): Remembered | undefined {
  if (!isObject(value) || exceeds(value['info'], MOST_KEPT) !== undefined) return undefined;
  const info = readKeptInfo(value['info']);
  if (info === undefined) return undefined;
  const { tools, roundTrip } = value;
  const isTime = typeof roundTrip === 'number' && roundTrip >= 0;
  return {
    info,
    roundTrip: isTime ? roundTrip : undefined,
    tools: Array.isArray(tools) && exceeds(tools, MOST_KEPT) === undefined ? tools : [],
  };
}
