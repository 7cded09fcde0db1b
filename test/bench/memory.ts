import { readFileSync } from 'node:fs';

/** Bytes of physical memory that this process has. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

export function memory(): Memory {
  return { now: process.memoryUsage.rss(), peak: peak() };
}

/** Linux counts in `maxRSS` what the parent had when it forked; VmHWM is this program's own. */
function peak(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
