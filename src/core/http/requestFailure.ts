import { isSluiceError, SluiceError, type SluiceErrorCode } from '../errors.ts';
import { clientCertificateFailure } from './clientCertificateFailure.ts';
import { STREAM_RESET } from './connection.ts';

/**
 * Turns what a connection reports for a request that was written into one coded error.
 * @param gotHeaders whether the response had begun
 */
export function requestFailure(cause: Error, gotHeaders: boolean): SluiceError {
  if (isSluiceError(cause)) return cause;
  const refused = gotHeaders ? undefined : clientCertificateFailure(cause);
  if (refused !== undefined) return refused;
  const code = (cause as NodeJS.ErrnoException).code;
  const phase = gotHeaders ? 'stream' : 'headers';
  if (isParserFault(cause, gotHeaders)) {
    const speaksTls = String((cause as { data?: unknown }).data ?? '').startsWith(TLS_ALERT);
    const what = speaksTls ? 'the port speaks TLS' : parserReason(cause);
    return new SluiceError('not-mcp', `The server’s answer is not HTTP/1.1: ${what}`, {
      phase,
      delivery: 'answered',
      hint: speaksTls
        ? 'Write https:// in place of http:// in the URL of this server.'
        : 'Check that the URL’s port is the one of the MCP server, and https:// against http://. If it is, the server or a proxy before it writes what HTTP clients refuse.',
      cause,
    });
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new SluiceError('too-large', 'The headers of the response are larger than 16 KiB', {
      phase,
      delivery: 'answered',
      hint: 'The server sends more headers than HTTP clients accept: look at its cookies and tokens.',
      cause,
    });
  }
  if (code === STREAM_RESET && !gotHeaders && cause.message === 'PROTOCOL_ERROR')
    return new SluiceError('connection-lost', 'The answer broke the rules of HTTP/2 (PROTOCOL_ERROR)', {
      phase,
      delivery: 'unknown',
      hint: 'Most often the answer has a header that HTTP/2 forbids, such as Connection, or one in capitals: the server or a proxy before it has to leave it out. Sluice goes on over HTTP/1.1, where the server speaks it. The server may have run the request.',
      cause,
    });
  const when = gotHeaders ? 'in the middle of its answer' : 'without answering';
  const what = code === STREAM_RESET ? 'reset the request’s stream' : 'closed the connection';
  return new SluiceError('connection-lost', `The server ${what} ${when} (${reason(cause)})`, {
    phase,
    delivery: 'unknown',
    hint: 'The server may have run the request. Look at its log before you send it again.',
    cause,
  });
}

/** The first bytes of an alert of TLS. */
const TLS_ALERT = '\u0015\u0003';

/** What came is no response. A length that is not kept after the headers is a response that was cut. */
function isParserFault(cause: Error, gotHeaders: boolean): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  if (cause.name === 'HTTPParserError' || code?.startsWith('HPE_') === true) return true;
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return !gotHeaders;
  return code === 'UND_ERR_SOCKET' && /^bad (?:response|upgrade)$/.test(cause.message);
}

/** Without the sentence that undici puts around it. */
function parserReason({ message, name }: Error): string {
  if (name === 'ResponseContentLengthMismatchError')
    return 'its length is given twice, by Content-Length and in another way';
  return /\((.+)\)$/.exec(message)?.[1] ?? message;
}

/** The request cannot be written: a header or the path has characters that HTTP does not allow. */
export function illegalRequest(cause: Error): SluiceError {
  return new SluiceError('config-invalid', `The request cannot be written as HTTP: ${cause.message}`, {
    phase: 'sent',
    delivery: 'not-sent',
    hint: 'Check the "headers" and the "url" of this server.',
    cause,
  });
}

/** What the answer was given to has thrown: a fault of ours, and the server's answer is lost by it. */
export function unhandledAnswer(cause: unknown): SluiceError {
  return new SluiceError('internal', `The answer could not be handled: ${String(cause)}`, {
    phase: 'stream',
    delivery: 'unknown',
    cause,
  });
}

/** What a caller's dispatcher gives up before the request was written: it could not connect, or was closed. */
export function refusedByDispatcher(cause: Error): SluiceError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new SluiceError(
    DISPATCHER_CODES[code] ?? 'connect-failed',
    `The dispatcher did not take the request: ${reason(cause)}`,
    {
      phase: 'connect',
      delivery: 'not-sent',
      hint: 'The dispatcher is the one that this connection was given: look at its state and its options.',
      cause,
    },
  );
}

const DISPATCHER_CODES: Readonly<Record<string, SluiceErrorCode>> = {
  ECONNREFUSED: 'connect-refused',
  ENOTFOUND: 'dns-failed',
  EAI_AGAIN: 'dns-failed',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
};

function reason(cause: Error): string {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === undefined || code === 'UND_ERR_SOCKET' || code === STREAM_RESET ? cause.message : code;
}
