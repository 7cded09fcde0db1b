import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.ts';

/** What the scripts read of package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly vscode: string };
  readonly main: string;
  readonly icon?: string;
  readonly repository?: unknown;
  readonly contributes?: unknown;
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
}

/** The oldest VS Code that the extension supports, as a version number. */
export function oldestSupported(): string {
  return readManifest().engines.vscode.replace(/^\^/, '');
}
