import { expect, test } from 'vitest';
import { openWorkbench, type Workbench } from './workbench.ts';

const server = (name: string) => ({ [name]: { url: `http://127.0.0.1:9/${name}` } });
const userSettings = { 'sluice.servers': { ...server('mine'), ...server('own') } };

/** What `Sluice: Connect` offers. */
async function offered(workbench: Workbench): Promise<readonly string[]> {
  // The command is there from when the extension has read its settings.
  const commands = () => workbench.searchCommands('Sluice:');
  await expect.poll(commands, { timeout: 30_000 }).toContain('Sluice: Connect');
  await workbench.runCommand('Sluice: Connect');
  await workbench.question('which server');
  const names = await workbench.choices.locator('.label-name').allInnerTexts();
  await workbench.page.keyboard.press('Escape');
  return names;
}

const isSaid = 'is not used, because this workspace is not trusted; trust the workspace';

test('a workspace that is not trusted brings no server, and that is said; trusting it brings them at once', async () => {
  const settings = { 'sluice.servers': server('theirs') };
  await using workbench = await openWorkbench({ trusted: false, userSettings, settings });
  expect(await offered(workbench)).toEqual(['mine', 'own']);
  await (await workbench.problems()).getByText(isSaid).waitFor();

  await workbench.page
    .getByRole('button', { name: /^Restricted Mode/ })
    .first()
    .click();
  await workbench.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
  await workbench.page.getByText('You trust this folder').waitFor();
  // An editor among the others, or before them all: that depends on the VS Code.
  const tab = workbench.activeTab.getByRole('button', { name: /^Close/ });
  await workbench.page.getByRole('button', { name: 'Close Modal Editor' }).or(tab).first().click();

  await expect
    .poll(() => offered(workbench), { timeout: 30_000 })
    .toEqual(['mine', 'own', 'theirs (workspace)']);
});

test('it brings none as objects in one another either', async () => {
  // This says the same, and gets past versions of VS Code that restrict the flat name only.
  const settings = { sluice: { servers: server('theirs') } };
  await using workbench = await openWorkbench({ trusted: false, userSettings, settings });
  expect(await offered(workbench)).toEqual(['mine', 'own']);
  await (await workbench.problems()).getByText(isSaid).waitFor();
});
