import type { Diagnosis, Sample } from '../../core/diagnosis/diagnosis.ts';
import type { Finding } from '../../core/metrics/finding.ts';
import { formatMs } from '../text/formatMs.ts';
import type { Check } from './check.ts';
import { answerMs, type Contrast, contrast, hasStream, samplesOf } from './figures.ts';
import { advice } from './stacks.ts';

type Stall = Extract<Finding, { kind: 'stall' }>;

const NO_DELAY =
  'Turn Nagle’s algorithm off on accepted sockets (TCP_NODELAY). Node.js (since 18), Go and .NET have it off. Python’s asyncio has it off on sockets that it made itself: with uvicorn’s --workers or --reload, and in hypercorn, it needs uvloop. In Rust with tokio call set_nodelay(true). Where it is off already, a proxy before the server has it on.';

const ONE_WRITE =
  'Or send the status line, the headers and the event in one write: flush once, when the answer is whole.';

/** Answers, and ends of streams, that wait for an acknowledgement. */
export function stallChecks(diagnosis: Diagnosis): Check[] {
  return [ofAnswers(diagnosis), ofEnds(diagnosis)];
}

function ofAnswers(diagnosis: Diagnosis): Check {
  const topic = 'Answers on busy connections';
  // Over HTTP/2 the pool counts all the time that an answer takes: the rows say more.
  const stall = isMultiplexed(diagnosis) ? undefined : stallOf(diagnosis, 'response');
  const seen =
    stall === undefined
      ? contrasted(contrast(diagnosis, answerMs))
      : `${ms(stall.ms)} late on a connection that rested for less than ${ms(stall.rest)} (${stall.late} of ${stall.all})`;
  if (seen === undefined) return noStall(topic, diagnosis, 'no answer waited for an acknowledgement');
  return {
    topic,
    verdict: 'costs',
    seen,
    why: 'An answer is sent in more than one piece. The system that sends it keeps the second piece back until the first one is acknowledged (Nagle’s algorithm), and the system that receives it delays acknowledgements where calls come often. So a call that soon follows another one waits, and nothing is done meanwhile.',
    change: [...onTheWay(diagnosis), ...advice(diagnosis, 'stall'), NO_DELAY, ONE_WRITE],
  };
}

function ofEnds(diagnosis: Diagnosis): Check {
  const topic = 'Ends of streams on busy connections';
  const stall = stallOf(diagnosis, 'end');
  const seen =
    stall === undefined
      ? contrasted(contrast(diagnosis, ({ drain }) => drain.ms))
      : `${ms(stall.ms)} after the response, on a connection that rested for less than ${ms(stall.rest)} (${stall.late} of ${stall.all})`;
  if (seen === undefined) {
    if (hasStream(diagnosis))
      return noStall(topic, diagnosis, 'no stream’s end waited for an acknowledgement');
    return { topic, verdict: 'untested', seen: 'no answer was a stream' };
  }
  return {
    topic,
    verdict: 'costs',
    seen,
    why: 'The response is there, the end of its stream is not: it is sent by itself, and kept back until the response is acknowledged. A client that reads a stream to its end before it goes on waits for it at each call; one that does not has its connection held up for as long.',
    change: [
      'Send the response and the end of the stream in one write: in Node.js res.end(event), not res.write(event) and res.end() later.',
      ...onTheWay(diagnosis),
      ...advice(diagnosis, 'stall'),
      NO_DELAY,
    ],
  };
}

/** By the rows of the report itself. */
function contrasted(found: Contrast | undefined): string | undefined {
  if (found === undefined) return undefined;
  const { late, quick, rest, lateOf } = found;
  const when = rest.late === 0 ? 'right after the call before' : `${rest.late} ms after the call before`;
  return `${formatMs(late)} ${when}, ${formatMs(quick)} on a connection that rested for ${rest.quick} ms or more (${lateOf[0]} of ${lateOf[1]} late)`;
}

/** What keeps pieces back where it is not, or not only, the server. */
function onTheWay(diagnosis: Diagnosis): string[] {
  const { proxy } = diagnosis;
  const isTunnel = proxy !== undefined;
  if (isMultiplexed(diagnosis))
    return [
      `Over HTTP/2 servers send without Nagle’s algorithm, so look ${isTunnel ? `at the proxy ${proxy}` : 'at what relays the connection (ssh -L and -D, a tunnel, a forward proxy)'}: it keeps the pieces back. Until it does not, Sluice’s calls take turns with several connections, where each has a TCP connection of its own; most clients have one.`,
    ];
  return isTunnel ? [`It may be the proxy ${proxy} that keeps the pieces back: compare without it.`] : [];
}

function noStall(topic: string, diagnosis: Diagnosis, seen: string): Check {
  const again = samplesOf(diagnosis, ({ kind }) => kind !== 'fresh').filter(
    ({ wire }: Sample) => wire.use > 1,
  ).length;
  return again < 8
    ? { topic, verdict: 'untested', seen: 'connections were not used again often enough' }
    : { topic, verdict: 'good', seen: `${seen} (${again} looked at)` };
}

function isMultiplexed({ opened }: Diagnosis): boolean {
  return opened[0]?.httpVersion === '2';
}

function stallOf({ findings }: Diagnosis, of: Stall['of']): Stall | undefined {
  return findings.find((finding): finding is Stall => finding.kind === 'stall' && finding.of === of);
}

function ms(value: number): string {
  return formatMs(Math.round(value));
}
