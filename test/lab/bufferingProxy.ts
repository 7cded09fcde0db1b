import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type ReverseProxy, startReverseProxy } from './reverseProxy.ts';

/** A reverse proxy as nginx is by default: it passes a response on when it has all of it. */
export function startBufferingProxy(target: string): Promise<ReverseProxy> {
  return startReverseProxy(target, async (asked, answer) => {
    const body = await buffer(asked);
    const { path, ...place } = urlParts(target, asked.url);
    const passed = request({ ...place, path, method: asked.method, headers: asked.headers });
    passed.once('error', () => answer.destroy());
    passed.once('response', async (response) => {
      const whole = await buffer(response);
      const { 'transfer-encoding': _, connection: __, ...headers } = response.headers;
      answer.writeHead(response.statusCode ?? 502, {
        ...headers,
        via: '1.1 buffering',
        'content-length': whole.length,
      });
      answer.end(whole);
    });
    passed.end(body);
  });
}

function urlParts(target: string, path = '/'): { hostname: string; port: string; path: string } {
  const { hostname, port } = new URL(target);
  return { hostname, port, path };
}
