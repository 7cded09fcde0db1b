import { spawn } from 'node:child_process';

/** Opens an address as the desktop does. Where it cannot, nothing happens: the address has been printed. */
export function openInBrowser(url: string): void {
  const [command, ...args] = opener();
  spawn(command, [...args, url], { detached: true, stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}

function opener(): [string, ...string[]] {
  switch (process.platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default:
      return ['xdg-open'];
  }
}
