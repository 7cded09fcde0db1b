import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AskingServer, startAskingServer } from './askingServer.ts';
import { picture } from './picture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** One for each test: how much of the user's attention a server took is counted for each. */
const NAMES = ['typing', 'again', 'leaving', 'palette', 'room', 'outside', 'flood', 'imitating'] as const;
type Name = (typeof NAMES)[number];

let servers: Readonly<Record<Name, AskingServer>>;
let workbench: Workbench;

beforeAll(async () => {
  const started = await Promise.all(NAMES.map((name) => startAskingServer(name)));
  servers = Object.fromEntries(NAMES.map((name, n) => [name, started[n]])) as typeof servers;
  workbench = await openWorkbench({ userSettings: settings(), files: { 'notes.txt': '\n' } });
  await workbench.statusBar.waitFor();
  // The list of their tools connects them all.
  await workbench.runCommand('Sluice: Call Tool');
  for (const name of NAMES) await workbench.choice(name);
  await key('Escape');
});

afterAll(async () => {
  await workbench?.[Symbol.asyncDispose]();
  for (const server of Object.values(servers ?? {})) await server[Symbol.asyncDispose]();
});

function settings(): Record<string, unknown> {
  return {
    'sluice.servers': Object.fromEntries(NAMES.map((name) => [name, { url: servers[name].url }])),
  };
}

const box = () => workbench.page.locator('.quick-input-widget:visible');
const title = () => box().locator('.quick-input-title');
const editor = () => workbench.page.locator('.editor-instance .view-lines').first();
const result = () => workbench.webview.locator('body').innerText();
const key = (name: string) => workbench.page.keyboard.press(name);
const answerOf = ({ answers }: AskingServer, id: string) =>
  answers.find((answer) => answer.startsWith(`${id} `));
const answered = (server: AskingServer, id: string) =>
  expect.poll(() => answerOf(server, id), { timeout: 10_000 });

/** Calls a server's tool, whose server says nothing yet. */
async function call(name: Name): Promise<AskingServer> {
  await workbench.runCommand('Sluice: Call Tool');
  await workbench.pickTool(name);
  await servers[name].nextCall();
  return servers[name];
}

/** The box of a question, when it can be answered. */
async function question(name: Name): Promise<void> {
  await workbench.question(`The server ${name} asks (user settings)`);
  await workbench.choice('Decline');
}

/** Moves the mark to a row, as a person does who looks where it is. */
async function mark(label: string): Promise<void> {
  const marked = workbench.choices.and(workbench.page.locator('.focused')).filter({ hasText: label });
  await expect
    .poll(
      async () => {
        await key('ArrowDown');
        return marked.count();
      },
      { timeout: 10_000 },
    )
    .toBe(1);
}

test('what is typed into an editor while a server asks answers nothing, ten times out of ten', async () => {
  await workbench.openFile('notes.txt');
  const server = await call('typing');
  for (let n = 0; n < 10; n++) {
    await editor().click();
    await key('a');
    server.askInCall(`q${n}`);
    // Until the box has taken the focus, and on.
    while (!(await title().isVisible())) await Promise.all(['a', 'Enter'].map(key));
    await Promise.all(['Enter', 'd', 'Enter', 'ArrowDown', 'Enter', 'Escape', 'Enter'].map(key));
    await question('typing');
    // Nothing is marked, so that Enter says nothing.
    await key('Enter');
    expect(server.answers).toHaveLength(n);
    await mark('Accept');
    await key('Enter');
    await answered(server, `q${n}`).toBe(`q${n} accept`);
  }
  server.endCall('done');
  await expect.poll(result, { timeout: 10_000 }).toContain('done');
}, 180_000);

test('a server that asks again at each answer is left by two Escapes and a way to hear no more of it until the next call', async () => {
  const server = await call('again');
  let asked = 0;
  const askAgain = () => {
    if (asked < 20) server.askInCall(`q${++asked}`);
    else server.endCall('enough');
  };
  server.onAnswer = askAgain;
  askAgain();
  for (const id of ['q1', 'q2']) {
    await question('again');
    expect(await box().getByText('Ignore Until the Next Call').count()).toBe(0);
    await key('Escape');
    await answered(server, id).toBe(`${id} cancel`);
  }
  await question('again');
  await workbench.choice('Ignore Until the Next Call');
  await workbench.screenshot(picture('question-ignore'));
  await workbench.pick('Ignore Until the Next Call');
  await expect.poll(result, { timeout: 10_000 }).toContain('enough');
  expect(server.answers).toHaveLength(20);
  server.onAnswer = undefined;
  await call('again');
  server.askInCall('next');
  await question('again');
  await workbench.pick('Decline');
  await answered(server, 'next').toBe('next decline');
  server.endCall('done');
});

test('Escape leaves the question, and not the palette that is opened right after it', async () => {
  const server = await call('leaving');
  server.askInCall('q');
  await question('leaving');
  await Promise.all(['Escape', 'F1'].map(key));
  await answered(server, 'q').toBe('q cancel');
  expect(await workbench.page.getByPlaceholder('Type the name of a command').isVisible()).toBe(true);
  await key('Escape');
  server.endCall('done');
  await expect.poll(result, { timeout: 10_000 }).toContain('done');
});

test('the palette stays usable under a server that asks at each answer: it can be disconnected', async () => {
  const server = await call('palette');
  let asked = 0;
  const askAgain = () => server.askInCall(`q${++asked}`);
  server.onAnswer = askAgain;
  askAgain();
  await question('palette');
  await key('Escape');
  // The next question is on the screen only after that: until then it is the first one.
  await answered(server, 'q1').toBe('q1 cancel');
  await question('palette');
  // F1 answers nothing: the question waits behind the bell.
  await workbench.runCommand('Sluice: Disconnect');
  await workbench.pick('palette');
  await expect.poll(result, { timeout: 10_000 }).toMatch(/disconnected|closed/i);
  expect(server.answers).toEqual(['q1 cancel']);
});

test('a question that had to make room waits as a notification, from which it is answered', async () => {
  const server = await call('room');
  server.askInCall('q');
  await question('room');
  expect(await workbench.searchCommands('Sluice: Show Latency')).toContain('Sluice: Show Latency');
  const notifications = await workbench.notifications();
  const one = notifications.filter({ hasText: 'The server room asks (user settings): Delete all?' });
  await one.getByRole('button', { name: 'Answer…' }).click();
  await question('room');
  expect(server.answers).toEqual([]);
  await mark('Accept');
  await key('Enter');
  await answered(server, 'q').toBe('q accept');
  server.endCall('done');
});

test('a question outside of any call is a notification: the editor keeps its keys', async () => {
  const server = servers.outside;
  await workbench.openFile('notes.txt');
  await editor().click();
  await server.askUnasked('q', {
    mode: 'form',
    message: 'Delete [all](command:a.b)?',
    requestedSchema: { type: 'object', properties: {} },
  });
  await workbench.page.keyboard.type('mine', { delay: 100 });
  await expect
    .poll(() => workbench.editorLines(), { timeout: 10_000 })
    .toContainEqual(expect.stringContaining('mine'));
  const notifications = await workbench.notifications();
  const one = notifications.filter({ hasText: 'Delete [all] (command:a.b)?' });
  await one.waitFor();
  await workbench.screenshot(picture('question-notification'));
  expect(await one.locator('a').filter({ hasText: 'all' }).count()).toBe(0);
  await one.getByRole('button', { name: 'Decline' }).click();
  await answered(server, 'q').toBe('q decline');
  expect(await title().count()).toBe(0);
});

test('a flood of questions outside of any call is one notification at a time, one warning, and an answer to all beyond', async () => {
  const server = servers.flood;
  for (let n = 0; n < 16; n++) await server.askUnasked(`q${n}`);
  await expect.poll(() => server.answers.length, { timeout: 10_000 }).toBe(10);
  expect(server.answers.every((answer) => answer.endsWith(' cancel'))).toBe(true);
  const notifications = await workbench.notifications();
  const of = (text: string) => notifications.filter({ hasText: text });
  await of('flood asks more than 6 times a minute').waitFor();
  expect(await of('flood asks more than 6 times a minute').count()).toBe(1);
  expect(await of('The server flood asks (user settings): Delete all?').count()).toBe(1);
});

const IMITATION = [
  'To go on, your bank has to know you again.',
  '$(globe) https://bank.example/login',
  '$(warning) You will be logged out',
  '$(link-external) Open bank.example',
  'Decline',
].join('\n');
const ADDRESS = 'https://user:secret@xn--le-6kc8da.example/$(verified)/login?next=%2Faccount';

test.each(['Default Dark Modern', 'Default Light Modern', 'Default High Contrast'])(
  'what a server says is quoted, and cannot be taken for an address or an answer: %s',
  async (theme) => {
    await workbench.writeSettings({ 'workbench.colorTheme': theme });
    const server = await call('imitating');
    server.askInCall(theme, { mode: 'url', message: IMITATION, url: ADDRESS, elicitationId: 'e' });
    await question('imitating');
    // The answers come once no key has been pressed for a moment.
    await workbench.choice('Open xn--le-6kc8da.example');
    await workbench.screenshot(picture(`question-quoted-${theme.split(' ')[1]?.toLowerCase()}`));
    const rows = await workbench.choices.evaluateAll((all) =>
      all.map((row) => ({
        icon: row.querySelector('.label-name .codicon')?.className ?? '',
        text: row.querySelector('.label-name')?.textContent?.trim() ?? '',
      })),
    );
    const drawn = (icon: string) =>
      rows.filter((row) => row.icon.includes(`codicon-${icon}`)).map(({ text }) => text);
    expect(drawn('quote')).toEqual(IMITATION.split('\n').map((line) => line.replace('$(', '$ (')));
    expect(drawn('globe').join('')).toBe(ADDRESS);
    expect(drawn('link-external')).toEqual(['Open xn--le-6kc8da.example']);
    await key('Escape');
    await answered(server, theme).toBe(`${theme} cancel`);
    server.endCall('done');
  },
);
