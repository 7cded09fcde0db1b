import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts';
import { assertNever } from '../../core/errors.ts';
import { formatMs } from '../text/formatMs.ts';
import { counted } from '../text/wording.ts';
import type { Check } from './check.ts';
import { hasStream, median, samplesOf } from './figures.ts';
import { advice } from './stacks.ts';

/** What the answers are made of, and how their streams end. */
export function streamChecks(diagnosis: Diagnosis): Check[] {
  return [form(diagnosis), ...streamEnd(diagnosis), progress(diagnosis), ...ownStream(diagnosis)];
}

function form({ answer }: Diagnosis): Check {
  const topic = 'Form of answers';
  const type = answer?.headers['content-type'];
  if (answer === undefined || type === undefined)
    return { topic, verdict: 'untested', seen: 'no answer had a body' };
  const isStream = type.startsWith('text/event-stream');
  const primed = answer.primed ? ', with an empty event first to prime a reconnect' : '';
  return {
    topic,
    verdict: 'good',
    seen: `${isStream ? 'an SSE stream' : 'one JSON body'} (${type})${primed}`,
  };
}

/** One that ends late by a stall is told there. */
function streamEnd(diagnosis: Diagnosis): Check[] {
  const topic = 'End of streams';
  const held = diagnosis.findings.find(({ kind }) => kind === 'held-open');
  if (held?.kind === 'held-open') {
    const { stream } = diagnosis;
    const watched = stream?.drain.ms ?? held.ms;
    const isOpen = stream === undefined || ['held-open', 'budget-time'].includes(stream.drain.outcome);
    const { events = 0, comments = 0 } = stream?.exchange?.tail ?? {};
    const came = [counted(events, 'event'), counted(comments, 'comment')].filter(
      (word) => !word.startsWith('0 '),
    );
    const after = came.length === 0 ? '' : `; meanwhile came ${came.join(' and ')}`;
    return [
      {
        topic,
        verdict: 'costs',
        seen: isOpen
          ? `left open after the response (${held.held} of ${held.all}), for ${formatMs(Math.round(watched))} at least${after}`
          : `${formatMs(Math.round(watched))} after the response${after}`,
        why: 'The connection carries no other call until its stream is over. Clients wait for the end, or open a connection for each call, or leave a socket behind with each.',
        change: [
          'Close the stream as soon as the response is sent. “The final JSON-RPC response SHOULD terminate the stream” (2026-07-28, Streamable HTTP; the revisions before say the same).',
          'What comes later belongs elsewhere: on the stream of subscriptions/listen, before 2026-07-28 on that of the GET.',
        ],
      },
    ];
  }
  const late = diagnosis.findings.some((finding) => finding.kind === 'stall' && finding.of === 'end');
  if (late) return [];
  const samples = samplesOf(diagnosis);
  const ms = median(samples.map(({ drain }) => drain.ms));
  if (ms === undefined) return [{ topic, verdict: 'untested', seen: 'no request was answered' }];
  if (!hasStream(diagnosis)) return [{ topic, verdict: 'untested', seen: 'no answer was a stream' }];
  return [
    {
      topic,
      verdict: 'good',
      seen: ms < 1 ? 'with the response' : `${formatMs(ms)} after the response (median of ${samples.length})`,
    },
  ];
}

/** The stream on which the server speaks unasked. */
function ownStream({ ownStream: watch }: Diagnosis): Check[] {
  const topic = 'The server’s own stream';
  switch (watch.kind) {
    case 'none':
      return [];
    case 'open':
      return [{ topic, verdict: 'good', seen: `stayed open for ${formatMs(Math.round(watch.ms))} at least` }];
    case 'cut':
      return [
        {
          topic,
          verdict: 'risk',
          seen: `ended after ${formatMs(Math.round(watch.silence))} in which nothing came on it${watch.cuts > 1 ? ` (${watch.cuts} times)` : ''}`,
          why: 'While the stream is away, messages that the server sends by itself may be lost, for example that a list has changed. A gateway that cuts silent streams cuts long calls as well.',
          change: [
            'Send a comment (a line with a colon alone) every 15 s on a stream that is silent.',
            'Or raise the time for which the gateway waits for the server: in nginx proxy_read_timeout (60 s by default), in HAProxy timeout server, in Apache ProxyTimeout.',
          ],
        },
      ];
    default:
      return assertNever(watch);
  }
}

function progress(diagnosis: Diagnosis): Check {
  const { progress: watch, answer } = diagnosis;
  const topic = 'Progress while a tool works';
  switch (watch.kind) {
    case 'untested':
      return {
        topic,
        verdict: 'untested',
        seen: 'pick a tool that reports progress to see whether it comes in time',
      };
    case 'none':
      return { topic, verdict: 'untested', seen: 'the tool reported none' };
    case 'quick':
      return { topic, verdict: 'untested', seen: `the tool took ${formatMs(watch.ms)}: too quick to tell` };
    case 'spread':
      return {
        topic,
        verdict: 'good',
        seen: `came while the tool worked: the first of ${watch.reports} reports ${formatMs(watch.ms - watch.span)} after the request, the response after ${formatMs(watch.ms)}`,
      };
    case 'together': {
      const header = answer?.headers['x-accel-buffering'];
      return {
        topic,
        verdict: 'costs',
        seen: `all ${watch.reports} reports came together with the response, ${formatMs(watch.ms)} after the request`,
        why: 'Either the tool reports only at its end, or something on the way keeps the response until it is whole: a proxy that buffers, a middleware that compresses, a writer that is not flushed.',
        change: [
          ...advice(diagnosis, 'buffers'),
          header === undefined
            ? 'Send “X-Accel-Buffering: no” with each stream: nginx and others then pass it on as it comes. (2026-07-28 says that servers SHOULD.)'
            : `The response has “X-Accel-Buffering: ${header}”: look at proxies that do not obey it (in nginx: proxy_buffering off).`,
          'Flush the writer after each event, and keep compression away from text/event-stream.',
        ],
      };
    }
    default:
      return assertNever(watch);
  }
}
