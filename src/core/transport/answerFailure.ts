import { isSluiceError, SluiceError } from '../errors.ts';
import type { ExchangeMarks } from '../http/exchange.ts';
import { excerpt } from '../jsonrpc/excerpt.ts';
import type { JsonRpcRequest, RequestId } from '../jsonrpc/message.ts';
import { describeExcess, type Excess, settingFor } from './messageBounds.ts';

/** How far an answer had come. */
export interface AnswerSoFar {
  readonly marks: ExchangeMarks;
  /** HTTP status; 0 before there is one. */
  readonly status: number;
  readonly events: number;
}

export function timedOut(
  request: JsonRpcRequest,
  timeout: number,
  { marks, status, events }: AnswerSoFar,
): SluiceError {
  const state =
    marks.assigned === undefined
      ? 'it still waited for a connection'
      : marks.headers === undefined
        ? 'the server took the request and has not begun to answer'
        : `the server opened its answer (HTTP ${status}) and sent ${events} events, none of them the response`;
  return new SluiceError('request-timeout', `${request.method} got no response in ${timeout} ms: ${state}`, {
    phase: marks.assigned === undefined ? 'queued' : marks.headers === undefined ? 'headers' : 'stream',
    delivery: marks.assigned === undefined ? 'not-sent' : 'unknown',
    hint: `Raise "requestTimeout" of this server if the call may take longer.${marks.assigned !== undefined && marks.headers === undefined ? ' A proxy that keeps an answer until it is whole looks the same, where the tool asks or reports meanwhile.' : ''}`,
  });
}

/** @param otherId that the stream had a response to instead, the first of them */
export function endedWithoutAnswer(
  request: JsonRpcRequest,
  status: number,
  otherId: RequestId | undefined,
): SluiceError {
  const other = otherId === undefined ? '' : `; it answered the id ${excerpt(otherId)} instead`;
  return new SluiceError(
    'stream-ended',
    `The server ended its answer to ${request.method} without a response to the id ${JSON.stringify(request.id)}${other}`,
    {
      phase: 'response',
      delivery: 'unknown',
      status,
      hint: 'The server may have run it. Look at its log, and at that of a proxy before it: one of them ended the stream too early.',
    },
  );
}

export function compressed(coding: string | undefined): SluiceError {
  return new SluiceError('not-mcp', `The answer is compressed (${coding}), which the request did not allow`, {
    phase: 'headers',
    delivery: 'answered',
    hint: 'Switch compression off for this path, on the server or on a proxy before it: it would delay events anyway.',
  });
}

export function cancelled(request: JsonRpcRequest, reason: unknown): SluiceError {
  // Whoever aborts with an error of ours (a disconnect, a changed setting) means that one.
  if (isSluiceError(reason)) return reason;
  return new SluiceError('cancelled', `${request.method} was cancelled`, { delivery: 'unknown' });
}

export function tooMuch(request: JsonRpcRequest, excess: Excess): SluiceError {
  const message = `The answer to ${request.method} was given up: it has ${describeExcess(excess)}`;
  if (excess.bound === 'faults')
    return new SluiceError('not-mcp', message, {
      phase: 'stream',
      delivery: 'unknown',
      hint: 'Each event’s data has to be one JSON-RPC message. The trace has what came.',
    });
  const setting = settingFor(excess);
  const larger = setting === undefined ? '' : ` or raise ${setting} (now ${excess.max}),`;
  return new SluiceError('too-large', message, {
    phase: 'stream',
    delivery: 'answered',
    hint: `Ask for less,${larger} or let the server page its result or give a resource link to it.`,
  });
}

/** @param what the content type of the body, or the part of it that has a `problem` */
export function notMcp(status: number, what: string, body: string, problem?: string): SluiceError {
  // A slice would keep all of the body alive for as long as somebody keeps the error.
  const beginning = body.length > 200 ? `${Buffer.from(body.slice(0, 200)).toString()}…` : body;
  const found =
    problem === undefined
      ? `HTTP ${status} with ${what === '' ? 'no content type' : what}${body === '' ? ' and no body' : ''}`
      : `${what}, but ${problem}`;
  return new SluiceError(
    'not-mcp',
    `The answer is no MCP message: ${found}${beginning === '' ? '' : `: ${beginning}`}`,
    {
      phase: 'response',
      // "The request has been accepted for processing, but the processing has not been completed" (RFC 9110, 15.3.3).
      delivery: status === 202 ? 'unknown' : 'answered',
      status,
      hint: 'A request must be answered with application/json or text/event-stream. Check that the URL is an MCP endpoint.',
    },
  );
}
