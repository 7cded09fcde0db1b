import { isObject } from '../jsonrpc/message.ts';
import type { Implementation } from './mcpTypes.ts';
import type { Revision } from './protocolVersion.ts';

/** What is known of a server once it has answered. */
export interface ServerInfo {
  /** The revision that both sides speak now. */
  readonly protocolVersion: string;
  readonly era: 'modern' | 'legacy';
  /** Self-reported: to be shown, never to be acted upon. */
  readonly implementation: Implementation | undefined;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions: string | undefined;
}

/** @param result that described the server; @param implementation what it says of its program */
export function readServerInfo(
  { version, era }: Revision,
  result: Readonly<Record<string, unknown>>,
  implementation: unknown,
): ServerInfo {
  const { capabilities, instructions } = result;
  return {
    protocolVersion: version,
    era,
    implementation: isObject(implementation) ? (implementation as unknown as Implementation) : undefined,
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}
