import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { SCHEMA_UNCHECKED } from './jsonrpc.ts';
import { type RawAnswer, RawBody, type RawExchange, RawRequests } from './rawClient.ts';

/** node's own HTTP/2 client and nothing else. One connection; a test that wants another makes another client. */
export class RawHttp2Client extends RawRequests {
  readonly session: ClientHttp2Session;
  readonly #path: string;

  /** `ca`: PEM of the authority to trust. */
  constructor(url: string, ca: string) {
    super();
    this.#path = new URL(url).pathname;
    this.session = connect(url, { ca });
    // What breaks the connection also fails the requests on it.
    this.session.on('error', () => {});
  }

  override http(method: string, headers: Record<string, string>, sentBody = ''): RawExchange {
    const head = { ':method': method, ':path': this.#path, [SCHEMA_UNCHECKED]: 'raw client', ...headers };
    const stream = this.session.request(head, { endStream: sentBody === '' });
    const sentAt = performance.now();
    const body = new RawBody();
    stream.on('data', (piece: Buffer) => body.add(piece));
    let answered: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
    let headMs = Number.NaN;
    stream.once('response', (head) => {
      answered = head;
      headMs = performance.now() - sentAt;
    });
    const answer = async (): Promise<RawAnswer> => {
      await once(stream, 'close');
      const endMs = performance.now() - sentAt;
      // Where the connection goes away in mid-body the stream ends without an error: only its code tells.
      if (answered === undefined || stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
        throw new Error(`the stream closed with code ${stream.rstCode}`);
      }
      const { ':status': status = 0, ...headers } = answered;
      const { pieces, firstPieceAt } = body;
      return {
        status,
        headers,
        pieces,
        body: body.text(),
        headMs,
        firstPieceMs: firstPieceAt - sentAt,
        endMs,
      };
    };
    const end = answer();
    // A test that hangs up does not ask how it ended.
    end.catch(() => {});
    stream.on('error', () => {});
    if (sentBody !== '') stream.end(sentBody);
    return {
      text: () => body.text(),
      until: (part) => body.until(part, end),
      end,
      abort: () => stream.close(constants.NGHTTP2_CANCEL),
    };
  }

  close(): void {
    this.session.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
