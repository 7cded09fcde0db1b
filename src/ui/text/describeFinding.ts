import { assertNever } from '../../core/errors.ts';
import { AT_ONCE } from '../../core/http/learning/idleCloses.ts';
import type { Finding } from '../../core/metrics/finding.ts';
import { formatMs } from './formatMs.ts';

/** One sentence about the server, without its subject: "stalls 41 ms on connections that …". */
export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'stall': {
      const { of, ms, rest, late, all, rotating } = finding;
      const what = of === 'response' ? `stalls ${round(ms)}` : `ends its streams ${round(ms)} late`;
      const turns = rotating < 2 ? 'resting them' : `rotating ${rotating}`;
      return `${what} on connections that have rested under ${round(rest)} (${late} of ${all}): ${turns}`;
    }
    case 'held-open': {
      const { held, all, ms } = finding;
      return `holds streams open after the response, for more than ${round(ms)} (${held} of ${all})`;
    }
    case 'closes':
      return `closes the connection after each response (${finding.closed} of ${finding.all})`;
    case 'keep-alive': {
      const { ms } = finding;
      if (ms < AT_ONCE) return 'closes connections right after the response, without saying so before';
      const how = finding.from === 'hint' ? 'its Keep-Alive header says' : `seen ${times(finding.seen)}`;
      return `closes idle connections after ${formatMs(ms)} (${how})`;
    }
    default:
      return assertNever(finding);
  }
}

function times(count: number): string {
  return count === 2 ? 'twice' : `${count} times`;
}

function round(ms: number): string {
  return formatMs(Math.round(ms));
}
