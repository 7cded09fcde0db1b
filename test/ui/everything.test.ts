import { expect, test } from 'vitest';
import { startEverything } from '../integration/peers/everything.ts';
import { openWorkbench } from './workbench.ts';

test('a server that this project did not write is called by adding one entry to settings.json', async () => {
  const everything = await startEverything();
  try {
    await using workbench = await openWorkbench({ extension: 'installed', logLevel: 'trace' });
    // Nothing is configured, and the list of tools says so; by then VS Code watches the file of the settings.
    await workbench.runCommand('Sluice: Call Tool');
    await workbench.choices.filter({ hasText: 'Add Server' }).waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.writeSettings({ 'sluice.servers': { everything: { url: everything.url } } });
    await workbench.statusBar.waitFor();

    await workbench.allow('everything');
    await workbench.pickTool('get-sum');
    await workbench.answer('First number', '20');
    await workbench.answer('Second number', '22');
    await expect
      .poll(() => workbench.webview.locator('body').innerText(), { timeout: 10_000 })
      .toContain('42');
    await expect.poll(() => workbench.statusBar.innerText()).toMatch(/everything .*ms/);

    // It speaks the legacy era: found out by itself, with a session whose id is not shown whole.
    const trace = workbench.log('Sluice: everything (workspace)');
    await trace.waitFor(/connected: protocol 2025-11-25/);
    await trace.waitFor(/mcp-session-id: \S{8}••••/);
    await trace.waitFor(/tools\/call get-sum: ok/);
  } finally {
    await everything.close();
  }
});
