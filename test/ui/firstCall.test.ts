import { expect, test } from 'vitest';
import { picture } from './picture.ts';
import { openWorkbench } from './workbench.ts';

test.each(['dark', 'light'] as const)(
  'the first call of a stranger, from the installed package (%s)',
  async (theme) => {
    await using workbench = await openWorkbench({ extension: 'installed', theme, logLevel: 'trace' });

    await workbench.runCommand('Sluice: Call Tool');
    await workbench.choices.filter({ hasText: 'Start Demo Server' }).waitFor();
    await workbench.screenshot(picture(`no-servers-${theme}`));
    await workbench.pick('Start Demo Server');
    await workbench.statusBar.waitFor();

    await workbench.runCommand('Sluice: Call Tool');
    await workbench.choices.filter({ hasText: 'say_hello' }).waitFor();
    await workbench.screenshot(picture(`call-tool-${theme}`));
    await workbench.pickTool('say_hello');
    await workbench.answer('name', 'Ada');
    const result = workbench.webview.locator('body');
    await expect.poll(() => result.innerText()).toMatch(/Hello[\s\S]*Ada/);
    expect(await result.innerText()).toMatch(/ms/);
    await expect.poll(() => workbench.statusBar.innerText()).toMatch(/demo \d+(\.\d+)? ms/);
    const tooltip = await workbench.hover(workbench.statusBar);
    expect(tooltip).toMatch(/p50/);
    expect(tooltip).toContain('2026-07-28');
    await workbench.screenshot(picture(`result-${theme}`));

    const trace = workbench.log('Sluice: demo');
    await trace.waitFor(/tools\/call say_hello: ok/);
    await trace.waitFor(/HTTP 200/);
    await trace.waitFor(/event message/);
    await workbench.runCommand('Sluice: Show Trace');
    await workbench.page.locator('[id="workbench.panel.output"]').waitFor();
    await workbench.screenshot(picture(`trace-${theme}`));

    await workbench.runCommand('Sluice: Repeat Last Call');
    await expect.poll(async () => (await trace.text()).match(/say_hello: ok/g)?.length).toBe(2);
  },
);
