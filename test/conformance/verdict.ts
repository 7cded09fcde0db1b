import { lastWords } from './lastWords.ts';

/** One thing that a scenario looked at, as the suite writes it into `checks.json`. */
export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string;
}

/** What one run of a scenario left behind. */
export interface Evidence {
  /** Of the suite's own process. */
  readonly exitCode: number;
  /** Absent where the suite ended before it wrote them. */
  readonly checks: readonly Check[] | undefined;
  /** All that the suite said, and the client that it ran. */
  readonly output: string;
}

export type Verdict =
  | { readonly kind: 'passed'; readonly checks: number }
  | { readonly kind: 'failed'; readonly reasons: readonly string[] }
  /** It fails, as it is listed to. */
  | { readonly kind: 'expected' };

/** Of every message that goes over a mock server. It says that messages are well formed, not that a scenario took place. */
const WIRE_CHECK = 'wire-schema-valid';

/** Characters of the output that are told where no check says what is wrong. */
const LAST_WORDS = 1_500;

/**
 * Stricter than the suite's own exit code: a warning is a failure, and so is a scenario in which nothing was looked at.
 * @param leftOut ids of checks that cannot pass, each for a written reason; one that passes all the same is a failure
 */
export function judge({ exitCode, checks, output }: Evidence, leftOut: readonly string[] = []): Verdict {
  if (checks === undefined)
    return failed([
      `the suite ended with ${exitCode} and without checks: ${output.trim().slice(-LAST_WORDS)}`,
    ]);
  const counted = checks.filter(({ id }) => !leftOut.includes(id));
  const reasons = counted
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(
      ({ id, status, description, errorMessage }) =>
        `${status.toLowerCase()} ${id}: ${errorMessage ?? description}`,
    );
  for (const id of leftOut) {
    if (!checks.some((check) => check.id === id && check.status === 'FAILURE'))
      reasons.push(`${id} is left out, and does not fail`);
  }
  // What is left out fails by itself, and then the exit code says nothing about the rest.
  if (exitCode !== 0 && reasons.length === 0 && leftOut.length === 0)
    reasons.push(`the suite ended with ${exitCode}: ${output.trim().slice(-LAST_WORDS)}`);
  const passed = counted.filter(({ status }) => status === 'SUCCESS');
  if (reasons.length === 0 && passed.every(({ id }) => id === WIRE_CHECK)) reasons.push('not exercised');
  if (reasons.length === 0) return { kind: 'passed', checks: passed.length };
  return failed([...reasons, ...complaintsOf(output)]);
}

/** What the client that failed had to say, as the suite repeats it between its own words. */
function complaintsOf(output: string): readonly string[] {
  const [, complaints = ''] = /^Stderr:\n([\s\S]*?)\n\s*Results saved/m.exec(output) ?? [];
  return complaints === '' ? [] : [`the client: ${complaints.trim().slice(0, LAST_WORDS)}`];
}

/**
 * The verdict on a scenario that is listed as failing for want of authorization. It has to fail for that: a driver that
 * cannot even be started fails as well.
 */
export function asListed(verdict: Verdict, { output }: Evidence): Verdict {
  if (verdict.kind !== 'failed') return verdict;
  if (output.includes(lastWords('unauthorized'))) return { kind: 'expected' };
  return failed([
    'it is listed as failing for want of authorization, and fails otherwise',
    ...verdict.reasons,
  ]);
}

function failed(reasons: readonly string[]): Verdict {
  return { kind: 'failed', reasons };
}
