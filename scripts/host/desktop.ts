// The desktop VS Code, as a user has it. It needs a display, and a download the first time.
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { testCache } from './paths.ts';
import { step } from './progress.ts';

export interface Desktop {
  readonly kind: 'desktop';
  readonly version: string;
  readonly executable: string;
}

/** macOS and Windows have a display whenever somebody is logged in; the others say so. */
export function hasDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return (
    process.platform === 'darwin' ||
    process.platform === 'win32' ||
    DISPLAY !== undefined ||
    WAYLAND_DISPLAY !== undefined
  );
}

/** @param version a version number, or `stable` for the newest */
export async function provisionDesktop(version: string): Promise<Desktop> {
  const executable = await step(`Getting the desktop's VS Code (${version})`, () =>
    downloadAndUnzipVSCode({ version, cachePath: testCache }),
  );
  return { kind: 'desktop', version, executable };
}
