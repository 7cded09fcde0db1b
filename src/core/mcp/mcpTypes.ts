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
  /** 2025-11-25: whether it is called as a task. Absent is `forbidden`. */
  readonly execution?: {
    readonly taskSupport?: 'required' | 'optional' | 'forbidden';
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/**
 * A content block of a result; types that are not known yet are kept and shown as JSON. What came in the place of a block and is
 * none, such as null, has the type `unreadable` and is its `value`.
 */
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

export interface Resource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes. */
  readonly size?: number;
  readonly [key: string]: unknown;
}

export interface ResourceTemplate {
  /** RFC 6570. */
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  readonly [key: string]: unknown;
}

/** Either `text`, or `blob` in Base64. */
export interface ResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly text?: string;
  readonly blob?: string;
  readonly [key: string]: unknown;
}

export interface ReadResourceResult {
  readonly contents: readonly ResourceContents[];
  readonly [key: string]: unknown;
}

/** A file of a skill as it was promised, SKILL.md among them (ext-skills, Skill Entries). */
export interface SkillResource {
  readonly uri: string;
  /** `sha256:` and 64 hexadecimal digits in lower case, over the bytes of the file. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly [key: string]: unknown;
}

/** What a server promises of a skill: all that is needed to choose it, and to check it when it is read. */
export interface Skill {
  /** Of its SKILL.md. It tells the skill from others of the same server only; a name need not even do that. */
  readonly uri: string;
  /** The front matter of its SKILL.md, whole. */
  readonly frontmatter: {
    readonly name: string;
    readonly description: string;
    readonly [key: string]: unknown;
  };
  /** All of its files; `dynamic` where their contents change, and so nothing is promised of them. */
  readonly resources: readonly SkillResource[] | 'dynamic';
  readonly [key: string]: unknown;
}

export interface PromptArgument {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly [key: string]: unknown;
}

export interface Prompt {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly PromptArgument[];
  readonly [key: string]: unknown;
}

export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock;
  readonly [key: string]: unknown;
}

export interface GetPromptResult {
  readonly description?: string;
  readonly messages: readonly PromptMessage[];
  readonly [key: string]: unknown;
}

/** Whose argument is completed. */
export type CompletionReference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  /** A URI, or the template of one. */
  | { readonly type: 'ref/resource'; readonly uri: string };

export interface CompletionRequest {
  readonly ref: CompletionReference;
  readonly argument: { readonly name: string; readonly value: string };
  /** Arguments that are filled in already. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Completion {
  /** 100 at most. */
  readonly values: readonly string[];
  readonly total?: number;
  readonly hasMore?: boolean;
}

/** The severities of RFC 5424, from the most talkative to the quietest. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogMessage {
  readonly level: LogLevel;
  readonly logger?: string;
  /** Any JSON value. */
  readonly data: unknown;
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
  /** In url mode, 2025-11-25: names the interaction when the server says that it is complete. */
  readonly elicitationId?: string;
  readonly [key: string]: unknown;
}

/**
 * Where a server asks: in the middle of a `call` that somebody waits for, or `unasked`, while there is none that the question
 * belongs to.
 */
export type ElicitOrigin = 'call' | 'unasked';

export type ElicitResult =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, unknown>> }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };

export interface Root {
  readonly uri: string;
  readonly name?: string;
}

export interface SamplingMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock | readonly ContentBlock[];
  readonly [key: string]: unknown;
}

/** What a server wants a model to answer. */
export interface SampleRequest {
  readonly messages: readonly SamplingMessage[];
  /** "The client MUST respect the maxTokens parameter." */
  readonly maxTokens: number;
  readonly systemPrompt?: string;
  readonly modelPreferences?: { readonly [key: string]: unknown };
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** For the model to use; the server runs them. */
  readonly tools?: readonly Tool[];
  readonly toolChoice?: { readonly mode?: 'auto' | 'required' | 'none'; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

export interface SampleResult {
  readonly role: 'assistant';
  readonly content: ContentBlock | readonly ContentBlock[];
  /** The name of the model that answered. */
  readonly model: string;
  readonly stopReason?: string;
  readonly [key: string]: unknown;
}

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** What a server says of a call that it runs as a task. */
export interface Task {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly lastUpdatedAt?: string;
  readonly [key: string]: unknown;
}
