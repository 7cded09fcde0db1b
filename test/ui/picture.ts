import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Where a picture of the README goes. A test run keeps its own under `.vscode-test`, to be looked at;
 * with `SLUICE_PICTURES=1` they replace the ones in `media`.
 */
export function picture(name: string): string {
  const folder =
    process.env['SLUICE_PICTURES'] === '1' ? join(ROOT, 'media') : join(ROOT, '.vscode-test', 'pictures');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}
