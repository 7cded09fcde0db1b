import { expect, test } from 'vitest';
import { startLab } from '../lab/lab.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

async function diagnose(workbench: Workbench, what: string): Promise<void> {
  await workbench.runCommand('Sluice: Diagnose Server');
  await workbench.question('What to ask, about thirty times');
  await workbench.pick(what);
}

test('a server that stalls is diagnosed, and the report says what to change', async () => {
  await using lab = await startLab({ mode: 'split-stall', on: 'all' });
  await using workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { lab: { url: lab.url } } },
  });
  await workbench.statusBar.waitFor();
  const page = workbench.webview.locator('body');

  await workbench.runCommand('Sluice: Diagnose Server');
  await workbench.question('What to ask, about thirty times');
  await workbench.choices.filter({ hasText: 'server/discover' }).waitFor();
  await workbench.pictures('diagnosis-what');
  await workbench.pick('server/discover');
  await workbench.question('How long');
  await workbench.pictures('diagnosis-how-long');
  await workbench.pick('Short');
  await expect
    .poll(() => page.innerText(), { timeout: 30_000 })
    .toMatch(/1 finding costs callers time, up to (?:[4-9]\d|\d{3,}) ms a call/);
  expect(await page.innerText()).toContain('TCP_NODELAY');
  await workbench.pictures('diagnosis');
  await workbench.scrollTo(page.getByRole('heading', { name: 'What to change on the server' }));
  await workbench.scrollTo(page.getByRole('heading', { name: 'As measured' }));
  await workbench.pictures('diagnosis-changes');
});

test('a tool that may change something is diagnosed with only after a yes', async () => {
  await using lab = await startLab({});
  await using workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { lab: { url: lab.url } } },
  });
  await workbench.statusBar.waitFor();
  await diagnose(workbench, 'fail');
  await workbench.question('How long');
  await workbench.pick('Short');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText('Call fail up to 31 times on lab?').waitFor();
  await workbench.screenshot(picture('diagnosis-confirmation'));
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(lab.counts.calls.get('fail')).toBeUndefined();

  await diagnose(workbench, 'fail');
  await workbench.question('How long');
  await workbench.pick('Short');
  await dialog.getByRole('button', { name: 'Call', exact: true }).click();
  await lab.waitFor(({ counts }) => (counts.calls.get('fail') ?? 0) >= 3, 20_000);
  const notification = (await workbench.notifications()).filter({ hasText: 'Diagnosis of lab' });
  await notification.hover();
  await notification.getByRole('button', { name: 'Cancel' }).click();
  await expect
    .poll(() => workbench.webview.locator('body').innerText(), { timeout: 10_000 })
    .toMatch(/Cancelled\. What was seen until then is below/);
});
