import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../src/core/errors.ts';
import type { ClientFeatures } from '../../../src/core/mcp/clientFeatures.ts';
import { respondToInputRequests } from '../../../src/core/mcp/inputRequired.ts';
import type { ElicitRequest } from '../../../src/core/mcp/mcpTypes.ts';
import { LATEST_LEGACY, LATEST_MODERN } from '../../../src/core/mcp/protocolVersion.ts';
import { sampleProblem } from '../../../src/core/mcp/sampling.ts';
import { UrlElicitations } from '../../../src/core/mcp/urlElicitations.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';

const { signal } = new AbortController();
const many = (count: number) => Array.from({ length: count }, (_, n) => n);
const asking = () => {
  const asked: ElicitRequest[] = [];
  const features: ClientFeatures = {
    elicit: async (request) => {
      asked.push(request);
      return { action: 'accept', content: {} };
    },
  };
  return { asked, features };
};
const form = {
  method: 'elicitation/create',
  params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
};

describe('what a server asks', () => {
  it('is 32 inputs of one round at most: of more, nobody is asked', async () => {
    const { asked, features } = asking();
    const round = (count: number) => {
      const inputRequests = Object.fromEntries(many(count).map((n) => [`${n}`, form]));
      return respondToInputRequests({ inputRequests }, features, LATEST_MODERN, signal);
    };
    await round(32);
    expect(asked).toHaveLength(32);
    await expect(round(33)).rejects.toMatchObject({ code: 'input-required-failed' });
    expect(asked).toHaveLength(32);
  });

  it('is 10,000 messages of a sample at most', () => {
    const messages = (count: number) =>
      many(count).map(() => ({ role: 'user', content: { type: 'text', text: 'x' } }));
    expect(sampleProblem({ messages: messages(10_000), maxTokens: 1 }, false)).toBeUndefined();
    expect(sampleProblem({ messages: messages(10_001), maxTokens: 1 }, false)).toContain('10000 messages');
  });

  it('is 32 pages in the browser at most: of more, nobody is sent to one', async () => {
    const { asked, features } = asking();
    const elicitations = new UrlElicitations(systemClock, () => undefined);
    const { features: watched } = elicitations.watch({
      features,
      info: { name: 'it', version: '1' },
    } as never);
    const satisfy = (count: number) => {
      const list = many(count).map((n) => ({
        mode: 'url',
        elicitationId: `${n}`,
        url: 'https://h/',
        message: 'Log in',
      }));
      const rpc = { code: -32042, message: 'Log in', data: { elicitations: list } };
      const error = new SluiceError('jsonrpc-error', 'Log in', { delivery: 'answered', rpc });
      return elicitations.satisfy(error, watched, LATEST_LEGACY, signal, 1);
    };
    await expect(satisfy(33)).rejects.toMatchObject({ code: 'jsonrpc-error' });
    expect(asked).toHaveLength(0);
    // They are all opened, and none is ever done.
    await expect(satisfy(32)).rejects.toMatchObject({ code: 'input-required-failed' });
    expect(asked).toHaveLength(32);
  });

  it('is remembered of 1,000 pages: what is told of an older one is ignored', async () => {
    const completed: string[] = [];
    const elicitations = new UrlElicitations(systemClock, (id) => completed.push(id));
    const { features } = elicitations.watch({ features: asking().features } as never);
    for (const n of many(1_001))
      await features.elicit?.(
        { mode: 'url', elicitationId: `${n}`, url: 'https://h/', message: '' } as never,
        signal,
        'call',
      );
    for (const id of ['0', '1', '1000'])
      elicitations.completed({
        jsonrpc: '2.0',
        method: 'notifications/elicitation/complete',
        params: { elicitationId: id },
      });
    expect(completed).toEqual(['1', '1000']);
  });
});
