import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabTool, text } from '../lab/tools.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** Milliseconds from the window to the extension host, and as many back. */
const ONE_WAY = 50;

/** Names that are parts of others, and that others tell of themselves. */
const names = [
  ...['list', 'list_files', 'read', 'read_file', 'spread', 'search', 'research', 'add', 'readd'],
  ...['note', 'denote', 'send', 'resend', 'echo', 'say_hello', 'wait', 'await_all', 'sum', 'summary'],
];

/** `SLUICE_PICKS=100` is the whole figure; what CI runs picks each tool once. */
const PICKS = Number(process.env['SLUICE_PICKS'] ?? names.length);

let lab: Lab;
let workbench: Workbench;
const called: string[] = [];

beforeAll(async () => {
  lab = await startLab({
    tools: names.map(
      (name, n): LabTool => ({
        definition: {
          name,
          description: `As ${names.at(n - 1)}, after ${names.at(n - 4)} and before ${names.at(n - 9)}`,
          inputSchema: { type: 'object' },
          annotations: { readOnlyHint: true },
        },
        run: async () => {
          called.push(name);
          return text(name);
        },
      }),
    ),
  });
  workbench = await openWorkbench({
    userSettings: { 'sluice.servers': { lab: { url: lab.url } } },
    oneWayMs: ONE_WAY,
  });
  await workbench.statusBar.waitFor();
  // From now on the palette has it first.
  await workbench.runCommand('Sluice: Call Tool');
  await rows().waitFor();
  await leave();
});

afterAll(async () => {
  await workbench?.[Symbol.asyncDispose]();
  await lab?.close();
});

test('picks by who types and presses Enter at once, over a long way, each call the tool that was typed', async () => {
  const { page } = workbench;
  const ends: string[] = [];
  for (let n = 0; n < PICKS; n++) {
    // In an order that is none, and the same in each run.
    const name = names[(n * 7) % names.length] ?? '';
    await open();
    const before = called.length;
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    const isCalled = () => called.length > before;
    await expect
      .poll(isCalled, { timeout: 2_000, interval: 20 })
      .toBe(true)
      .catch(() => undefined);
    // A pick that is not taken leaves the list open. One that is closes it, and a busy machine takes its time then.
    if (!isCalled() && !(await list().isVisible()))
      await expect.poll(isCalled, { timeout: 20_000, interval: 20 }).toBe(true);
    const [end = 'none'] = called.slice(before);
    ends.push(end === name ? 'right' : `${name}: ${end}`);
    if (end === 'none') await leave();
    await list().waitFor({ state: 'hidden' });
  }
  expect(ends).toEqual(Array(PICKS).fill('right'));
}, 300_000);

const list = () => workbench.page.getByPlaceholder('Server, tool or what it does');
const rows = () => workbench.choices.filter({ hasText: 'before' }).first();

/** Opens the list of tools, and waits for its rows. Again where VS Code closed the palette, or the list, to give the focus to a page. */
async function open(): Promise<void> {
  const command = workbench.choices.filter({ hasText: 'Sluice: Call Tool' }).first();
  for (let times = 1; ; times++) {
    try {
      await workbench.page.keyboard.press('F1');
      await command.waitFor({ timeout: 2_000 });
      await workbench.page.keyboard.press('Enter');
      return await rows().waitFor({ timeout: 3_000 });
    } catch (error) {
      if (times === 5) throw error;
    }
  }
}

async function leave(): Promise<void> {
  await list().press('Escape');
  await list().waitFor({ state: 'hidden' });
}
