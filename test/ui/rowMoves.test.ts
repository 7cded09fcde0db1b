import { expect, test } from 'vitest';
import { answerWith, eventStream, startRawServer } from '../integration/core/rawServer.ts';
import { openWorkbench } from './workbench.ts';

test('a click that a busy window tells late calls the tool that was clicked, or none', async () => {
  const names = ['one', 'two', 'three', 'four'];
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  let tell: ((message: object) => void) | undefined;
  await using server = await startRawServer(
    async (request) => {
      if (request.httpMethod === 'GET') {
        tell = eventStream(request);
        return true;
      }
      if (request.message.method !== 'tools/list') return false;
      if (names[0] === 'zero') {
        asked.resolve();
        await told.promise;
      }
      return answerWith(request, { tools: names.map((name) => ({ name, inputSchema: {} })) });
    },
    { capabilities: { tools: { listChanged: true } } },
  );
  await using workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { here: { url: server.url } } },
  });
  await workbench.statusBar.waitFor();
  const { page } = workbench;
  const called = () =>
    server.asked
      .filter(({ message }) => message.method === 'tools/call')
      .map(({ message }) => message.params?.['name']);

  await workbench.runCommand('Sluice: Call Tool');
  const three = workbench.choices.filter({ hasText: 'three' });
  const box = await three.boundingBox();
  if (box === null) throw new Error('The row is not in view.');
  // One more tool comes before the others.
  names.unshift('zero');
  tell?.({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  await asked.promise;

  // The list has it already, and the window does not know yet when it tells of the click.
  const busy = page.evaluate('{ const end = performance.now() + 3000; while (performance.now() < end); }');
  told.resolve();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await busy;
  // Where the click was not taken, the list is still there.
  await expect
    .poll(async () => {
      if (called().length === 0) await three.click({ timeout: 1_000 }).catch(() => undefined);
      return called();
    })
    .toEqual(['three']);
});
