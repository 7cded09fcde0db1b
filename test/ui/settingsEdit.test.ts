import { expect, test } from 'vitest';
import { startLab } from '../lab/lab.ts';
import { picture } from './picture.ts';
import { openWorkbench } from './workbench.ts';

test('settings.json is edited while a call runs: the call goes on, and a mistake is told at its key', async () => {
  const gate = Promise.withResolvers<void>();
  const waitHere = {
    definition: { name: 'wait_here', inputSchema: { type: 'object' as const } },
    run: async () => {
      await gate.promise;
      return { content: [{ type: 'text', text: 'it went on' }] };
    },
  };
  await using stays = await startLab({ tools: [waitHere] });
  await using changes = await startLab({});
  const servers = { stays: { url: stays.url }, changes: { url: changes.url } };
  await using workbench = await openWorkbench({ settings: { 'sluice.servers': servers } });
  await workbench.statusBar.waitFor();

  await workbench.allow('stays');
  await workbench.pickTool('wait_here');
  await stays.waitFor(({ counts }) => counts.calls.get('wait_here') === 1, 20_000);
  await expect.poll(() => workbench.statusBar.innerText()).toContain('…');

  // One server gets a mistake; the other, whose call is on its way, is not touched.
  await workbench.writeSettings({ 'sluice.servers': { ...servers, changes: { url: 'localhost:3000' } } });
  await workbench.openFile('.vscode/settings.json');
  const problems = await workbench.problems();
  await expect
    .poll(() => problems.allInnerTexts(), { timeout: 10_000 })
    .toEqual(expect.arrayContaining([expect.stringContaining('http://localhost:3000')]));
  await workbench.screenshot(picture('settings-problem'));
  gate.resolve();
  await expect
    .poll(() => workbench.webview.locator('body').innerText(), { timeout: 10_000 })
    .toContain('it went on');

  // Mended from outside: the problem goes, and the server can be called.
  await workbench.writeSettings({ 'sluice.servers': servers });
  await expect
    .poll(() => problems.filter({ hasText: 'localhost:3000' }).count(), { timeout: 10_000 })
    .toBe(0);
});
