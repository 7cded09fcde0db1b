import { parseExact, stringifyExact } from '../../core/jsonrpc/exactJson.ts';
import type { Remembered } from '../arguments/callDraft.ts';
import type { SchemaObject } from '../arguments/schemaObject.ts';
import { withoutSecrets } from '../arguments/secretArguments.ts';
import type { ToolCall } from './shownCall.ts';

/** A tool that was called, as it is stored. Its arguments are left out where they are too large to keep. */
export interface RecentCall {
  readonly server: string;
  readonly tool: string;
  /** The arguments as JSON: as a value VS Code would round their numbers. */
  readonly json?: string;
  /** JSON Pointers of what was secret among them, and is not stored. */
  readonly withheld?: readonly string[];
}

const MOST_CALLS = 50;
/** Bytes of the arguments of one call, and of all. */
const MOST_BYTES = 65_536;
const MOST_BYTES_IN_ALL = 1_048_576;

/**
 * `recent` with `call` in front: one entry a tool, the latest first, bounded.
 * @param schema of the tool's arguments: what it calls secret is not stored
 */
export function withCall(recent: readonly RecentCall[], call: ToolCall, schema: SchemaObject): RecentCall[] {
  const { server, tool } = call;
  const others = recent.filter((other) => other.server !== server || other.tool !== tool);
  let left = MOST_BYTES_IN_ALL;
  return [entryOf(call, schema), ...others].slice(0, MOST_CALLS).map((entry) => {
    left -= Buffer.byteLength(entry.json ?? '');
    // The oldest ones are known by their names alone.
    return left >= 0 ? entry : { server: entry.server, tool: entry.tool };
  });
}

/** What a stored call tells of its arguments; undefined where they were not kept. */
export function rememberedOf({ json, withheld = [] }: RecentCall): Remembered | undefined {
  if (json === undefined) return undefined;
  return { arguments: parseExact(json) as Readonly<Record<string, unknown>>, withheld };
}

function entryOf({ server, tool, arguments: args }: ToolCall, schema: SchemaObject): RecentCall {
  const open = withoutSecrets(args, schema);
  const json = open === undefined ? undefined : written(open.arguments);
  if (open === undefined || json === undefined || Buffer.byteLength(json) > MOST_BYTES)
    return { server, tool };
  return { server, tool, json, ...(open.withheld.length === 0 ? {} : { withheld: open.withheld }) };
}

function written(args: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return stringifyExact(args);
  } catch {
    // Nested too deep to be written.
    return undefined;
  }
}
