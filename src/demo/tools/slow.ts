import { setTimeout as wait } from 'node:timers/promises';
import { defineTool } from '../tool.ts';

const MAX_SECONDS = 120;
const MAX_STEPS = 100;

export const slow = defineTool<{ seconds?: number; steps?: number }>({
  name: 'slow',
  title: 'Take your time',
  description: 'Waits, and reports its progress on the way. Stops at once when it is cancelled.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      seconds: {
        type: 'number',
        title: 'Seconds',
        description: 'How long to take in all',
        minimum: 0,
        maximum: MAX_SECONDS,
        default: 3,
      },
      steps: {
        type: 'integer',
        title: 'Steps',
        description: 'How many times to report progress',
        minimum: 1,
        maximum: MAX_STEPS,
        default: 5,
      },
    },
    additionalProperties: false,
  },
  run: async ({ seconds = 3, steps = 5 }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    const report = async (progress: number, message: string) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress, total: steps, message };
      await mcpReq.notify({ method: 'notifications/progress', params });
    };

    await report(0, 'Starting');
    for (let step = 1; step <= steps; step += 1) {
      await wait((seconds * 1000) / steps, undefined, { signal: mcpReq.signal });
      await report(step, `Step ${step} of ${steps}`);
    }
    return { content: [{ type: 'text', text: `Done: ${steps} steps in ${seconds} s.` }] };
  },
});
