import { prepare } from './jsonBytes.ts';
import type { Step } from './tasks.ts';
import type { ToolCall } from './toolCall.ts';

/** A tool of the lab. A test may add its own to `lab.tools`. */
export interface LabTool {
  readonly definition: {
    readonly name: string;
    readonly description?: string;
    readonly inputSchema: { readonly type: 'object'; readonly [keyword: string]: unknown };
    readonly [member: string]: unknown;
  };
  /** Of a tool that runs as a task: the states it goes through, one with each poll. `run` is not called then. */
  readonly steps?: readonly Step[];
  /** The interval that its task asks the client to poll in, in milliseconds. */
  readonly pollMs?: number;
  /** Resolves with the members of a CallToolResult. */
  run(call: ToolCall): Promise<Readonly<Record<string, unknown>>>;
}

export type Tools = Map<string, LabTool>;

export function text(value: string, more: object = {}): Readonly<Record<string, unknown>> {
  return { content: [{ type: 'text', text: value }], ...more };
}

const sayHello: LabTool = {
  definition: {
    name: 'say_hello',
    description: 'Greets.',
    inputSchema: { type: 'object', properties: { name: { type: 'string' } } },
    annotations: { readOnlyHint: true },
  },
  run: async ({ args: { name = 'world' } }) => text(`Hello, ${name}!`),
};

const echo: LabTool = {
  definition: {
    name: 'echo',
    description: 'Answers with its text.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    annotations: { readOnlyHint: true },
  },
  run: async ({ args: { text: said } }) => text(String(said)),
};

const add: LabTool = {
  definition: {
    name: 'add',
    description: 'Adds two numbers. Has no hint that says it may be called twice.',
    inputSchema: {
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
    outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
  },
  run: async ({ args: { a, b } }) => {
    const sum = Number(a) + Number(b);
    return text(String(sum), { structuredContent: { sum } });
  },
};

const fail: LabTool = {
  definition: { name: 'fail', description: 'Answers with isError.', inputSchema: { type: 'object' } },
  run: async () => text('this tool always fails', { isError: true }),
};

/** By size: a large text is made once, and costs its server little more than the sending after that. */
const LARGE_BYTES = 64 * 1024;
const texts = new Map<number, string>();
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

function textOf(bytes: number): string {
  const known = texts.get(bytes);
  if (known !== undefined) return known;
  const made = LETTERS.repeat(Math.ceil(bytes / LETTERS.length)).slice(0, bytes);
  texts.set(bytes, bytes < LARGE_BYTES ? made : prepare(made));
  return made;
}

const sized: LabTool = {
  definition: {
    name: 'sized',
    description: 'Answers with a text of so many bytes, always the same: plain ASCII, nothing to escape.',
    inputSchema: {
      type: 'object',
      properties: { bytes: { type: 'integer', minimum: 0, default: 1024 } },
    },
    annotations: { readOnlyHint: true },
  },
  run: async ({ args: { bytes = 1024 } }) => text(textOf(Number(bytes))),
};

const slow: LabTool = {
  definition: {
    name: 'slow',
    description: 'Reports progress `steps` times, `everyMs` apart, before it answers.',
    inputSchema: {
      type: 'object',
      properties: { steps: { type: 'integer', default: 3 }, everyMs: { type: 'integer', default: 10 } },
    },
  },
  run: async (call) => {
    const { steps = 3, everyMs = 10 } = call.args;
    for (let step = 1; step <= Number(steps); step += 1) {
      await call.hold(Number(everyMs));
      await call.progress(step, Number(steps), `step ${step} of ${steps}`);
    }
    return text(`done in ${steps} steps`);
  },
};

const gated: LabTool = {
  definition: {
    name: 'gated',
    description: 'Reports progress once, then answers when the test says `lab.release()`.',
    inputSchema: { type: 'object' },
  },
  run: async (call) => {
    await call.progress(1, 2, 'waiting at the gate');
    await call.hold();
    return text('released');
  },
};

const ask: LabTool = {
  definition: {
    name: 'ask',
    description:
      'Asks the user for a name: `input_required` in the modern era, a request of its own in the legacy one.',
    inputSchema: { type: 'object' },
  },
  run: async (call) => {
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const { action, content } = await call.elicit('who', 'Who are you?', schema);
    const { name } = content;
    return text(action === 'accept' ? `Hello, ${name}!` : `You said ${action}.`);
  },
};

export function labTools(more: readonly LabTool[] = []): Tools {
  const all = [sayHello, echo, add, fail, sized, slow, gated, ask, ...more];
  return new Map(all.map((tool) => [tool.definition.name, tool]));
}
