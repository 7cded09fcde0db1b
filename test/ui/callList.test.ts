import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabTool, text } from '../lab/tools.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const WAIT = { timeout: 15_000 };

let lab: Lab;
let workbench: Workbench;
/** The arguments of each call that came, by the tool. */
const calls: [string, unknown][] = [];

/** A tool that remembers what it was called with, and says it. */
function tool(name: string, properties: object, required: string[], more: object = {}): LabTool {
  return {
    definition: { name, inputSchema: { type: 'object', properties, required }, ...more },
    run: async ({ args }) => {
      calls.push([name, args]);
      return text(`${name} got ${JSON.stringify(args)}`);
    },
  };
}

const about = `Removes all documents that match the filter from a collection. ${'It does so at once. '.repeat(60)}The end.`;

beforeAll(async () => {
  const many = Object.fromEntries([...'abcdefghij'].map((name) => [name, { type: 'string' }]));
  lab = await startLab({
    tools: [
      tool(
        'delete_many',
        {
          database: { type: 'string', description: 'Name of the database.' },
          collection: { type: 'string', description: 'Name of the collection.' },
          filter: { type: 'object', description: 'Which documents to delete. Without it, all.' },
        },
        ['database', 'collection'],
        { description: about, annotations: { destructiveHint: true } },
      ),
      tool('wipe', {}, [], { annotations: { destructiveHint: true } }),
      tool(
        'search',
        { ...many, limit: { type: 'integer', minimum: 1 }, query: { type: 'string' } },
        ['query', 'limit'],
        {
          annotations: { readOnlyHint: true },
        },
      ),
      tool('label', { tags: { type: 'array', items: { type: 'string' }, minItems: 1 } }, ['tags']),
    ],
  });
  workbench = await openWorkbench({
    // What is typed is what is there.
    userSettings: {
      'sluice.servers': { lab: { url: lab.url } },
      'editor.autoClosingBrackets': 'never',
      'editor.autoClosingQuotes': 'never',
      'editor.autoSurround': 'never',
    },
  });
  await workbench.statusBar.waitFor();
});

afterAll(async () => {
  await workbench?.[Symbol.asyncDispose]();
  await lab?.close();
});

async function callTool(name: string): Promise<void> {
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool(name);
}

const result = () => workbench.webview.locator('body');
const title = () => workbench.page.locator('.quick-input-widget:visible .quick-input-title');
const dialog = () => workbench.page.locator('.monaco-dialog-box');
const marked = () => workbench.choices.and(workbench.page.locator('.focused')).locator('.label-name:visible');

async function press(button: string): Promise<void> {
  await dialog().locator('.monaco-button', { hasText: button }).click();
  await dialog().waitFor({ state: 'detached' });
}

test('what a tool deletes is never chosen by what the questions leave out', async () => {
  await callTool('delete_many');
  await workbench.question('Name of the database');
  expect(await title().innerText()).toContain('lab: delete_many: database (1/2)');
  await workbench.screenshot(picture('first-question'));
  await workbench.answer('Name of the database', 'shop');
  await workbench.answer('Name of the collection', 'orders');

  // The list says what is left out, and Enter calls nothing.
  await workbench.question('Read what is left out');
  expect(await marked().count()).toBe(0);
  await workbench.screenshot(picture('left-out'));
  await workbench.page.keyboard.press('Enter');
  await workbench.question('Nothing is chosen');
  expect(await workbench.choices.allInnerTexts()).toEqual([
    expect.stringMatching(/Call[\s\S]*without filter/),
    expect.stringMatching(/database[\s\S]*"shop"/),
    expect.stringMatching(/collection[\s\S]*"orders"/),
    expect.stringMatching(/filter[\s\S]*object · JSON[\s\S]*Without it, all/),
  ]);

  // It is written in the document, which holds the answers and has the cursor there.
  await workbench.pick('filter');
  await expect
    .poll(async () => (await workbench.editorLines()).join(''), WAIT)
    .toMatch(/"database": "shop".*"filter": \{\}/);
  await workbench.page.keyboard.insertText('{ "_id": 3 }');
  await expect
    .poll(async () => (await workbench.editorLines()).join(''), WAIT)
    .toContain('"filter": { "_id": 3 }');
  await workbench.page.keyboard.press('ControlOrMeta+Enter');
  await dialog().waitFor();
  expect(await dialog().innerText()).toContain('delete_many on lab may destroy data');
  await workbench.screenshot(picture('destructive'));
  expect(calls).toEqual([]);
  await press('Call');
  const sent = { database: 'shop', collection: 'orders', filter: { _id: 3 } };
  await expect.poll(() => calls, WAIT).toEqual([['delete_many', sent]]);

  // The next call carries the filter over, says so, and is one Enter away; it is asked about once.
  await callTool('delete_many');
  await workbench.answer('Name of the database', 'shop');
  await workbench.answer('Name of the collection', 'bills');
  await workbench.question('Enter goes on');
  expect((await marked().innerText()).trim()).toBe('Call');
  expect(await workbench.choices.allInnerTexts()).toContainEqual(
    expect.stringMatching(/filter[\s\S]*\{"_id":3\}/),
  );
  await workbench.screenshot(picture('carried-over'));
  await workbench.page.keyboard.press('Enter');
  await expect.poll(() => calls.at(-1), WAIT).toEqual(['delete_many', { ...sent, collection: 'bills' }]);
});

test('a tool that may destroy is asked about once, and Enter does not say yes', async () => {
  calls.length = 0;
  await callTool('wipe');
  await dialog().waitFor();
  await press('Cancel');
  await callTool('wipe');
  await dialog().waitFor();
  await workbench.page.keyboard.press('Enter');
  // The arguments are shown; nothing was called.
  await expect.poll(() => workbench.activeTab.innerText(), WAIT).toMatch(/wipe\s*\.json/);
  expect(calls).toEqual([]);
  await workbench.page.keyboard.press('ControlOrMeta+Enter');
  await dialog().waitFor();
  await press('Call');
  await expect.poll(() => calls, WAIT).toEqual([['wipe', {}]]);
  await workbench.runCommand('Sluice: Repeat Last Call');
  await expect
    .poll(() => calls, WAIT)
    .toEqual([
      ['wipe', {}],
      ['wipe', {}],
    ]);
});

test('of twelve arguments the two that are required are asked for, and the others are offered', async () => {
  calls.length = 0;
  await callTool('search');
  await workbench.answer('lab: search: limit (1/2)', '9007199254740993');
  await workbench.answer('lab: search: query (2/2)', 'reeds');
  await workbench.question('Enter goes on');
  expect((await marked().innerText()).trim()).toBe('Call');
  await workbench.screenshot(picture('offered'));
  await workbench.pick('c');
  await workbench.answer('lab: search: c (1/1)', 'x');
  await workbench.question('Enter goes on');
  await workbench.page.keyboard.press('Enter');
  await expect.poll(() => result().innerText(), WAIT).toMatch(/search got \{/);
  expect(await result().innerText()).toMatch(/"c":"x"/);
  expect(Object.keys(calls[0]?.[1] as object).sort()).toEqual(['c', 'limit', 'query']);
});

test('a list of texts is one question, which shows what it sends', async () => {
  calls.length = 0;
  await callTool('label');
  const box = await workbench.question('lab: label: tags (1/1)');
  await box.fill('red, "north, west"');
  await workbench.question('Enter sends ["red","north, west"]');
  await workbench.screenshot(picture('list'));
  await box.press('Enter');
  await expect.poll(() => calls, WAIT).toEqual([['label', { tags: ['red', 'north, west'] }]]);
});

/** Gives the focus to the page as soon as this list has it, so often: as VS Code does when it is late. Gives whether it did. */
async function takeFocusFrom(placeholder: string, times: number): Promise<() => Promise<unknown>> {
  await workbench.page.evaluate(`(() => {
    window.isTaken = false;
    let left = ${times};
    const done = new AbortController();
    const look = () => {
      if (done.signal.aborted || document.activeElement?.placeholder !== ${JSON.stringify(placeholder)}) return;
      document.querySelector('iframe.webview.ready').focus();
      if (--left > 0) return;
      clearInterval(looking);
      done.abort();
      window.isTaken = true;
    };
    const looking = setInterval(look, 1);
    document.addEventListener('focusin', () => queueMicrotask(look), { signal: done.signal });
  })()`);
  return () => workbench.page.evaluate('window.isTaken');
}

test('a list that VS Code closes to give the focus back to a page opens again', async () => {
  for (const [command, placeholder, times] of [
    ['Sluice: Call Tool', 'Server, tool or what it does', 1],
    ['Sluice: Diagnose Server', 'What to ask, about thirty times', 1],
    // By the palette, and by a page that was just drawn.
    ['Sluice: Call Tool', 'Server, tool or what it does', 2],
  ] as const) {
    await callTool('label');
    await workbench.answer('lab: label: tags', 'red');
    await result().getByText('label got').waitFor();
    const isTaken = await takeFocusFrom(placeholder, times);
    await workbench.runCommand(command);
    await expect.poll(isTaken, WAIT).toBe(true);
    const list = workbench.page.getByPlaceholder(placeholder);
    await expect.poll(() => list.evaluate((box) => box.matches(':focus')), WAIT).toBe(true);
    await list.press('Escape');
    await list.waitFor({ state: 'hidden' });
  }
});

test('a tool says in its row what it may do, and its whole description can be read while it is chosen and asked for', async () => {
  await workbench.runCommand('Sluice: Call Tool');
  const row = workbench.choices.filter({ hasText: 'delete_many' }).first();
  // A tool that was called before is listed at once, and what its server says of it follows.
  await expect.poll(() => row.innerText(), WAIT).toContain('may destroy data');
  await workbench.screenshot(picture('hints'));
  await row.hover();
  await row.locator('.codicon-info').click();
  await expect
    .poll(async () => (await workbench.editorLines()).join(' '), WAIT)
    .toContain('Removes all documents');
  await workbench.pickTool('delete_many');
  await workbench.question('Name of the database');
  await workbench.page.locator('.quick-input-titlebar:visible .codicon-info').click();
  await expect
    .poll(async () => (await workbench.editorLines()).join(' '), WAIT)
    .toContain('may destroy data');
  await workbench.question('Name of the database');
  await workbench.screenshot(picture('about'));
  await workbench.page.keyboard.press('Escape');
});
