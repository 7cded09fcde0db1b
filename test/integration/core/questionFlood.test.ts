import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/metrics/clock.ts';
import { Questions, type Shown, type ShowOptions } from '../../../src/ui/questions/questions.ts';
import { connectTo, failureOf } from './connectTo.ts';
import { eventStream, startRawServer } from './rawServer.ts';

const params = {
  mode: 'form',
  message: 'Delete all?',
  requestedSchema: { type: 'object', properties: {} },
};

/** A user who is shown what a server asks as the extension shows it, and who answers nothing. */
function askedUser() {
  const shown: string[] = [];
  const unheard: string[] = [];
  const questions = new Questions({
    clock: systemClock,
    onUnheard: (server, why) => unheard.push(`${server} ${why}`),
  });
  const wait = (place: string, { signal }: ShowOptions): Promise<Shown> => {
    shown.push(place);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'left' })));
  };
  const question = {
    server: 'lab',
    open: (options: ShowOptions) => wait('box', options),
    tell: (options: ShowOptions) => wait('notice', options),
  };
  return {
    shown,
    unheard,
    onElicit: (_request: unknown, signal: AbortSignal, origin: string) =>
      questions.ask(question, origin === 'call', signal),
  };
}

describe('a server that floods its user with questions outside of any call', () => {
  it('gets an answer to each beyond six, shows one, and a call with 1.5 seconds ends in time meanwhile', async () => {
    const user = askedUser();
    const answers = new Map<unknown, unknown>();
    let say: ((message: object) => void) | undefined;
    const heard = Promise.withResolvers<void>();
    await using server = await startRawServer((asked) => {
      const { id, method, result } = asked.message;
      if (asked.httpMethod === 'GET') {
        say = eventStream(asked);
        heard.resolve();
        return true;
      }
      if (method === undefined && id !== undefined) {
        answers.set(id, result);
        if (answers.size < 200)
          say?.({ jsonrpc: '2.0', id: `again ${answers.size}`, method: 'elicitation/create', params });
      }
      // Never answered.
      return method === 'tools/call';
    });
    await using client = connectTo(server.url, { requestTimeout: 1_500 }, user);
    await client.connection.listTools();
    await heard.promise;
    for (let n = 0; n < 16; n++) say?.({ jsonrpc: '2.0', id: n, method: 'elicitation/create', params });
    await vi.waitFor(() => expect(user.unheard).toEqual(['lab too-many']), 10_000);
    const startedAt = performance.now();
    expect((await failureOf(client.connection.callTool('t', {}))).code).toBe('request-timeout');
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    expect(user.shown).toEqual(['notice']);
    await client.connection.disconnect();
    // Those that come while 16 are being answered get an error.
    const actions = [...answers.values()].map(
      (result) => (result as { action?: string } | undefined)?.action,
    );
    expect(actions.filter((action) => action !== undefined && action !== 'cancel')).toEqual([]);
    expect(answers.size).toBeGreaterThanOrEqual(10);
  });
});
