import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabTool, text } from '../lab/tools.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

let lab: Lab;
let workbench: Workbench;

/** A tool that asks the user one thing, and answers with what came back. */
function asks(name: string, params: () => object): LabTool {
  return {
    definition: { name, inputSchema: { type: 'object' } },
    run: async (call) => {
      const { it } = await call.ask({ it: { method: 'elicitation/create', params: { ...params() } } });
      return text(JSON.stringify(it));
    },
  };
}

const form = () => ({
  mode: 'form',
  message: 'To book your table I need your name and how many you are.',
  requestedSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Name', default: 'Ada' },
      guests: { type: 'integer', title: 'Guests', minimum: 1, maximum: 8, default: 2 },
      seat: { type: 'object', title: 'Seat' },
    },
    required: ['name', 'guests'],
  },
});

const secret = () => ({
  mode: 'form',
  message: 'Your PIN, please.',
  requestedSchema: {
    type: 'object',
    properties: { pin: { type: 'integer', title: 'Pin', format: 'password' } },
    required: ['pin'],
  },
});

/** Longer than a row of a list, and with what must stay encoded as it is. */
const address = new URL(
  `https://accounts.example/login?next=${encodeURIComponent('https://a.example/?b=1&c=2')}&state=${'0123456789'.repeat(12)}`,
);

const suspicious = () => ({
  mode: 'url',
  message: 'Log in',
  url: 'https://\u0430\u0440\u0440le.example/login',
});

beforeAll(async () => {
  lab = await startLab({
    tools: [
      asks('book', form),
      asks('unlock', secret),
      asks('log_in', () => ({ mode: 'url', message: 'Please log in to go on.', url: address.href })),
      asks('imitate', suspicious),
    ],
  });
  workbench = await openWorkbench({ userSettings: { 'sluice.servers': { lab: { url: lab.url } } } });
  await workbench.statusBar.waitFor();
});

afterAll(async () => {
  await workbench?.[Symbol.asyncDispose]();
  await lab?.close();
});

const result = () => workbench.webview.locator('body').innerText();
/** Labels of the rows: VS Code keeps the elements of earlier lists, out of sight. */
const labels = () => workbench.choices.locator('.label-name:visible');
const rows = async () =>
  (await labels().allInnerTexts()).map((label) => label.trim()).filter((label) => label !== '');

/** Calls a tool, and waits until its server asks and can be answered. */
async function beAsked(name: string): Promise<Locator> {
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool(name);
  const box = await workbench.question('The server lab asks');
  await workbench.choice('Decline');
  return box;
}

test('a form says who asks, for what and why, begins with its defaults, and is sent when it was reviewed', async () => {
  await beAsked('book');
  await workbench.question('To book your table I need your name and how many you are.');
  expect(await workbench.choices.allInnerTexts()).toEqual([
    expect.stringMatching(/Answer…[\s\S]*Name, Guests/),
    expect.stringContaining('Decline'),
  ]);
  await workbench.pick('Answer…');
  const name = await workbench.question('name: Name');
  expect(await name.inputValue()).toBe('Ada');
  await name.press('Enter');
  const guests = await workbench.question('guests: Guests');
  expect(await guests.inputValue()).toBe('2');
  await guests.fill('9');
  await guests.press('Enter');
  await workbench.inputMessage.getByText('from 1 to 8').waitFor();
  await guests.fill('3');
  await guests.press('Enter');

  await workbench.question('These are your answers');
  await workbench.choice('Send to lab');
  await workbench.screenshot(picture('elicitation-review'));
  expect(await workbench.choices.allInnerTexts()).toEqual([
    expect.stringMatching(/Send to lab[\s\S]*not asked: seat/),
    expect.stringMatching(/Name\s*Ada/),
    expect.stringMatching(/Guests\s*3/),
  ]);
  await workbench.pick('Name');
  await workbench.answer('name: Name', 'Grace');
  await workbench.question('These are your answers');
  const asked = lab.received.length;
  await workbench.pick('Send to lab');
  await expect.poll(result, { timeout: 10_000 }).toMatch(/"accept"[\s\S]*Grace/);
  expect(lab.received[asked]?.message?.params?.inputResponses).toEqual({
    it: { action: 'accept', content: { name: 'Grace', guests: 3 } },
  });
});

test('a number that its schema calls secret is neither shown while it is typed nor where it is reviewed', async () => {
  await beAsked('unlock');
  await workbench.pick('Answer…');
  const pin = await workbench.question('pin: Pin');
  expect(await pin.getAttribute('type')).toBe('password');
  await pin.fill('4711');
  await pin.press('Enter');
  await workbench.question('These are your answers');
  await workbench.choice('Send to lab');
  expect(await workbench.choices.allInnerTexts()).toContainEqual(expect.stringMatching(/Pin\s*••••/));
  await workbench.pick('Send to lab');
  await expect.poll(result, { timeout: 10_000 }).toMatch(/"accept"[\s\S]*4711/);
});

test('a question may be declined, or left at any time, and the server hears which', async () => {
  await beAsked('book');
  await workbench.pick('Decline');
  await expect.poll(result, { timeout: 10_000 }).toContain('"decline"');
  // Into the box: after a click VS Code may give the focus to the page behind it.
  await (await beAsked('book')).press('Escape');
  await expect.poll(result, { timeout: 10_000 }).toContain('"cancel"');
  await beAsked('log_in');
  await workbench.pick('Decline');
  await expect.poll(result, { timeout: 10_000 }).toContain('"decline"');
  await beAsked('book');
  await workbench.pick('Answer…');
  await workbench.answer('name: Name', 'Ada');
  await (await workbench.question('guests: Guests')).press('Escape');
  await expect.poll(result, { timeout: 10_000 }).toContain('"cancel"');
});

test('an address is shown whole beside its host, and opened by consent alone, as the server gave it', async () => {
  const visits: string[] = [];
  await workbench.page.context().route(/accounts\.example/, (route) => {
    visits.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: 'Welcome' });
  });
  await beAsked('log_in');
  await workbench.question('Please log in to go on.');
  const shown = await rows();
  await workbench.screenshot(picture('elicitation-url'));
  const at = shown.indexOf(`Open ${address.host}`);
  expect(shown.slice(0, at).join('')).toBe(address.href);
  const list = await workbench.page.locator('.quick-input-list').boundingBox();
  const ends = await labels().evaluateAll((all) => all.map((label) => label.getBoundingClientRect().right));
  for (const end of ends) expect(end).toBeLessThan((list?.x ?? 0) + (list?.width ?? 0));
  expect(visits).toEqual([]);
  await workbench.pick(`Open ${address.host}`);
  // VS Code's own question, of any host that it was not told to trust.
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  expect(visits).toEqual([]);
  const opened = workbench.page.context().waitForEvent('page');
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  const page = await opened;
  await page.getByText('Welcome').waitFor();
  expect(page.url()).toBe(address.href);
  await page.close();
  expect(visits).toEqual([address.href]);
  await expect.poll(result, { timeout: 10_000 }).toContain('"accept"');
});

test('an address that may imitate another one is warned of', async () => {
  const box = await beAsked('imitate');
  expect(await rows()).toEqual([
    'https://xn--le-6kc8da.example/login',
    expect.stringContaining('letters of other alphabets'),
    expect.stringMatching(/^Open xn--/),
    'Decline',
    'The server is told that you do not answer.',
  ]);
  await box.press('Escape');
  await expect.poll(result, { timeout: 10_000 }).toContain('"cancel"');
});
