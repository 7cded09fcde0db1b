import { expect, test } from 'vitest';
import { startDemoServer } from '../../src/demo/index.ts';
import { startLab } from '../lab/lab.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

async function pickTool(workbench: Workbench, name: string): Promise<void> {
  await workbench.runCommand('Sluice: Benchmark Tool');
  await workbench.pickTool(name);
}

test('a tool is benchmarked, and two runs are compared', async () => {
  const demo = await startDemoServer();
  try {
    await using workbench = await openWorkbench({
      userSettings: { 'sluice.servers': { demo: { url: demo.url } } },
    });
    await workbench.statusBar.waitFor();
    const page = workbench.webview.locator('body');

    await pickTool(workbench, 'say_hello');
    await workbench.answer('name', 'Ada');
    await workbench.question('How to call it');
    await workbench.pictures('benchmark-plan');
    await workbench.pick('1,000 calls, 8 at once');
    await expect.poll(() => page.innerText(), { timeout: 20_000 }).toMatch(/1,000 answers in/);
    await page.locator('svg.histogram').waitFor();
    await workbench.pictures('benchmark');
    await page.locator('ul.list').scrollIntoViewIfNeeded();
    await workbench.pictures('benchmark-phases');

    await page.getByText('Run again').click();
    await expect
      .poll(() => page.locator('.facts').first().innerText(), { timeout: 20_000 })
      .toContain('1,000 calls');
    await expect
      .poll(
        async () => {
          await page
            .getByText('Compare with…')
            .click({ timeout: 1000 })
            .catch(() => undefined);
          return page.innerText();
        },
        { timeout: 20_000 },
      )
      .toMatch(/Two benchmark runs/);
    await workbench.pictures('benchmark-comparison');
  } finally {
    await demo.close();
  }
});

test('a tool that may change something is called only after a yes, and what was measured outlives a cancel', async () => {
  await using lab = await startLab({ mode: { name: 'slow-headers', options: { afterMs: 200 } } });
  await using workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { lab: { url: lab.url } } },
  });
  await workbench.statusBar.waitFor();
  const page = workbench.webview.locator('body');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  const ask = async () => {
    await pickTool(workbench, 'add');
    await workbench.answer('lab: add: a (1/2)', '1');
    await workbench.answer('lab: add: b (2/2)', '2');
    await workbench.question('How to call it');
    await workbench.pick('100 calls, one after another');
    await dialog.getByText('Call add 100 times on lab?').waitFor();
  };

  await ask();
  await workbench.screenshot(picture('benchmark-confirmation'));
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'hidden' });
  expect(lab.counts.calls.get('add')).toBeUndefined();

  await ask();
  await dialog.getByRole('button', { name: 'Call', exact: true }).click();
  await lab.waitFor(({ counts }) => (counts.calls.get('add') ?? 0) >= 3);
  const notification = (await workbench.notifications()).filter({ hasText: 'Benchmark of add' });
  await notification.hover();
  await notification.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(() => page.innerText(), { timeout: 10_000 }).toMatch(/Cancelled\./);
  expect(await page.innerText()).toMatch(/cancelled 1/);
  expect(lab.counts.calls.get('add')).toBeLessThan(100);
});
