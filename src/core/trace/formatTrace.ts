import { assertNever } from '../errors.ts';
import type { RequestTiming } from '../metrics/requestTiming.ts';
import { formatMs } from './formatMs.ts';
import type { TraceEvent } from './traceEvent.ts';

/** One event as text for a log: one line, and one more per header. It has no time of its own: logs add theirs. */
export function formatTraceEvent(event: TraceEvent): string {
  switch (event.kind) {
    case 'call': {
      const phases = event.timing === undefined ? '' : ` · ${formatPhases(event.timing)}`;
      const wire = event.wire === undefined ? '' : ` · ${event.wire}`;
      const error = event.error === undefined ? '' : ` · ${event.error}`;
      return `${event.title}: ${event.outcome} in ${formatMs(event.ms)}${wire}${phases}${error}`;
    }
    case 'state':
      return event.detail === undefined ? event.state : `${event.state}: ${event.detail}`;
    case 'warning':
      return event.message;
    case 'learnt':
      return event.findings.length === 0
        ? 'learnt: its connections need nothing special any more'
        : event.findings.map((finding) => `learnt: this server ${finding}`).join('\n');
    case 'message':
      return `${place(event)} ${event.direction === 'sent' ? '→' : '←'} ${event.json}`;
    case 'connection':
      return `connection #${event.connection} ${event.change}${event.ms === undefined ? '' : ` in ${formatMs(event.ms)}`}: ${event.detail}`.replace(
        'closed in',
        'closed, was open for',
      );
    case 'drain':
      return `${place(event)} drain: ${event.report.outcome} after ${formatMs(event.report.ms)}, ${event.report.bytes} bytes`;
    case 'http-request':
      return `${place(event)} ${event.method} ${event.url} (${event.bytes} bytes)${formatHeaders(event.headers)}`;
    case 'http-response':
      return `${place(event)} HTTP ${event.status}${formatHeaders(event.headers)}`;
    case 'sse-event':
      return `${place(event)} event ${event.event}${event.id === undefined ? '' : ` id ${event.id}`}${inTail(event)}: ${event.data}`;
    case 'sse-comment':
      return `${place(event)} comment${inTail(event)}: ${event.comment}`;
    case 'sse-retry':
      return `${place(event)} retry: ${event.ms} ms`;
    case 'http-body':
      return `${place(event)} body${inTail(event)}: ${event.text}`;
    case 'http-end':
      return `${place(event)} end of the response${event.error === undefined ? '' : `: ${event.error}`}`;
    default:
      return assertNever(event);
  }
}

/** `[7 #2 +1.25 ms]`: the seventh request, on connection 2, 1.25 ms after it was asked for. */
function place(event: { request: number; at: number; connection?: number }): string {
  const connection = event.connection ? ` #${event.connection}` : '';
  return `[${event.request}${connection} +${formatMs(event.at)}]`;
}

function inTail(event: { tail: boolean }): string {
  return event.tail ? ' (after the response)' : '';
}

function formatHeaders(headers: Readonly<Record<string, string | string[]>>): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (Array.isArray(value)) for (const one of value) lines += `\n    ${name}: ${one}`;
    else lines += `\n    ${name}: ${value}`;
  }
  return lines;
}

const PHASES = [
  ['queued', 'queued'],
  ['connect', 'connect'],
  ['sent', 'sent'],
  ['headers', 'headers'],
  ['firstEvent', 'first event'],
  ['response', 'response'],
] as const satisfies readonly (readonly [keyof RequestTiming, string])[];

/** `queued 0.01 · sent 0.10 · headers 0.52 …`, in milliseconds; phases that took no time are left out. */
export function formatPhases(timing: RequestTiming): string {
  return PHASES.filter(([phase]) => timing[phase] >= 0.005)
    .map(([phase, label]) => `${label} ${timing[phase].toFixed(2)}`)
    .join(' · ');
}
