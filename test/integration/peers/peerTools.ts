import { setTimeout as after } from 'node:timers/promises';

const number = { type: 'number' as const };

/** The tools that every SDK peer offers, as plain JSON Schema: the same for both majors of the SDK. */
export const peerTools = [
  {
    name: 'echo',
    description: 'Answers with its text.',
    inputSchema: { type: 'object' as const, properties: { text: { type: 'string' } }, required: ['text'] },
    annotations: { readOnlyHint: true },
  },
  {
    name: 'add',
    description: 'Adds two numbers.',
    inputSchema: { type: 'object' as const, properties: { a: number, b: number }, required: ['a', 'b'] },
    outputSchema: { type: 'object' as const, properties: { sum: number }, required: ['sum'] },
  },
  {
    name: 'slow',
    description: 'Reports progress `steps` times, 10 ms apart, before it answers.',
    inputSchema: { type: 'object' as const, properties: { steps: { type: 'integer', default: 3 } } },
  },
  { name: 'elicit', description: 'Asks the user for a name.', inputSchema: { type: 'object' as const } },
];

export const QUESTION = {
  mode: 'form' as const,
  message: 'Who are you?',
  requestedSchema: {
    type: 'object' as const,
    properties: { name: { type: 'string' as const } },
    required: ['name'],
  },
};

/** What a tool needs of its SDK. */
export interface PeerCall {
  readonly args: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  progress(progress: number, total: number): Promise<void>;
  /** The user's name; undefined where the user would not tell. */
  elicit(): Promise<unknown>;
}

export interface PeerResult {
  [member: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
}

export async function runPeerTool(
  name: string,
  { args, signal, progress, elicit }: PeerCall,
): Promise<PeerResult> {
  switch (name) {
    case 'echo':
      return text(String(args['text']));
    case 'add': {
      const sum = Number(args['a']) + Number(args['b']);
      return { ...text(String(sum)), structuredContent: { sum } };
    }
    case 'slow': {
      const { steps = 3 } = args;
      for (let step = 1; step <= Number(steps); step += 1) {
        await after(10, undefined, { signal });
        await progress(step, Number(steps));
      }
      return text(`done in ${steps} steps`);
    }
    case 'elicit': {
      const who = await elicit();
      return text(who === undefined ? 'You would not say.' : `Hello, ${who}!`);
    }
    default:
      throw new Error(`unknown tool: ${name}`);
  }
}

function text(value: string): PeerResult {
  return { content: [{ type: 'text', text: value }] };
}
