import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provideBrowser } from '../../host/runner/browser.ts';

describe.skipIf(process.platform === 'win32')('the browser of the tests', () => {
  let directory = '';

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-browser-'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  async function program(name: string, script: string): Promise<string> {
    const file = path.join(directory, name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  }

  it('is the one that SLUICE_BROWSER names', async () => {
    const mine = await program('mine', 'exit 0');
    vi.stubEnv('SLUICE_BROWSER', mine);
    expect(await provideBrowser()).toEqual({ executable: mine, env: {} });
  });

  it('is said to be wrong where SLUICE_BROWSER names one that does not start', async () => {
    vi.stubEnv('SLUICE_BROWSER', path.join(directory, 'none'));
    await expect(provideBrowser()).rejects.toThrow(/SLUICE_BROWSER names .*none, which does not start/);
  });

  it('is the first of the PATH that starts: one that only asks for something else is passed over', async () => {
    await program('chromium', 'echo "install me" >&2; exit 1');
    const chrome = await program('google-chrome', 'exit 0');
    vi.stubEnv('SLUICE_BROWSER', '');
    vi.stubEnv('PATH', directory);
    expect(await provideBrowser()).toEqual({ executable: chrome, env: {} });
  });

  /** A machine without a browser, until its package is installed. */
  async function bareMachine(fetched: string) {
    vi.stubEnv('SLUICE_BROWSER', '');
    vi.stubEnv('PATH', directory);
    const executable = await program('fetched', fetched);
    const installs: string[] = [];
    const install = async (missing: string) => {
      installs.push(missing);
      await program('chromium', 'exit 0');
    };
    return { fetch: async () => ({ executable, env: { FETCHED: 'yes' } }), install, installs };
  }

  it('is that of npm where none is installed, in the environment that it needs', async () => {
    const machine = await bareMachine('test "$FETCHED" = yes');
    const { executable } = await provideBrowser(machine);
    expect(executable).toBe(path.join(directory, 'fetched'));
    expect(machine.installs).toEqual([]);
  });

  it('is that of the system where the one of npm lacks a library, which is named', async () => {
    const words = 'fetched: error while loading shared libraries: libsome.so.1: No such file';
    const machine = await bareMachine(`echo "${words}" >&2; exit 127`);
    expect(await provideBrowser(machine)).toEqual({ executable: path.join(directory, 'chromium'), env: {} });
    expect(machine.installs).toEqual([
      `The Chromium of npm does not start here (${words}); SLUICE_BROWSER can name one`,
    ]);
  });

  it('is that of the system where npm has none', async () => {
    const { install, installs } = await bareMachine('');
    expect(await provideBrowser({ install })).toEqual({
      executable: path.join(directory, 'chromium'),
      env: {},
    });
    expect(installs).toEqual(['No Chromium or Chrome is installed; SLUICE_BROWSER can name one']);
  });
});
