import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sluice-pem-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A file as settings name them; it is gone when the tests of the file have run. */
export function writePem(text: string): string {
  const path = join(folder, `${++files}.pem`);
  writeFileSync(path, text);
  return path;
}
