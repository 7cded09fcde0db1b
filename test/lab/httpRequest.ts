export interface HttpRequest {
  readonly httpMethod: string;
  readonly path: string;
  /** Names in lower case; a repeated header is joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;

/**
 * Cuts the bytes of one connection into requests. node's own HTTP server would do that too, but it also owns the
 * writing side, and the lab's whole point is to decide each write to the socket itself.
 */
export class RequestReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** Every request that `chunk` completes. Throws on what is not HTTP/1.1 with a Content-Length. */
  *read(chunk: Buffer): Generator<HttpRequest> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (true) {
      const end = this.#bytes.indexOf(HEAD_END);
      if (end === -1) {
        if (this.#bytes.length > MAX_HEAD_BYTES) throw new Error('the head of a request never ends');
        return;
      }
      const head = parseHead(this.#bytes.toString('latin1', 0, end));
      const bodyStart = end + HEAD_END.length;
      const bodyEnd = bodyStart + bodyLength(head.headers);
      if (this.#bytes.length < bodyEnd) return;
      const body = this.#bytes.toString('utf8', bodyStart, bodyEnd);
      this.#bytes = this.#bytes.subarray(bodyEnd);
      yield { ...head, body };
    }
  }
}

function parseHead(text: string): Omit<HttpRequest, 'body'> {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const [, httpMethod, path] = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(requestLine) ?? [];
  if (httpMethod === undefined || path === undefined) throw new Error(`not HTTP/1.1: ${requestLine}`);
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header: ${line}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return { httpMethod, path, headers };
}

function bodyLength(headers: Readonly<Record<string, string>>): number {
  if (headers['transfer-encoding'] !== undefined) {
    throw new Error('the lab reads bodies with a Content-Length only');
  }
  return Number(headers['content-length'] ?? 0);
}
