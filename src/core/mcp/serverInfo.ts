import type { Implementation } from './mcpTypes.ts';

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
