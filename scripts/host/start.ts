// npm start: a VS Code with Sluice in it, and the demo server that it is configured for.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import { runQuietly } from './command.ts';
import { startDemo } from './demo.ts';
import { hasDisplay } from './desktop.ts';
import { type DesktopApp, findDesktopApp, openDesktop } from './desktopApp.ts';
import { openInBrowser } from './openInBrowser.ts';
import { packageVsix } from './packageVsix.ts';
import { root, testCache } from './paths.ts';
import { program, say, step } from './progress.ts';
import { quietSettings } from './quietSettings.ts';
import { provisionServerBuild } from './serverBuild.ts';
import { parseStartOptions, type StartOptions } from './startOptions.ts';
import { installExtension, startVSCodeServer, workbenchUrl } from './vscodeServer.ts';

const home = path.join(testCache, 'start');
const workspace = path.join(home, 'folder');
const desktopData = path.join(home, 'desktop');
const serverData = path.join(home, 'server');

const whatToTry = `
  Try first: press F1, run "Sluice: Call Tool", pick say_hello.
  Your own server: press F1, run "Sluice: Add Server".
  Ctrl-C here ends it all.
`;

/** What was started and runs until it ends by itself or is closed. */
interface Running {
  readonly name: string;
  readonly closed: Promise<void>;
  close(): unknown;
}

async function start(options: StartOptions): Promise<void> {
  const app = await chooseApp(options);
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const running: Running[] = [];
  try {
    const open = app === undefined ? await prepareServerBuild(options) : await prepareDesktop(app, options);
    const demo = await startDemo();
    running.push({ name: 'The demo server', ...demo });
    await configure(
      demo.url,
      path.join(app === undefined ? `${serverData}/data` : desktopData, 'User/settings.json'),
    );
    say(`The demo server listens at ${demo.url}`);
    const window = await open();
    if (window !== undefined) running.push(window);
    say(whatToTry);
    const ended = running.map(({ name, closed }) => closed.then(() => say(`${name} has ended.`)));
    await Promise.race([stopped, ...ended]);
  } finally {
    for (const { close, closed } of running.reverse()) {
      close();
      await closed;
    }
  }
}

/** The desktop's VS Code, or none: then it is the server build. Says why. */
async function chooseApp({ host }: StartOptions): Promise<DesktopApp | undefined> {
  if (host === 'server') return undefined;
  const app = await findDesktopApp();
  if (typeof app !== 'string') {
    say(`VS Code ${app.version}: ${app.command}`);
    return app;
  }
  if (host === 'desktop') throw new Error(`The desktop's VS Code cannot be opened: ${app}.`);
  say(`VS Code's server build, in the browser: ${app}.`);
  return undefined;
}

/**
 * Names the demo in the settings of that VS Code's user, and leaves alone whatever else stands there. A server of the
 * workspace's settings would have to be allowed first.
 */
async function configure(url: string, settingsFile: string): Promise<void> {
  await mkdir(workspace, { recursive: true });
  await mkdir(path.dirname(settingsFile), { recursive: true });
  const before = existsSync(settingsFile)
    ? await readFile(settingsFile, 'utf8')
    : JSON.stringify(quietSettings);
  const edits = modify(before, ['sluice.servers', 'demo', 'url'], url, {
    formattingOptions: { insertSpaces: true, tabSize: 2 },
  });
  await writeFile(settingsFile, applyEdits(before, edits));
}

async function prepareDesktop(app: DesktopApp, { open }: StartOptions): Promise<() => Running | undefined> {
  await step('Building', () => runQuietly(process.execPath, ['scripts/build.mjs'], { cwd: root }));
  return () => {
    if (open) return { name: 'VS Code', ...openDesktop(app, workspace, desktopData) };
    say(
      `Open it with: ${app.command} --user-data-dir=${desktopData} --extensionDevelopmentPath=${root} ${workspace}`,
    );
    return undefined;
  };
}

async function prepareServerBuild({ port, open }: StartOptions): Promise<() => Promise<Running>> {
  const build = await provisionServerBuild('newest');
  const { file } = await packageVsix();
  await installExtension(build, serverData, file);
  // Whoever has the token has a terminal on this machine; the page's address is the only place that tells it.
  const connectionToken = randomBytes(16).toString('hex');
  return async () => {
    const server = await startVSCodeServer({
      build,
      dataDirectory: serverData,
      connectionToken,
      ...(port === undefined ? {} : { port }),
    });
    const url = workbenchUrl(server.origin, { folder: workspace, connectionToken });
    say(`VS Code ${build.version} with Sluice: ${url}`);
    if (open && hasDisplay()) openInBrowser(url);
    return { name: 'VS Code', ...server };
  };
}

await program(async () => start(parseStartOptions(process.argv.slice(2))));
