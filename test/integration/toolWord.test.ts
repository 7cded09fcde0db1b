import { describe, expect, it } from 'vitest';
import { toolWord } from '../../src/ui/tools/toolWord.ts';
import { type Answer, httpAnswer, jsonAnswer } from '../lab/answer.ts';
import { startLab } from '../lab/lab.ts';
import type { Era } from '../lab/outcome.ts';
import type { LabTool } from '../lab/tools.ts';
import { text } from '../lab/tools.ts';
import { connectTo, failureOf } from './core/connectTo.ts';

const wipe: LabTool = {
  definition: { name: 'wipe', inputSchema: { type: 'object' }, annotations: { destructiveHint: true } },
  run: async () => text('wiped'),
};

/** Answers the request with this, in the place of a result. */
const instead =
  (body: object): Answer =>
  (exchange) =>
    jsonAnswer(200, { jsonrpc: '2.0', id: exchange.request.message?.id, ...body })(exchange);

const FAILING: [string, Answer][] = [
  ['an error', instead({ error: { code: -32603, message: 'The database is down' } })],
  ['an unknown method', instead({ error: { code: -32601, message: 'Method not found' } })],
  ['no tools', instead({ result: { resultType: 'complete' } })],
  ['tools that are no list', instead({ result: { resultType: 'complete', tools: { wipe: {} } } })],
  ['403', httpAnswer(403)],
  ['500', httpAnswer(500)],
  ['502', httpAnswer(502)],
  ['a page', httpAnswer(200, { type: 'text/html', body: '<html>' })],
];

describe.each<Era>(['modern', 'legacy'])('a tool that may destroy, of a %s server', (era) => {
  it('says so', async () => {
    await using lab = await startLab({ era, tools: [wipe] });
    await using client = connectTo(lab.url);
    expect(await toolWord(client.connection, 'wipe')).toMatchObject({ kind: 'destroys' });
    expect(await toolWord(client.connection, 'say_hello')).toMatchObject({ kind: 'reads' });
    expect(await toolWord(client.connection, 'nothing')).toEqual({ kind: 'unlisted' });
  });

  it.each(FAILING)(
    'is never taken for one that is not there where the list is answered with %s',
    async (_, mode) => {
      await using lab = await startLab({ era, tools: [wipe], on: ['tools/list'], mode });
      await using client = connectTo(lab.url);
      expect(await toolWord(client.connection, 'wipe')).toMatchObject({ kind: 'no-list' });
    },
  );

  it('is not called at all where its server cannot be reached', async () => {
    const lab = await startLab({ era, tools: [wipe] });
    await using client = connectTo(lab.url);
    await lab.close();
    expect(await failureOf(toolWord(client.connection, 'wipe'))).toMatchObject({ delivery: 'not-sent' });
  });
});
