import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, release, type } from 'node:os';
import type { Machine } from './results.ts';

const PACKAGES = [
  '@modelcontextprotocol/client',
  '@modelcontextprotocol/sdk',
  'undici',
  'eventsource-parser',
];

export function describeMachine(): Machine {
  const [cpu] = cpus();
  return {
    node: process.version,
    system: `${type()} ${release()} ${arch()}`,
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

/** Not by `require`: a package need not export its package.json. */
function versionOf(name: string): string {
  for (const directory of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return (JSON.parse(readFileSync(`${directory}/${name}/package.json`, 'utf8')) as { version: string })
        .version;
    } catch {
      // Not in this directory: the next one up.
    }
  }
  return 'unknown';
}
