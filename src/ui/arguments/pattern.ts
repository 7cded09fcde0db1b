import { runInNewContext } from 'node:vm';

// A pattern comes from the server. One that backtracks for ever must not stop the extension host.
const LONGEST_MATCH_MS = 25;

/** Whether `text` matches `pattern`; undefined where the pattern is not valid or takes too long. */
export function matchesPattern(pattern: string, text: string): boolean | undefined {
  try {
    const matches: unknown = runInNewContext(
      "new RegExp(pattern, 'u').test(text)",
      { pattern, text },
      { timeout: LONGEST_MATCH_MS },
    );
    return matches === true;
  } catch {
    return undefined;
  }
}
