import { Refused, type ToolCall } from './toolCall.ts';

/** A prompt of the lab. A test may add its own to `lab.prompts`. */
export interface LabPrompt {
  readonly definition: { readonly name: string; readonly [member: string]: unknown };
  /** Resolves with the text of its one message. */
  get(call: ToolCall): Promise<string>;
}

export type Prompts = Map<string, LabPrompt>;

const review: LabPrompt = {
  definition: {
    name: 'review',
    title: 'Review code',
    arguments: [{ name: 'language', required: true }, { name: 'style' }],
    icons: [{ src: 'https://example.com/review.svg', mimeType: 'image/svg+xml' }],
  },
  get: async ({ args: { language } }) => {
    if (language === undefined) throw new Refused(-32602, 'Missing required argument: language');
    return `Review this ${language} code.`;
  },
};

const greeting: LabPrompt = {
  definition: { name: 'greeting', description: 'Asks for a name.' },
  get: async (call) => {
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const { content } = await call.elicit('who', 'Who are you?', schema);
    return `Greet ${content['name']}.`;
  },
};

export function labPrompts(): Prompts {
  return new Map([review, greeting].map((prompt) => [prompt.definition.name, prompt]));
}

export async function getPrompt(prompts: Prompts, name: string, call: ToolCall) {
  const prompt = prompts.get(name);
  if (prompt === undefined) throw new Refused(-32602, `Unknown prompt: ${name}`);
  const text = await prompt.get(call);
  return { description: name, messages: [{ role: 'user', content: { type: 'text', text } }] };
}

const SUGGESTIONS = ['perl', 'php', 'prolog', 'python'];

/** Suggestions for an argument: those that begin with what was typed, less what the context has already. */
export function completionOf({ argument, context }: Readonly<Record<string, unknown>>) {
  const { value = '' } = argument as { value?: string };
  const taken = Object.values((context as { arguments?: object } | undefined)?.arguments ?? {});
  const values = SUGGESTIONS.filter((one) => one.startsWith(value) && !taken.includes(one));
  return { completion: { values, total: values.length, hasMore: false } };
}
