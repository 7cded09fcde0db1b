import { isSluiceError, SluiceError } from '../errors.ts';
import type { ExchangeMarks } from '../http/observation.ts';
import type { JsonRpcRequest } from '../jsonrpc/message.ts';
import { describeExcess, type Excess, settingFor } from './messageBounds.ts';
import type { MessageSource } from './messageSource.ts';

/**
 * The connection was lost before the answer had come. A proxy tells that by a proper end as well; where the rest was asked
 * for, the server has said that it ran.
 */
export function isAnswerLost(error: unknown): boolean {
  if (!isSluiceError(error)) return false;
  return error.code === 'connection-lost' || (error.code === 'stream-ended' && error.phase === 'response');
}

/** How far an answer had come. */
export interface AnswerSoFar {
  readonly marks: ExchangeMarks;
  /** HTTP status; 0 before there is one. */
  readonly status: number;
  readonly events: number;
  readonly body: MessageSource['body'];
  /** Without TLS, so that a port which wants it may only wait. */
  readonly isPlain: boolean;
  /** What came in the response's place, as a part of a sentence; empty where nothing did. */
  readonly instead: string;
}

export function timedOut(request: JsonRpcRequest, timeout: number, soFar: AnswerSoFar): SluiceError {
  const { marks, status, events, body, instead } = soFar;
  const state =
    marks.assigned === undefined
      ? 'it still waited for a connection'
      : marks.headers === undefined
        ? 'the server took the request and has not begun to answer'
        : status === 202
          ? `the server accepted it (HTTP 202) and sent no response, neither in its answer nor on its own stream`
          : body === 'sse'
            ? `the server opened its answer (HTTP ${status}) and sent ${sentInstead(events)}`
            : `the server opened its answer (HTTP ${status}) and did not end it`;
  return new SluiceError(
    'request-timeout',
    `${request.method} got no response in ${timeout} ms: ${state}${instead}`,
    {
      phase: marks.assigned === undefined ? 'queued' : marks.headers === undefined ? 'headers' : 'stream',
      delivery: marks.assigned === undefined ? 'not-sent' : 'unknown',
      hint: `Raise "requestTimeout" of this server if the call may take longer.${whatElse(request, soFar)}`,
    },
  );
}

function sentInstead(events: number): string {
  if (events === 0) return 'no event';
  return events === 1
    ? 'one event, which is not the response'
    : `${events} events, none of them the response`;
}

/** What else may be behind a request that was taken and not answered. */
function whatElse({ method }: JsonRpcRequest, { marks, isPlain }: AnswerSoFar): string {
  if (marks.assigned === undefined || marks.headers !== undefined) return '';
  if (isPlain && CONNECTING.has(method))
    return ' If its port speaks TLS, write https:// in place of http:// in its URL.';
  return ' A proxy that buffers the answer until it is complete looks the same, if the tool asks or reports something meanwhile.';
}

/** The first requests of a connection: nothing has come from the server before. */
const CONNECTING: ReadonlySet<string> = new Set(['server/discover', 'initialize']);

/** @param instead what came in the response's place, as a part of a sentence */
export function endedWithoutAnswer(request: JsonRpcRequest, status: number, instead: string): SluiceError {
  return new SluiceError(
    'stream-ended',
    `The server ended its answer to ${request.method} without a response to the id ${JSON.stringify(request.id)}${instead}`,
    {
      phase: 'response',
      delivery: 'unknown',
      status,
      hint: 'The server may have run it. Look at its log, and at the log of a proxy in front of it: one of them ended the stream too early.',
    },
  );
}

/** @param problem what is wrong with the compressed bytes; undefined where the coding is not known */
export function compressed(coding: string, problem?: Error): SluiceError {
  const why =
    problem === undefined ? 'in a way that Sluice does not know' : `and cannot be read: ${problem.message}`;
  return new SluiceError('not-mcp', `The answer is compressed (${coding}), ${why}`, {
    phase: 'headers',
    delivery: 'answered',
    hint: 'Switch compression off for this path, on the server or on a proxy before it: the request does not allow it, and it delays events.',
    ...(problem === undefined ? {} : { cause: problem }),
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
      hint: 'Each event’s data has to be one JSON-RPC message. The trace shows what came.',
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
    `The answer is not an MCP message: ${found}${beginning === '' ? '' : `: ${beginning}`}`,
    {
      phase: 'response',
      // "The request has been accepted for processing, but the processing has not been completed" (RFC 9110, 15.3.3).
      delivery: status === 202 ? 'unknown' : 'answered',
      status,
      hint:
        problem === undefined
          ? 'A request must be answered with application/json or text/event-stream. Check that the URL is an MCP endpoint.'
          : 'A response has "jsonrpc": "2.0", the "id" of its request, and either "result", an object, or "error". The fault is in the server.',
    },
  );
}
