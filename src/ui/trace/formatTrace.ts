import { assertNever } from '../../core/errors.ts';
import type { Finding } from '../../core/metrics/finding.ts';
import type { RequestTiming, WireInfo } from '../../core/metrics/requestTiming.ts';
import type { ConnectionChange, TracedError, TraceEvent } from '../../core/trace/traceEvent.ts';
import { type LogLines, LogText, log } from '../surfaces/logText.ts';
import { describeFinding } from '../text/describeFinding.ts';
import { formatMs } from '../text/formatMs.ts';
import { PHASE_WORDS, PHASES } from '../text/phases.ts';

/**
 * One event as text for a log: one line, and one more for each header or finding. It has no time of its own: logs add
 * theirs. No text of an event can make another line, or hide a part of its own.
 */
export function formatTraceEvent(event: TraceEvent): LogLines {
  return layOut(event).lines;
}

function layOut(event: TraceEvent): LogText {
  switch (event.kind) {
    case 'call': {
      const { title, outcome, ms, wire, timing, error } = event;
      const carried = wire === undefined ? '' : log` · ${formatCarrier(wire)}`;
      const phases = timing === undefined ? '' : log` · ${formatPhases(timing)}`;
      return log`${title}: ${outcome} in ${formatMs(ms)}${carried}${phases}${error === undefined ? '' : log` · ${formatError(error)}`}`;
    }
    case 'state':
      return formatState(event);
    case 'warning':
      return log`${event.message}`;
    case 'learnt':
      return formatFindings(event.findings);
    case 'message':
      // Which connection carries it, the drain says.
      return log`${place({ ...event, connection: 0 })} ${event.direction === 'sent' ? '→' : '←'} ${event.json}`;
    case 'connection':
      return log`connection #${event.connection} ${event.change}${lasted(event)}: ${formatChange(event)}`;
    case 'drain':
      return log`${place(event)} drain: ${event.report.outcome} after ${formatMs(event.report.ms)}, ${event.report.bytes} bytes`;
    case 'http-request':
      return log`${place(event)} ${event.method} ${event.url} (${event.bytes} bytes)${formatHeaders(event.headers)}`;
    case 'http-response':
      return log`${place(event)} HTTP ${event.status}${formatHeaders(event.headers)}`;
    case 'sse-event':
      return log`${place(event)} event ${event.event}${event.id === undefined ? '' : log` id ${event.id}`}${inTail(event)}: ${event.data}`;
    case 'sse-comment':
      return log`${place(event)} comment${inTail(event)}: ${event.comment}`;
    case 'sse-retry':
      return log`${place(event)} retry: ${event.ms} ms`;
    case 'http-body':
      return log`${place(event)} body${inTail(event)}: ${event.text}`;
    case 'http-end':
      return log`${place(event)} end of the response${event.error === undefined ? '' : log`: ${event.error.message}`}`;
    default:
      return assertNever(event);
  }
}

/** `[7 #2 +1.25 ms]`: the seventh request, on connection 2, 1.25 ms after it was asked for. */
function place(event: { request: number; at: number; connection: number }): LogText {
  const connection = event.connection === 0 ? '' : log` #${event.connection}`;
  return log`[${event.request}${connection} +${formatMs(event.at)}]`;
}

function inTail(event: { tail: boolean }): string {
  return event.tail ? ' (after the response)' : '';
}

function lasted({ change, ms }: Extract<TraceEvent, { kind: 'connection' }>): string {
  return change === 'closed' ? `, was open for ${formatMs(ms)}` : ` in ${formatMs(ms)}`;
}

function formatCarrier({ connection, origin, body }: WireInfo): LogText {
  return log`#${connection} ${origin}, ${body === 'sse' ? 'SSE' : 'JSON'}`;
}

function formatError({ code, message }: TracedError): LogText {
  return log`${message} [${code}]`;
}

function formatState(event: Extract<TraceEvent, { kind: 'state' }>): LogText {
  switch (event.state) {
    case 'connected': {
      const { implementation, protocolVersion } = event;
      const who = implementation === undefined ? '' : log` ${implementation.name} ${implementation.version}`;
      return log`connected: protocol ${protocolVersion}${who}`;
    }
    case 'failed':
      return log`failed: ${formatError(event.error)}`;
    default:
      return log`${event.state}`;
  }
}

function formatChange(event: ConnectionChange): LogText {
  switch (event.change) {
    case 'opened': {
      const { origin, via, httpVersion } = event;
      return log`${origin}${via === undefined ? '' : log` by way of ${via}`}${httpVersion === '2' ? ', HTTP/2' : ''}`;
    }
    case 'closed':
      return log`after ${event.uses} requests`;
    case 'failed':
      return log`${event.error.message}`;
  }
}

function formatFindings(findings: readonly Finding[]): LogText {
  const [first, ...others] = findings.map(describeFinding);
  if (first === undefined) return log`learnt: its connections need nothing special any more`;
  return others.reduce(
    (lines, finding) => log`${lines}\nlearnt: this server ${finding}`,
    log`learnt: this server ${first}`,
  );
}

function formatHeaders(headers: Readonly<Record<string, string | string[]>>): LogText {
  const parts: string[] = [];
  const texts: string[] = [];
  for (const name in headers) {
    const value = headers[name] ?? '';
    for (const one of typeof value === 'string' ? [value] : value) {
      parts.push('\n    ', ': ');
      texts.push(name, one);
    }
  }
  return LogText.of(parts, texts);
}

/** `queued 0.01 · sent 0.10 · headers 0.52 …`, in milliseconds; phases that took no time are left out. */
export function formatPhases(timing: RequestTiming): string {
  return PHASES.filter((phase) => timing[phase] >= 0.005)
    .map((phase) => `${PHASE_WORDS[phase]} ${timing[phase].toFixed(2)}`)
    .join(' · ');
}
