import { formatProblem } from '../../../src/core/config/configProblem.ts';
import type { UncheckedLimits } from '../../../src/core/config/limits.ts';
import { type ParsedServers, parseServers } from '../../../src/core/config/parseServers.ts';

export const URL = 'http://localhost:3000/mcp';
export const NO_DEFAULTS: UncheckedLimits = { pool: {}, drain: {} };

/** Parses one entry, named `docs`. */
export function parseEntry(entry: unknown, defaults = NO_DEFAULTS): ParsedServers {
  return parseServers({ docs: entry }, defaults);
}

/** What the user reads of one entry named `docs`, without the `sluice.servers.docs` in front: `E` error, `W` warning. */
export function told(entry: unknown, defaults = NO_DEFAULTS): string[] {
  return parseEntry(entry, defaults).problems.map(
    (problem) =>
      `${problem.severity === 'error' ? 'E' : 'W'} ${formatProblem(problem).replace(/^sluice\.servers\.docs/, '')}`,
  );
}
