import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createRedactor, MAX_TEXT } from '../../../src/core/trace/redact.ts';
import type { TraceEvent } from '../../../src/core/trace/traceEvent.ts';

const at = { server: 's', time: 0, request: 1, connection: 1, at: 0 };
const request = (headers: Record<string, string>, url = 'http://h/mcp'): TraceEvent => ({
  ...at,
  kind: 'http-request',
  method: 'POST',
  url,
  headers,
  bytes: 0,
});
const received = (data: string): TraceEvent => ({
  ...at,
  kind: 'sse-event',
  event: 'message',
  data,
  tail: false,
});

describe('before the first sink', () => {
  it('credentials in headers are masked, and their scheme is kept', () => {
    const masked = createRedactor([])(
      request({
        authorization: 'Bearer abc.def',
        cookie: 'a=b',
        'x-api-key': 'k',
        'x-auth-token': 't',
        accept: 'text/html',
      }),
    );
    expect(masked).toMatchObject({
      headers: {
        authorization: 'Bearer ••••',
        cookie: '••••',
        'x-api-key': '••••',
        'x-auth-token': '••••',
        accept: 'text/html',
      },
    });
  });

  it('headers of the settings are masked, but for those that carry no credential', () => {
    const configured = {
      'X-Whatever': 'v',
      Authorization: 'Splunk v',
      'X-Request-Id': 'v',
      Traceparent: 'v',
    };
    const sent = Object.fromEntries(
      Object.entries(configured).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(createRedactor([], { configured })(request({ ...sent, 'x-own': 'v' }))).toMatchObject({
      headers: {
        'x-whatever': '••••',
        authorization: '••••',
        'x-request-id': 'v',
        traceparent: 'v',
        'x-own': 'v',
      },
    });
  });

  it('headers of a response are shown, but for those that are named like a credential', () => {
    const shown = {
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, x-api-key',
      'www-authenticate': 'Bearer realm="x", error="invalid_token", scope="a b"',
      'x-ratelimit-remaining-tokens': '149984',
      'surrogate-key': 'a b',
      'sec-token-binding': 'x',
      etag: '"token"',
      'x-whatever': 'v',
    };
    const hidden = { 'set-cookie': ['sid=1; Path=/', 'b=2'], 'x-auth-token': 'v', 'x-csrf-token': 'v' };
    const answer: TraceEvent = {
      ...at,
      kind: 'http-response',
      status: 200,
      headers: {
        ...shown,
        ...hidden,
        location: '/x?token=v',
        'proxy-authenticate': 'Negotiate YIIJvwYGKwYBBQUCoIIJ',
      },
    };
    expect(createRedactor([], { configured: { 'X-Whatever': 'v' } })(answer)).toMatchObject({
      headers: {
        ...shown,
        'set-cookie': ['••••', '••••'],
        'x-auth-token': '••••',
        'x-csrf-token': '••••',
        location: '/x?token=••••',
        'proxy-authenticate': 'Negotiate ••••',
      },
    });
  });

  it('a header is masked where the settings set it, although a response has the same one with the same value', () => {
    const redact = createRedactor([], { configured: { 'x-team': 'v' } });
    const answer: TraceEvent = { ...at, kind: 'http-response', status: 200, headers: { 'x-team': 'v' } };
    expect([redact(answer), redact(request({ 'x-team': 'v' })), redact(answer)]).toMatchObject([
      { headers: { 'x-team': 'v' } },
      { headers: { 'x-team': '••••' } },
      { headers: { 'x-team': 'v' } },
    ]);
  });

  it('each text of an event is masked, however deep it is', () => {
    const redact = createRedactor(['s3cret']);
    const on = { server: 's', time: 0 };
    const error = { code: 'connection-lost', message: 'x s3cret' } as const;
    const shown = { code: 'connection-lost', message: 'x ••••' };
    // No such finding, and no such wire: a text that gets there one day is to be masked as well.
    const findings = [{ kind: 'closes', closed: 1, all: 1, why: 'says s3cret', of: 'rests' }] as never;
    expect(redact({ ...on, kind: 'learnt', findings })).toMatchObject({
      findings: [{ kind: 'closes', closed: 1, why: 'says ••••', of: 'rests' }],
    });
    const implementation = { name: 'x s3cret', version: '1' };
    expect(
      redact({ ...on, kind: 'state', state: 'connected', protocolVersion: 's3cret', implementation }),
    ).toMatchObject({ protocolVersion: '••••', implementation: { name: 'x ••••', version: '1' } });
    expect(redact({ ...on, kind: 'state', state: 'failed', error })).toMatchObject({ error: shown });
    const call: TraceEvent = {
      ...on,
      kind: 'call',
      call: 1,
      title: 'tools/call s3cret',
      initiator: { kind: 'extension', id: 'a.s3cret' },
      outcome: 'error',
      ms: 1,
      requests: [1, 2],
      wire: { connection: 1, origin: 's3cret' as never, use: 1, httpVersion: '2', status: 200, body: 'sse' },
      error,
    };
    expect(redact(call)).toMatchObject({
      title: 'tools/call ••••',
      initiator: { kind: 'extension', id: 'a.••••' },
      requests: [1, 2],
      wire: { origin: '••••', httpVersion: '2', status: 200, body: 'sse' },
      error: shown,
    });
    const connection = { ...on, kind: 'connection', connection: 1, ms: 1 } as const;
    const way = { origin: 'https://s3cret.example', via: 'http://me:pass@proxy/s3cret' };
    expect(redact({ ...connection, change: 'opened', ...way, httpVersion: '1.1' })).toMatchObject({
      origin: 'https://••••.example',
      via: 'http://••••@proxy/••••',
      httpVersion: '1.1',
    });
    expect(redact({ ...connection, change: 'failed', error })).toMatchObject({ error: shown });
    expect(redact({ ...at, kind: 'http-end', how: 'error', error })).toMatchObject({ error: shown });
  });

  it('a session id keeps its ends, to be found in the log of the server', () => {
    const shown = {
      '1868a90c-0000-4000-8000-00000000beef': '1868a90c••••beef',
      '1868a90c-0000-4000': '••••4000',
      's-000017': '••••0017',
      's-17': '••••',
    };
    for (const [id, ends] of Object.entries(shown))
      expect(createRedactor([])(request({ 'mcp-session-id': id }))).toMatchObject({
        headers: { 'mcp-session-id': ends },
      });
  });

  it('a session that is named in a URL is masked, as the endpoint of HTTP+SSE has it', () => {
    const redact = createRedactor([]);
    expect(redact(received('/messages?sessionId=1868a90c'))).toMatchObject({
      data: '/messages?sessionId=••••',
    });
    expect(redact(request({}, 'http://h/m?a=1&session_id=1868a90c&b=2'))).toMatchObject({
      url: 'http://h/m?a=1&session_id=••••&b=2',
    });
  });

  it('a parameter of a URL is masked by what its name ends with', () => {
    const url = 'http://h/m?auth_token=a&X-Amz-Signature=b&page=c&apiSecret=d&monkey=e';
    expect(createRedactor([])(request({}, url))).toMatchObject({
      url: 'http://h/m?auth_token=••••&X-Amz-Signature=••••&page=c&apiSecret=••••&monkey=e',
    });
  });

  it('secrets of the settings are masked wherever they stand, also escaped in JSON', () => {
    const redact = createRedactor(['s3cret"value']);
    expect(JSON.stringify(redact(received('{"echo":"s3cret\\"value"}')))).not.toContain('s3cret');
    expect(JSON.stringify(redact(request({ 'x-mine': 'a s3cret"value b' })))).not.toContain('s3cret');
  });

  it('the longer of two secrets is masked first', () => {
    expect(createRedactor(['abcd', 'abcdefgh'])(received('abcdefgh'))).toMatchObject({ data: '••••' });
  });

  it('tokens in URLs and in token answers are masked', () => {
    const redact = createRedactor([]);
    expect(redact(request({}, 'https://u:p@h/mcp?token=abc&x=1'))).toMatchObject({
      url: 'https://••••@h/mcp?token=••••&x=1',
    });
    expect(redact(received('{"access_token":"abc","scope":"x"}'))).toMatchObject({
      data: '{"access_token":"••••","scope":"x"}',
    });
  });

  it('a long text is bounded, and a secret that the bound cuts in two is masked all the same', () => {
    const secret = 'topsecretvalue';
    const masked = createRedactor([secret])(
      received(`${'x'.repeat(MAX_TEXT - 5)}${secret}${'y'.repeat(500)}`),
    );
    const data = (masked as { data: string }).data;
    expect(data).not.toContain('topse');
    expect(data).toMatch(/… \(\d+ more characters\)$/);
    expect(data.length).toBeLessThan(MAX_TEXT + 50);
  });

  it('wherever the bound falls in a secret, no part of it is left, however often it was masked before', () => {
    const secret = 'topsecretvalue';
    const redact = createRedactor([secret]);
    for (let before = 0; before <= secret.length; before++) {
      const lead = `${`${secret} `.repeat(1_000)}${'x'.repeat(MAX_TEXT)}`.slice(0, MAX_TEXT - before);
      const { data } = redact(received(`${lead}${secret.repeat(50)}`)) as { data: string };
      expect(data.split('…')[0]).toMatch(/^[• x]*$/);
    }
  });

  it('where the bound falls into two secrets that overlap, neither shows', () => {
    const text = `${'x'.repeat(MAX_TEXT - 8)}first-and-second${'y'.repeat(500)}`;
    const { data } = createRedactor(['first-an', 'and-second'])(received(text)) as { data: string };
    expect(data).toMatch(/x… \(516 more characters\)$/);
  });

  it('a password in a URL that the bound cuts before its end is masked', () => {
    const text = `${'x'.repeat(MAX_TEXT - 15)} https://me:pass-word@host/${'y'.repeat(500)}`;
    const { data } = createRedactor([])(received(text)) as { data: string };
    expect(data).toMatch(/ https:\/\/••••… \(\d+ more characters\)$/);
  });

  it('a long text that was bounded is not kept alive by what is left of it', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const redact = createRedactor(['secret']);
    const kept = Array.from({ length: 4 }, (_, n) => redact(received(`${n}`.repeat(16 * 1024 * 1024))));
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
    expect(kept).toHaveLength(4);
  });
});
