import { findBrowser } from './browser.ts';
import { type Desktop, hasDisplay, provisionDesktop } from './desktop.ts';
import { oldestSupported } from './manifest.ts';
import { say } from './progress.ts';
import { provisionServerBuild, type ServerBuild } from './serverBuild.ts';

export type Host =
  | Desktop
  | { readonly kind: 'server'; readonly build: ServerBuild; readonly browser: string };
export type HostKind = Host['kind'];

/**
 * The VS Codes to run the host tests in: the desktop's, both the oldest that the extension supports and the newest,
 * where this machine has a display and can download them; else the server build in a browser. Says which, and why.
 * @param wanted takes this kind or fails
 */
export async function chooseHosts(wanted?: HostKind): Promise<readonly Host[]> {
  if (wanted !== 'server') {
    const desktop = await desktopHosts();
    if (typeof desktop !== 'string') return announce(desktop, 'there is a display and the download worked');
    if (wanted === 'desktop') throw new Error(`The desktop's VS Code is not to be had: ${desktop}.`);
    return announce([await serverHost()], desktop);
  }
  return announce([await serverHost()], 'it was asked for');
}

/** VS Code's server build and a browser for it. Fails where there is no browser: no suite is skipped for that. */
export async function serverHost(): Promise<Extract<Host, { kind: 'server' }>> {
  const browser = findBrowser();
  if (browser === undefined) throw new Error('No Chromium or Chrome on this machine: install one.');
  return { kind: 'server', build: await provisionServerBuild(), browser };
}

/** The desktop's VS Codes, or the reason why not. */
async function desktopHosts(): Promise<readonly Desktop[] | string> {
  if (!hasDisplay()) return 'there is no display for the desktop';
  try {
    return [await provisionDesktop(oldestSupported()), await provisionDesktop('stable')];
  } catch (error) {
    return `the desktop could not be downloaded (${error instanceof Error ? error.message : String(error)})`;
  }
}

function announce(hosts: readonly Host[], why: string): readonly Host[] {
  for (const host of hosts) {
    const name =
      host.kind === 'desktop' ? `the desktop, ${host.version}` : `the server build, ${host.build.version}`;
    say(`VS Code to test in: ${name}: ${why}.`);
  }
  return hosts;
}
