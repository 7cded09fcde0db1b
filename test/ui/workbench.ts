// A real VS Code workbench in a real browser, for tests that do what a user does and see what a user sees.
// How to use it: open one, act, read, and let `await using` close it. Every method waits for what it needs.
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { root } from '../../scripts/host/paths.ts';
import { quietSettings } from '../../scripts/host/quietSettings.ts';
import {
  remoteUri,
  startVSCodeServer,
  type VSCodeServer,
  workbenchUrl,
} from '../../scripts/host/vscodeServer.ts';
import { launchBrowser } from '../host/runner/browser.ts';
import { startDelayedLink } from '../lab/delayedLink.ts';
import { LogChannel } from './logChannel.ts';
import { picture } from './picture.ts';
import { uiHost } from './uiHost.ts';

export interface WorkbenchOptions {
  /** Sluice installed from the VSIX as a user would, the default, or under development, from dist/. */
  readonly extension?: 'installed' | 'development';
  /** Without the extensions that VS Code brings. */
  readonly alone?: boolean;
  /** The workspace's settings.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The user's settings.json, beside `quietSettings`. */
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** Files to lay into the folder first: path to content. */
  readonly files?: Readonly<Record<string, string>>;
  /** Off, the folder opens in Restricted Mode. On by default. */
  readonly trusted?: boolean;
  /** The level of Sluice's log channels. */
  readonly logLevel?: 'info' | 'debug' | 'trace';
  /** Pixels of a screenshot per pixel of the page. 1 by default. */
  readonly scale?: number;
  /** What the extension host finds in its environment, beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds that a message takes from the window to the extension host, and as many back: as of a remote machine. */
  readonly oneWayMs?: number;
}

const identifier = 'sluice.sluice';

/** Of the workspace. */
const settingsFile = '.vscode/settings.json';

/** The frame of the webview in view. */
const shownPage = 'iframe.webview.ready:visible';

/** Within a quick input; its other inputs are check boxes. */
const inputBox = '.quick-input-box input';

/** By which the list of all tools is known. Its rows come and go as servers answer. */
const listPlaceholder = 'Server, tool or what it does';

/** By the names that the oldest VS Code knows; the newest takes them for its own. With how a page tells which it has. */
const themes = {
  dark: { name: 'Default Dark Modern', workbench: 'vs-dark', webview: 'vscode-dark' },
  light: { name: 'Default Light Modern', workbench: 'vs', webview: 'vscode-light' },
  'high-contrast': {
    name: 'Default High Contrast',
    workbench: 'hc-black',
    webview: 'vscode-high-contrast',
  },
};

export type Theme = keyof typeof themes;

export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const host = await uiHost();
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-ui-'));
  const folder = path.join(directory, 'workspace');
  const dataDirectory = path.join(directory, 'data');
  const opened: (() => Promise<void>)[] = [
    () => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
  ];
  try {
    const settings = options.settings ?? {};
    const files = { [settingsFile]: JSON.stringify(settings, undefined, 2), ...options.files };
    for (const [file, content] of Object.entries(files)) await writeInto(folder, file, content);
    const payload: [string, string][] = [['logLevel', `${identifier}:${options.logLevel ?? 'info'}`]];
    if (options.alone === true) await mkdir(path.join(directory, 'no-extensions'));
    const underDevelopment = options.extension === 'development' ? await layOut(directory) : undefined;
    const server = await startVSCodeServer({
      build: host.build,
      dataDirectory,
      ...(underDevelopment === undefined ? { extensionsDirectory: inject('installed') } : {}),
      ...(options.alone === true
        ? { builtinExtensionsDirectory: path.join(directory, 'no-extensions') }
        : {}),
      automation: true,
      workspaceTrust: options.trusted === false,
      userSettings: {
        ...quietSettings,
        'workbench.colorTheme': themes.dark.name,
        // Restricted Mode is entered at once, instead of after a dialog.
        'security.workspace.trust.startupPrompt': 'never',
        ...options.userSettings,
      },
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    opened.push(() => server.close());
    let { origin } = server;
    if (options.oneWayMs !== undefined) {
      const link = await startDelayedLink(origin, { oneWayMs: options.oneWayMs });
      opened.push(() => link.close());
      origin = new URL(link.url).origin;
    }
    if (underDevelopment !== undefined) {
      payload.push(['extensionDevelopmentPath', remoteUri(origin, underDevelopment)]);
    }
    const browser = await launchBrowser(host.browser);
    opened.push(() => browser.close());
    const url = workbenchUrl(origin, { folder, payload });
    const page = await openPage(browser, url, options.scale);
    const workbench = new Workbench(page, folder, server, opened);
    open.add(workbench);
    opened.push(async () => void open.delete(workbench));
    return workbench;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/**
 * The extension under development, outside the project. Inside it lies the VS Code of the tests, and with it all
 * themes: VS Code takes those for the extension's own, and shows the first of them.
 */
async function layOut(directory: string): Promise<string> {
  const extension = path.join(directory, 'extension');
  await mkdir(extension);
  await copyFile(path.join(root, 'package.json'), path.join(extension, 'package.json'));
  for (const part of ['dist', 'media'])
    await symlink(path.join(root, part), path.join(extension, part), 'junction');
  return extension;
}

async function openPage(browser: Browser, url: string, scale = 1): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await extensionsAreRead(page);
  return page;
}

/** The palette offers an extension's commands only after that. */
async function extensionsAreRead(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByName('code/didLoadExtensions').length > 0);
}

export class Workbench implements AsyncDisposable {
  readonly page: Page;
  /** The folder that is open. */
  readonly folder: string;
  readonly #server: VSCodeServer;
  readonly #opened: (() => Promise<void>)[];
  readonly #quickInput: Locator;

  constructor(page: Page, folder: string, server: VSCodeServer, opened: (() => Promise<void>)[]) {
    this.page = page;
    this.folder = folder;
    this.#server = server;
    this.#opened = opened;
    this.#quickInput = page.locator('.quick-input-widget');
  }

  /** Starts the window and its extension host again. */
  async reload(): Promise<void> {
    await this.page.reload();
    await extensionsAreRead(this.page);
  }

  /** Runs a command from the palette, by its title: `Sluice: Call Tool`. */
  async runCommand(title: string): Promise<void> {
    await this.#inPalette(title, () => this.#row(title).click({ timeout: 5_000 }));
  }

  /** The titles that the palette offers for a text, in its order. Leaves the palette. */
  async searchCommands(text: string): Promise<string[]> {
    const titles = await this.#inPalette(text, () => this.choices.locator('.label-name').allInnerTexts());
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Does something in the palette with a text, once that finds a row. All anew where VS Code closed it to give the focus to a page. */
  async #inPalette<T>(text: string, act: () => Promise<T>): Promise<T> {
    await this.#pageHasFocus();
    const box = this.#quickInput.locator(inputBox);
    const found = this.choices.locator('.label-name', { hasText: text }).first();
    for (let times = 1; ; times++) {
      try {
        await this.page.keyboard.press('F1');
        await box.fill(`>${text}`, { timeout: 5_000 });
        await found.waitFor({ timeout: 5_000 });
        return await act();
      } catch (error) {
        if (times === 6) throw error;
      }
    }
  }

  /**
   * VS Code gives the focus to a page some time after it shows it, or after a dialog before it closed. A list that is opened until
   * then loses the focus, and goes. Where no page is to have it, this waits in vain, but not for long.
   */
  async #pageHasFocus(): Promise<void> {
    if ((await this.page.locator(shownPage).count()) === 0) return;
    const isFocused = 'document.activeElement?.matches("iframe.webview")';
    await this.page.waitForFunction(isFocused, undefined, { timeout: 2_000 }).catch(() => undefined);
  }

  /** Opens a file of the folder in an editor. */
  async openFile(file: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+P');
    await this.#quickInput.locator(inputBox).fill(file);
    await this.pick(path.basename(file));
  }

  /** The open quick pick's rows. */
  get choices(): Locator {
    return this.#quickInput.locator('.monaco-list-row');
  }

  /** Waits for the row with this label: what a server asks can be answered only once keys have rested. */
  async choice(label: string): Promise<void> {
    await this.#row(label).waitFor();
  }

  /** Picks the row with this label from the quick pick that is open or about to open. */
  async pick(label: string): Promise<void> {
    await this.#row(label).click();
  }

  /** Picks a tool by its name from the open list of tools, as who types does. */
  async pickTool(name: string): Promise<void> {
    const box = await this.question(listPlaceholder);
    const tools = this.choices.filter({ has: this.page.locator('.codicon-json') });
    // Of the tools only: a server that still connects has a row too, which may have the same name.
    const rows = tools.filter({ has: this.#label(name) });
    await box.fill(name);
    await this.#pickListed(rows);
  }

  /** Picks what is no tool from the open list of tools, by a part of its row. */
  async pickListed(text: string): Promise<void> {
    await this.#pickListed(this.choices.filter({ hasText: text }));
  }

  /**
   * With keys: VS Code draws other rows into the same elements when a list changes, so that a click may meet another row than the one
   * that was found. Where rows have just moved, the list stays, and a user picks once more.
   */
  async #pickListed(rows: Locator): Promise<void> {
    const list = this.#quickInput.getByPlaceholder(listPlaceholder);
    const marked = rows.and(this.page.locator('.focused'));
    for (let times = 0; times < 5; times++) {
      await rows.first().waitFor();
      // What is typed marks the first row that is found.
      if (!(await isShown(marked))) await this.#press('ArrowDown', marked);
      await this.page.keyboard.press('Enter');
      if (await isGone(list)) return;
    }
    throw new Error('The list stays, although the row was picked five times.');
  }

  /** Again and again, until there is what is waited for. */
  async #press(key: string, until: Locator): Promise<void> {
    for (let times = 0; times < 50 && !(await until.isVisible()); times++)
      await this.page.keyboard.press(key);
  }

  #row(label: string): Locator {
    return this.choices.filter({ has: this.#label(label) }).first();
  }

  #label(text: string): Locator {
    return this.page.locator('.label-name').getByText(text, { exact: true });
  }

  /** Types into the input box that asks `question` (a part of its prompt, title or placeholder), and confirms. */
  async answer(question: string, text: string): Promise<void> {
    const box = await this.question(question);
    await box.fill(text);
    await box.press('Enter');
  }

  /** The input of the input box or quick pick that asks `question`. */
  async question(question: string): Promise<Locator> {
    const words = this.#quickInput.locator('.quick-input-title, .quick-input-message');
    const placeholder = this.#quickInput.getByPlaceholder(question);
    await words.filter({ hasText: question }).or(placeholder).first().waitFor();
    return this.#quickInput.locator(inputBox);
  }

  /** What the input box says about the text in it: the prompt, or why it does not take the text. */
  get inputMessage(): Locator {
    return this.#quickInput.locator('.quick-input-message');
  }

  /** The modal message that is open or about to open. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Allows a server of the workspace in the list of tools, which shows again with the tools of that server. */
  async allow(server: string): Promise<void> {
    await this.runCommand('Sluice: Call Tool');
    await this.pickListed(server);
    await this.dialog.getByRole('button', { name: 'Allow', exact: true }).click();
  }

  /** Sluice's items in the status bar. */
  get statusBar(): Locator {
    return this.page.locator(`.statusbar-item[id^="${identifier}"]`);
  }

  /** The text of what appears when the pointer rests on an element. */
  async hover(element: Locator): Promise<string> {
    await element.hover();
    const hover = this.page.locator('.workbench-hover:visible');
    await hover.waitFor();
    return hover.innerText();
  }

  /** The active editor's tab. */
  get activeTab(): Locator {
    return this.page.locator('.editor-group-container.active .tab.active');
  }

  /** The lines of the active text editor that are in view. */
  async editorLines(): Promise<string[]> {
    const lines = this.page.locator('.editor-instance .view-lines .view-line');
    await lines.first().waitFor();
    const placed = await lines.evaluateAll((elements) =>
      elements.map((element) => ({ top: element.offsetTop, text: element.textContent ?? '' })),
    );
    // The editor reuses the elements of lines that were scrolled away, so their order says nothing.
    return placed.sort((a, b) => a.top - b.top).map(({ text }) => text.replaceAll('\u00a0', ' '));
  }

  /** The squiggles in the active text editor. */
  get squiggles(): Locator {
    return this.page.locator('.editor-instance').locator('.squiggly-error, .squiggly-warning');
  }

  /** The rows of the Problems view: files, and under each its problems. */
  async problems(): Promise<Locator> {
    await this.runCommand('Problems: Focus on Problems View');
    return this.page.locator('.markers-panel .monaco-list-row');
  }

  /** The notifications so far, the newest first. A workbench under automation collects them behind the bell only. */
  async notifications(): Promise<Locator> {
    await this.runCommand('Notifications: Show Notifications');
    return this.page.locator('.notifications-center .notification-list-item');
  }

  /** The content of the webview in view. VS Code puts it into a frame in a frame. */
  get webview(): FrameLocator {
    return this.page.frameLocator(shownPage).frameLocator('#active-frame');
  }

  /** Scrolls to a part of a page. A page of VS Code's own, such as a Markdown preview, may load anew meanwhile. */
  async scrollTo(part: Locator): Promise<void> {
    const scrolled = () => part.scrollIntoViewIfNeeded({ timeout: 5_000 }).then(() => 'done', String);
    await expect.poll(scrolled).toBe('done');
  }

  /** What a log channel of Sluice has written, by the channel's name. */
  log(name: string): LogChannel {
    // VS Code leaves out of the file's name what some file system does not take.
    const file = `${name.replaceAll(/[\\/:*?"<>|]/g, '')}.log`;
    return new LogChannel(path.join(this.#server.dataDirectory, 'data/logs'), path.join(identifier, file));
  }

  /** Writes a file of the folder from outside, as another program would. */
  async writeFile(file: string, content: string): Promise<void> {
    await writeInto(this.folder, file, content);
  }

  /** Replaces the workspace's settings.json from outside. */
  async writeSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.writeFile(settingsFile, JSON.stringify(settings, undefined, 2));
  }

  /** @param file where to, as an absolute path ending in .png */
  async screenshot(file: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file, caret: 'hide' });
  }

  /** A picture in each theme, as `NAME-dark` and so on; what is open stays open. */
  async pictures(name: string, shown: readonly Theme[] = ['dark', 'light']): Promise<void> {
    for (const theme of shown) {
      await this.useTheme(theme);
      await this.screenshot(picture(`${name}-${theme}`));
    }
    await this.useTheme('dark');
  }

  /** Changes the theme in the workspace's settings, from outside, and waits until everything is drawn in it. */
  async useTheme(theme: Theme): Promise<void> {
    const { name, workbench, webview } = themes[theme];
    const shell = this.page.locator(`.monaco-workbench.${workbench}`);
    if ((await shell.count()) > 0) return;
    const settings = JSON.parse(await readFile(path.join(this.folder, settingsFile), 'utf8')) as object;
    // Again where it has no effect: VS Code watches the file only some time after it has started.
    await expect
      .poll(async () => {
        await this.writeSettings({ ...settings, 'workbench.colorTheme': name });
        return isShown(shell);
      })
      .toBe(true);
    if ((await this.page.locator(shownPage).count()) > 0)
      await this.webview.locator(`body.${webview}`).waitFor();
  }

  /** What it shows at the end of the test that runs, to be looked at where that failed. */
  async lastPicture(): Promise<void> {
    const name = expect.getState().currentTestName ?? 'no test';
    const file = picture(`at-the-end/${name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 100)}`);
    await this.screenshot(file).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lastPicture();
    await closeAll(this.#opened);
  }
}

const open = new Set<Workbench>();

/** What the workbenches show that are open: for whoever asks why a test failed. */
export async function pictureOpenWorkbenches(): Promise<void> {
  for (const workbench of open) await workbench.lastPicture();
}

async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

async function writeInto(folder: string, file: string, content: string): Promise<void> {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, content);
}

/** Whether it goes away within the time that somebody waits before they click again. */
function isGone(element: Locator): Promise<boolean> {
  return comesTo('hidden', element);
}

/** Whether it is there within a second. */
function isShown(element: Locator): Promise<boolean> {
  return comesTo('visible', element);
}

function comesTo(state: 'visible' | 'hidden', element: Locator): Promise<boolean> {
  return element.waitFor({ state, timeout: 1_000 }).then(
    () => true,
    () => false,
  );
}
