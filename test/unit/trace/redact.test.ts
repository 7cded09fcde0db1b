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

  it('a session id keeps its first characters, to be told from another', () => {
    expect(createRedactor([])(request({ 'mcp-session-id': '1868a90c-0000-4000' }))).toMatchObject({
      headers: { 'mcp-session-id': '1868a90c••••' },
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
});
