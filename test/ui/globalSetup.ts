import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageVsix } from '../../scripts/host/packageVsix.ts';
import { installExtension } from '../../scripts/host/vscodeServer.ts';
import { uiHost } from './uiHost.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The directory in which Sluice is installed, from the package and by VS Code itself: once, as that takes seconds. */
    readonly installed: string;
  }
}

/** What every workbench needs: a VS Code, and Sluice as it is now, both in dist/ and installed. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { build } = await uiHost();
  const { file } = await packageVsix();
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-ui-installed-'));
  const installed = path.join(directory, 'extensions');
  await installExtension(build, path.join(directory, 'data'), file, installed);
  project.provide('installed', installed);
  return () => rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
