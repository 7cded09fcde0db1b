import { exceeds } from '../budget.ts';
import { isObject } from '../jsonrpc/message.ts';
import type { Tool } from './mcpTypes.ts';
import { revisionOf } from './protocolVersion.ts';
import { readServerInfo, type ServerInfo } from './serverInfo.ts';

/**
 * What a server said of itself and its tools, as JSON, so that the first call of the next connect need not ask for it again.
 * "Clients […] MAY persist it across restarts of the same server configuration, re-probing if the cached assumption later
 * fails" (2026-07-28, Versioning: Backward Compatibility).
 */
export interface ServerMemory {
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly implementation?: Readonly<Record<string, unknown>> | undefined;
  readonly instructions?: string | undefined;
  /** Absent where they are more than is kept. */
  readonly tools?: readonly Tool[] | undefined;
}

/** What was remembered, read. */
export interface Remembered {
  readonly info: ServerInfo;
  /** Not read yet: each entry is read as one of a list that the server sent. */
  readonly tools: readonly unknown[];
}

/** Of all that is kept of one server, and of its tools: where that is too much, the tools are asked for again. */
const MEMORY_BOUNDS = { values: 20_000, depth: 64, characters: 256 * 1024 } as const;

/** @param tools undefined where they are not known */
export function memoryOf(
  { protocolVersion, capabilities, implementation, instructions }: ServerInfo,
  tools: readonly Tool[] | undefined,
): ServerMemory | undefined {
  const memory = { protocolVersion, capabilities, ...(implementation && { implementation }), instructions };
  if (exceeds(memory, MEMORY_BOUNDS) !== undefined) return undefined;
  return tools === undefined || exceeds(tools, MEMORY_BOUNDS) !== undefined ? memory : { ...memory, tools };
}

/** Whoever keeps it may give back anything: undefined where it is no memory of a server. */
export function readServerMemory(value: unknown): Remembered | undefined {
  if (!isObject(value) || typeof value['protocolVersion'] !== 'string') return undefined;
  const revision = revisionOf(value['protocolVersion']);
  const { tools, ...itself } = value;
  if (revision === undefined || exceeds(itself, MEMORY_BOUNDS) !== undefined) return undefined;
  const info = readServerInfo(revision, itself, itself['implementation']);
  const areKept = Array.isArray(tools) && exceeds(tools, MEMORY_BOUNDS) === undefined;
  return { info, tools: areKept ? tools : [] };
}
