import { request } from 'node:http';
import { pipeline } from 'node:stream';
import { type ReverseProxy, startReverseProxy } from './reverseProxy.ts';

export interface CuttingProxyOptions {
  /** Its read time-out. */
  readonly silentMs: number;
  /** How a response ends that has begun. Some proxies end it as if it were whole. */
  readonly how?: 'cut' | 'end';
}

/** What nginx answers where a server does not. */
const GATEWAY_TIMEOUT =
  '<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n';

/**
 * A reverse proxy that waits for the server as long as its read time-out says: then it answers 504, or ends the response where
 * it is.
 */
export function startCuttingProxy(
  target: string,
  { silentMs, how = 'cut' }: CuttingProxyOptions,
): Promise<ReverseProxy> {
  const { hostname, port: upstream } = new URL(target);
  return startReverseProxy(target, (asked, answer) => {
    const { url: path, method, headers } = asked;
    const passed = request({ hostname, port: upstream, path, method, headers, agent: false });
    passed.once('error', () => answer.destroy());
    passed.setTimeout(silentMs, () => {
      if (answer.headersSent) return;
      answer.writeHead(504, { 'content-type': 'text/html' }).end(GATEWAY_TIMEOUT);
      passed.destroy();
    });
    passed.once('response', (response) => {
      response.setTimeout(silentMs, () => {
        if (how === 'end') answer.end();
        response.destroy(new Error('silent for too long'));
      });
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      response.pipe(answer);
      response.once('error', () => how === 'cut' && answer.destroy());
    });
    answer.once('close', () => passed.destroy());
    pipeline(asked, passed, () => undefined);
  });
}
