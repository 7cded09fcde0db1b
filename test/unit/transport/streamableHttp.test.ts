import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import type { SluiceError } from '../../../src/core/errors.ts';
import { systemClock } from '../../../src/core/metrics/clock.ts';
import { Tracer } from '../../../src/core/trace/tracer.ts';
import { CallLog } from '../../../src/core/transport/callLog.ts';
import { HttpClient } from '../../../src/core/transport/httpClient.ts';
import { StreamableHttp } from '../../../src/core/transport/streamableHttp.ts';
import type { SendOptions } from '../../../src/core/transport/transport.ts';
import { lose, type OnRequest, poolOf, respond } from '../http/fakePool.ts';

/** Sends a request to a server of which the test is the pen; gives the paths that were asked. */
function send(onRequest: OnRequest, options: Partial<SendOptions> = {}) {
  const paths: string[] = [];
  const { pool } = poolOf((connection, handler, request) => {
    paths.push(request.path);
    // Without an end it would be a loop: the test says so rather than hang.
    if (paths.length > 50) throw new Error('asked without end');
    onRequest(connection, handler, request);
  });
  const clock = systemClock;
  const tracer = new Tracer({ server: 'it', clock, level: () => 'off', sink: () => undefined, secrets: [] });
  const http = new HttpClient({ headers: {}, pool, tracer, clock });
  const transport = new StreamableHttp(http, new URL('http://h/mcp')).transport(undefined);
  const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: {} } as const;
  const sent = transport.send(request, {
    timeout: 5_000,
    call: new CallLog(),
    ...options,
  });
  const failure = sent.then(
    () => undefined,
    (error: SluiceError) => error,
  );
  return { failure, paths };
}

const reissue = () => ({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: {} }) as const;

describe('a request that is lost with its connection', () => {
  it('is repeated once where it may be, however often it is lost', async () => {
    const { failure, paths } = send(lose, { reissue });
    expect(await failure).toMatchObject({ code: 'connection-lost', delivery: 'unknown' });
    expect(paths).toHaveLength(2);
  });

  it('is never repeated where it may run once only', async () => {
    const { failure, paths } = send(lose);
    expect(await failure).toMatchObject({ code: 'connection-lost', delivery: 'unknown' });
    expect(paths).toHaveLength(1);
  });

  it.each([408, 500, 502, 503, 504, 520])('is not repeated for a %i: it may have run', async (status) => {
    const { failure, paths } = send((_, handler) => respond(handler, status, {}), { reissue });
    expect((await failure)?.status).toBe(status);
    expect(paths).toHaveLength(1);
  });
});

describe('a redirect', () => {
  const to =
    (location: string, status = 307) =>
    (_: unknown, handler: Dispatcher.DispatchHandler) =>
      respond(handler, status, { location });

  it('within the origin is followed five times, and no more', async () => {
    const { failure, paths } = send(to('/next'));
    expect(await failure).toMatchObject({ code: 'redirected', delivery: 'answered' });
    expect(paths).toEqual(['/mcp', ...Array.from({ length: 5 }, () => '/next')]);
  });

  it.each(['http://other/mcp', 'https://h/mcp', 'http://h:8080/mcp', 'http://h.other/mcp', '//other/mcp'])(
    'to another origin is not followed: %s',
    async (location) => {
      const { failure, paths } = send(to(location));
      expect(await failure).toMatchObject({ code: 'redirected' });
      expect(paths).toEqual(['/mcp']);
    },
  );

  it.each([300, 301, 302, 303, 304])(
    '%i is not followed: it would make a GET of the request',
    async (status) => {
      const { failure, paths } = send(to('/next', status));
      expect(await failure).toMatchObject({ code: 'redirected', status });
      expect(paths).toEqual(['/mcp']);
    },
  );
});
