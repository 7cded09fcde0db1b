import { type Desktop, hasDisplay, provisionDesktop } from '../../../scripts/host/desktop.ts';
import { oldestSupported } from '../../../scripts/host/manifest.ts';
import { say } from '../../../scripts/host/progress.ts';
import {
  provisionServerBuild,
  type Release,
  releases,
  type ServerBuild,
} from '../../../scripts/host/serverBuild.ts';
import { type BrowserProgram, provideBrowser } from './browser.ts';

export type Host = (Desktop & { readonly release: Release }) | ServerHost;
export type HostKind = Host['kind'];

export interface ServerHost {
  readonly kind: 'server';
  readonly release: Release;
  readonly build: ServerBuild;
  readonly browser: BrowserProgram;
}

/**
 * The VS Codes to run the host tests in, of each wanted release: the desktop's where this machine has a display and can
 * download them; else the server build in a browser. Says which, and why.
 * @param kind takes this kind or fails
 */
export async function chooseHosts(wanted: readonly Release[], kind?: HostKind): Promise<readonly Host[]> {
  if (kind !== 'server') {
    const desktop = await desktopHosts(wanted);
    if (typeof desktop !== 'string') return announce(desktop, 'there is a display and the download worked');
    if (kind === 'desktop') throw new Error(`The desktop's VS Code is not to be had: ${desktop}.`);
    return announce(await serverHosts(wanted), desktop);
  }
  return announce(await serverHosts(wanted), 'it was asked for');
}

/** VS Code's server build and a browser for it. Fails where there is no browser: no suite is skipped for that. */
export async function serverHost(release: Release): Promise<ServerHost> {
  const build = await provisionServerBuild(release);
  return { kind: 'server', release, build, browser: await provideBrowser() };
}

/** The releases that `--vscode` or its like names, or all. */
export function chosenReleases(name: string | undefined): readonly Release[] {
  if (name === undefined) return releases;
  const chosen = releases.filter((release) => release === name);
  if (chosen.length === 0) throw new Error(`The VS Code is ${releases.join(' or ')}, not ${name}.`);
  return chosen;
}

async function serverHosts(wanted: readonly Release[]): Promise<readonly Host[]> {
  const hosts: Host[] = [];
  for (const release of wanted) hosts.push(await serverHost(release));
  return hosts;
}

/** The desktop's VS Codes, or the reason why not. */
async function desktopHosts(wanted: readonly Release[]): Promise<readonly Host[] | string> {
  if (!hasDisplay()) return 'there is no display for the desktop';
  try {
    const hosts: Host[] = [];
    for (const release of wanted) {
      const desktop = await provisionDesktop(release === 'minimum' ? oldestSupported() : 'stable');
      hosts.push({ ...desktop, release });
    }
    return hosts;
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
