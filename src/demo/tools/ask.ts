import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  createRequestStateCodec,
  type ElicitRequestFormParams,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { defineTool, type ToolOutcome } from '../tool.ts';

const MAX_ATTEMPTS = 3;

interface Answers {
  name: string;
  colour: 'blue' | 'green' | 'red';
  postcard?: boolean;
}

interface AskState {
  readonly attempt: number;
}

/**
 * Seals the state that the client carries from one round to the next, so that the server remembers nothing of it.
 * The key lives as long as the process; a state is good for ten minutes, and for a call of a tool only.
 */
export const askState = createRequestStateCodec<AskState>({
  key: randomBytes(32),
  ttlSeconds: 600,
  bind: (ctx) => ctx.mcpReq.method,
});

const form = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      title: 'Name',
      description: 'What shall I call you?',
      minLength: 1,
      maxLength: 100,
    },
    colour: {
      type: 'string',
      title: 'Colour',
      description: 'Your favourite colour',
      oneOf: [
        { const: 'blue', title: 'Blue, like water' },
        { const: 'green', title: 'Green, like reeds' },
        { const: 'red', title: 'Red, like the keeper’s lamp' },
      ],
      default: 'blue',
    },
    postcard: {
      type: 'boolean',
      title: 'Postcard',
      description: 'May I send you a postcard?',
      default: false,
    },
  },
  required: ['name', 'colour'],
} satisfies ElicitRequestFormParams['requestedSchema'];

const formSchema = fromJsonSchema<Answers>(form);

/**
 * Modern clients get an `input_required` result and call again with the answers. For legacy clients the SDK
 * sends the same question as an `elicitation/create` request on the stream of the call.
 */
export const ask = defineTool<{ greeting?: string }>({
  name: 'ask',
  title: 'Ask me back',
  description:
    'Asks you a few questions before it answers. Needs a client that can show a form (elicitation).',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      greeting: {
        type: 'string',
        title: 'Greeting',
        description: 'How to greet you',
        default: 'Hello',
        maxLength: 100,
      },
    },
    additionalProperties: false,
  },
  run: ({ greeting = 'Hello' }, ctx) => {
    const answer = inputResponse(ctx.mcpReq.inputResponses, 'visitor');
    if (answer.kind !== 'elicit') return question(ctx, 1);
    switch (answer.action) {
      case 'decline':
        return text('You would rather not say. That is fine.');
      case 'cancel':
        return text('You closed the form. Call again whenever you like.');
      case 'accept': {
        const answers = acceptedContent(ctx.mcpReq.inputResponses, 'visitor', formSchema);
        return answers === undefined ? askAgain(ctx) : text(reply(greeting, answers));
      }
    }
  },
});

function askAgain(ctx: ServerContext): ToolOutcome | Promise<ToolOutcome> {
  const attempt = ctx.mcpReq.requestState<AskState>()?.attempt ?? 1;
  if (attempt >= MAX_ATTEMPTS) {
    return {
      isError: true,
      ...text(`Asked ${MAX_ATTEMPTS} times, and the answers still do not fit the form.`),
    };
  }
  return question(ctx, attempt + 1);
}

async function question(ctx: ServerContext, attempt: number): Promise<ToolOutcome> {
  const message = attempt === 1 ? 'Who are you?' : 'That did not fit the form. Once more: who are you?';
  return inputRequired({
    inputRequests: { visitor: inputRequired.elicit({ mode: 'form', message, requestedSchema: form }) },
    requestState: await askState.mint({ attempt }, ctx),
  });
}

function reply(greeting: string, { name, colour, postcard = false }: Answers): string {
  return `${greeting}, ${name}! ${colour} it is. ${postcard ? 'A postcard is on its way.' : 'No postcard, then.'}`;
}

function text(value: string) {
  return { content: [{ type: 'text' as const, text: value }] };
}
