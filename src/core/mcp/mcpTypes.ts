/** The shapes of the schema that Sluice reads. Every object keeps the members it does not know. */
export interface Implementation {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly [key: string]: unknown;
}

export type JsonSchema = { readonly [keyword: string]: unknown } | boolean;

export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
  readonly [key: string]: unknown;
}

export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: { readonly [keyword: string]: unknown };
  readonly outputSchema?: { readonly [keyword: string]: unknown };
  readonly annotations?: ToolAnnotations;
  readonly [key: string]: unknown;
}

/** A content block of a result; types that are not known yet are kept and shown as JSON. */
export interface ContentBlock {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface CallToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
  readonly [key: string]: unknown;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

export interface ElicitRequest {
  readonly mode: 'form' | 'url';
  readonly message: string;
  /** In form mode: a flat object schema with primitive properties. */
  readonly requestedSchema?: { readonly [keyword: string]: unknown };
  /** In url mode. */
  readonly url?: string;
}

export type ElicitResult =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, unknown>> }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };

export interface Root {
  readonly uri: string;
  readonly name?: string;
}
