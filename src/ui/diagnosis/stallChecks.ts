import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import type { Finding } from '../../core/http/learning/originFacts.ts';
import { formatMs } from '../../core/trace/formatMs.ts';
import type { Check } from './check.ts';
import { samplesOf } from './figures.ts';

type Stall = Extract<Finding, { kind: 'stall' }>;

const NO_DELAY =
  'Turn Nagle’s algorithm off on accepted sockets (TCP_NODELAY). Node.js (since 18), Go, .NET and Python’s asyncio have it off; in Rust with tokio call set_nodelay(true). Where it is off already, a proxy before the server has it on.';

/** Answers, and ends of streams, that wait for an acknowledgement. */
export function stallChecks(diagnosis: Diagnosis): Check[] {
  return [ofAnswers(diagnosis), ofEnds(diagnosis)];
}

function ofAnswers(diagnosis: Diagnosis): Check {
  const topic = 'Answers on busy connections';
  const stall = stallOf(diagnosis, 'response');
  if (stall === undefined) return noStall(topic, diagnosis, 'no answer waited for an acknowledgement');
  return {
    topic,
    verdict: 'costs',
    seen: `${ms(stall.ms)} late on a connection that rested for less than ${ms(stall.rest)} (${stall.late} of ${stall.all})`,
    why: 'The server sends an answer in more than one piece. Its system keeps the second piece back until the first one is acknowledged (Nagle’s algorithm), and the system of a client that calls often delays acknowledgements. So a call that soon follows another one waits, and nothing is done meanwhile.',
    change: [
      NO_DELAY,
      'Or send the status line, the headers and the event in one write: flush once, when the answer is whole.',
    ],
  };
}

function ofEnds(diagnosis: Diagnosis): Check {
  const topic = 'Ends of streams on busy connections';
  const stall = stallOf(diagnosis, 'end');
  if (stall === undefined) return noStall(topic, diagnosis, 'no stream’s end waited for an acknowledgement');
  return {
    topic,
    verdict: 'costs',
    seen: `${ms(stall.ms)} after the response, on a connection that rested for less than ${ms(stall.rest)} (${stall.late} of ${stall.all})`,
    why: 'The response is there, the end of its stream is not: it is sent by itself, and kept back until the response is acknowledged. A client that reads a stream to its end before it goes on waits for it at each call; one that does not has its connection held up for as long.',
    change: [
      'Send the response and the end of the stream in one write: in Node.js res.end(event), not res.write(event) and res.end() later.',
      NO_DELAY,
    ],
  };
}

function noStall(topic: string, diagnosis: Diagnosis, seen: string): Check {
  if (diagnosis.opened[0]?.httpVersion === '2')
    return { topic, verdict: 'good', seen: 'HTTP/2: streams do not hold up one another' };
  const again = samplesOf(diagnosis, ({ kind }) => kind !== 'fresh').filter(
    ({ wire }) => wire.use > 1,
  ).length;
  return again < 8
    ? { topic, verdict: 'untested', seen: 'connections were not used again often enough' }
    : { topic, verdict: 'good', seen: `${seen} (${again} looked at)` };
}

function stallOf({ findings }: Diagnosis, of: Stall['of']): Stall | undefined {
  return findings.find((finding): finding is Stall => finding.kind === 'stall' && finding.of === of);
}

function ms(value: number): string {
  return formatMs(Math.round(value));
}
