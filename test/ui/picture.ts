import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Where a picture goes. A test run keeps its own under `.vscode-test`, to be looked at;
 * with `SLUICE_PICTURES=1` those that the README shows are replaced.
 */
export function picture(name: string): string {
  const shown = readFileSync(join(ROOT, 'README.md'), 'utf8').includes(`media/${name}.png`);
  const replaces = process.env['SLUICE_PICTURES'] === '1' && shown;
  const folder = replaces ? join(ROOT, 'media') : join(ROOT, '.vscode-test', 'pictures');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}
