import type { ToolCall } from './callRecord.ts';

/** A tool that was called. Its arguments are left out where they are too large to keep. */
export interface RecentCall {
  readonly server: string;
  readonly tool: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

const MOST_CALLS = 50;
const MOST_CHARACTERS = 65_536;

/** `recent` with `call` in front: one entry a tool, the latest first, bounded. */
export function withCall(recent: readonly RecentCall[], call: ToolCall): RecentCall[] {
  const { server, tool } = call;
  const isSmall = JSON.stringify(call.arguments).length <= MOST_CHARACTERS;
  const entry: RecentCall = isSmall ? { server, tool, arguments: call.arguments } : { server, tool };
  const others = recent.filter((other) => other.server !== server || other.tool !== tool);
  return [entry, ...others].slice(0, MOST_CALLS);
}
