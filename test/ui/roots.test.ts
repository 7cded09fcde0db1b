import { expect, test } from 'vitest';
import { startLab } from '../lab/lab.ts';
import { text } from '../lab/tools.ts';
import { openWorkbench } from './workbench.ts';

test('a server that was told of the folders hears when they change', async () => {
  await using lab = await startLab({
    era: 'legacy',
    tools: [
      {
        definition: { name: 'where', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
        run: async (call) => text(JSON.stringify(await call.ask({ roots: { method: 'roots/list' } }))),
      },
    ],
  });
  await using workbench = await openWorkbench({
    besides: ['second'],
    userSettings: { 'sluice.servers': { lab: { url: lab.url } } },
  });
  await workbench.statusBar.waitFor();
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool('where');
  const page = workbench.webview.locator('body');
  await expect.poll(() => page.innerText(), { timeout: 20_000 }).toMatch(/workspace[\s\S]*second/);

  await workbench.setFoldersBeside(['second', 'third']);
  const changed = () =>
    lab.received.filter(({ message }) => message?.method === 'notifications/roots/list_changed').length;
  await expect.poll(changed, { timeout: 20_000 }).toBe(1);
});
