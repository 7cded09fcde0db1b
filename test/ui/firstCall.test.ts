import { expect, test } from 'vitest';
import { openWorkbench } from './workbench.ts';

test('the first call of a stranger, from the installed package', async () => {
  await using workbench = await openWorkbench({ extension: 'installed', logLevel: 'trace' });

  expect(await workbench.searchCommands('Sluice:')).toContain('Sluice: Call Tool');
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.choices.filter({ hasText: 'Start Demo Server' }).waitFor();
  await workbench.pictures('no-servers');
  await workbench.pick('Start Demo Server');
  await workbench.statusBar.waitFor();

  await workbench.runCommand('Sluice: Call Tool');
  await workbench.choices.filter({ hasText: 'say_hello' }).waitFor();
  await workbench.pictures('call-tool');
  await workbench.pickTool('say_hello');
  await workbench.answer('name', 'Ada');
  const result = workbench.webview.locator('body');
  await expect.poll(() => result.innerText()).toMatch(/Hello[\s\S]*Ada/);
  expect(await result.innerText()).toMatch(/ms/);
  await expect.poll(() => workbench.statusBar.innerText()).toMatch(/demo \d+(\.\d+)? ms/);
  const tooltip = await workbench.hover(workbench.statusBar);
  expect(tooltip).toMatch(/p50/);
  expect(tooltip).toContain('2026-07-28');
  await workbench.pictures('result');

  const trace = workbench.log('Sluice: demo');
  await trace.waitFor(/tools\/call say_hello: ok/);
  await trace.waitFor(/HTTP 200/);
  await trace.waitFor(/event message/);
  await workbench.runCommand('Sluice: Show Trace');
  await workbench.page.locator('[id="workbench.panel.output"]').waitFor();
  await workbench.pictures('trace');

  await workbench.runCommand('Sluice: Repeat Last Call');
  await expect.poll(async () => (await trace.text()).match(/say_hello: ok/g)?.length).toBe(2);
});
