import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoServer, startDemoServer } from '../../src/demo/index.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

let demo: DemoServer;
let workbench: Workbench;

beforeAll(async () => {
  demo = await startDemoServer();
  workbench = await openWorkbench({ userSettings: { 'sluice.servers': { demo: { url: demo.url } } } });
  await workbench.statusBar.waitFor();
});

afterAll(async () => {
  await workbench?.[Symbol.asyncDispose]();
  await demo?.close();
});

const page = () => workbench.webview.locator('body');

async function callTool(name: string): Promise<void> {
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool(name);
}

test('a tool that asks back: the user sees who asks, answers field by field, and gets the result', async () => {
  await callTool('ask');
  await workbench.answer('How to greet you', 'Welcome');
  await workbench.question('The server demo asks');
  await workbench.screenshot(picture('elicitation'));
  await workbench.pick('Answer…');
  await workbench.answer('What shall I call you?', 'Ada');
  await workbench.pick('Green, like reeds');
  await workbench.question('postcard');
  await workbench.page.keyboard.press('Enter');
  await workbench.pick('Send to demo');
  await expect.poll(() => page().innerText(), { timeout: 10_000 }).toMatch(/Ada[\s\S]*green/i);
});

test('a tool that takes its time is cancelled with a click on the status bar, and stops on the server', async () => {
  await callTool('slow');
  await workbench.answer('How long to take in all', '100');
  await workbench.answer('How many times to report progress', '10');
  await expect.poll(() => workbench.statusBar.innerText(), { timeout: 10_000 }).toContain('demo…');
  await expect.poll(() => demo.stats().runningCalls).toBe(1);
  await workbench.statusBar.click();
  await expect.poll(() => page().innerText(), { timeout: 10_000 }).toMatch(/cancelled/i);
  await expect.poll(() => demo.stats().runningCalls).toBe(0);
});

test('an image is shown as one', async () => {
  await callTool('image');
  const question = workbench.page.locator('.quick-input-widget:visible .quick-input-title');
  // Its arguments are optional: each is left as it is.
  while (await question.isVisible()) {
    await workbench.page.keyboard.press('Enter');
    if ((await page().locator('img').count()) > 0) break;
  }
  const image = page().locator('img').first();
  await image.waitFor();
  expect(
    await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
  ).toBeGreaterThan(0);
});

test('a failure of the tool is plainly one', async () => {
  await callTool('fail');
  await workbench.pick('A result with isError: the tool ran and failed');
  await workbench.answer('The reason to give', 'the gate is stuck');
  await expect.poll(() => page().innerText(), { timeout: 10_000 }).toMatch(/error[\s\S]*the gate is stuck/i);
  await workbench.screenshot(picture('tool-error'));
});
