import type { IncomingMessage } from 'node:http';

type Body =
  | { readonly kind: 'complete'; readonly text: string }
  | { readonly kind: 'too-large' }
  /** The client went away, so there is nobody to answer. */
  | { readonly kind: 'aborted' };

/**
 * Reads a request's body of at most `maxBytes`.
 * What exceeds the bound is still taken from the socket and dropped: closing it instead would reset the connection,
 * and the client would see that rather than the answer. Node's `requestTimeout` bounds how long this can go on.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        chunks.length = 0;
        resolve({ kind: 'too-large' });
      }
    });
    request.on('end', () => resolve({ kind: 'complete', text: Buffer.concat(chunks).toString('utf8') }));
    request.on('close', () => resolve({ kind: 'aborted' }));
    request.on('error', () => resolve({ kind: 'aborted' }));
  });
}
