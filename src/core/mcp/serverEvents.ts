import type { LogMessage } from './mcpTypes.ts';

/** What a server says unasked. All are called synchronously and must not throw. */
export interface ServerEvents {
  /** The server's list of tools changed. */
  onToolsChanged?(): void;
  /** The server's list of prompts changed. */
  onPromptsChanged?(): void;
  /** The server's list of resources changed. */
  onResourcesChanged?(): void;
  /** What `uri` names has changed: a resource that was subscribed to, or a part of one. */
  onResourceUpdated?(uri: string): void;
  onLog?(message: LogMessage): void;
  /** The user has finished what an elicitation in url mode sent them to. */
  onElicitationComplete?(elicitationId: string): void;
}
