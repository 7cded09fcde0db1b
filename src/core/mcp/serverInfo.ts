import { isObject } from '../jsonrpc/message.ts';
import type { Implementation } from './mcpTypes.ts';
import { type Revision, revisionOf } from './protocolVersion.ts';
import { readShape } from './shape.ts';
import { IMPLEMENTATION } from './shapes.ts';

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
    implementation: readImplementation(implementation),
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** One that was kept as JSON; undefined where the value is none, or of a revision that is not known. */
export function readKeptInfo(value: unknown): ServerInfo | undefined {
  if (!isObject(value) || typeof value['protocolVersion'] !== 'string') return undefined;
  const revision = revisionOf(value['protocolVersion']);
  return revision && readServerInfo(revision, value, value['implementation']);
}

/** Undefined where it has no name. */
function readImplementation(value: unknown): Implementation | undefined {
  const read = readShape(value, IMPLEMENTATION);
  return read.kind === 'read' ? ({ version: '', ...read.value } as unknown as Implementation) : undefined;
}
